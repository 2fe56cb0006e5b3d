import type { DuckDBConnection } from "@duckdb/node-api";
import { LOG_ANALYTICS_TABLES } from "../../kql/tables/log-analytics-tables.ts";
import type { ColumnSchema } from "../../kql/tables/table-schema.ts";
import { appendRecords, type TableRecord } from "../store/append-records.ts";

const ROWS = 24;

/** Puts a few rows into every table, so that mutated queries meet values, nulls and texts that are no JSON. */
export async function fillWithSamples(connection: DuckDBConnection, now: number): Promise<void> {
  for (const table of LOG_ANALYTICS_TABLES) {
    const records = Array.from({ length: ROWS }, (_, row): TableRecord => {
      const cells = table.columns.map((column, at) => [column.name, cellOf(column, row, row + at, now)] as const);
      return Object.fromEntries(cells.filter(([, cell]) => cell !== undefined));
    });
    await appendRecords(connection, table, records);
  }
}

const TEXTS = ["", "a", "gpt-4o", "429", "RequestResponse", "%_'\"\\", "é😀", "eastus2 prod"];
const DOCUMENTS = [
  '{"modelName":"gpt-4o","promptTokens":12,"gen_ai.request.model":"o3"}',
  '{"promptTokens":[1,2],"a":{"b":[null,1.5,"x"]}}',
  "[1,2,3]",
  "no json",
  "",
];

function cellOf({ name, type }: ColumnSchema, row: number, seed: number, now: number): unknown {
  if (name === "TimeGenerated") return new Date(now - row * 3_600_000).toISOString();
  // Every fifth value is missing.
  if (seed % 5 === 4) return undefined;
  switch (type) {
    case "string":
      return /^properties/i.test(name) ? DOCUMENTS[seed % DOCUMENTS.length] : TEXTS[seed % TEXTS.length];
    case "dynamic":
      return { m: TEXTS[seed % TEXTS.length], n: seed, "gen_ai.request.model": "o3", l: [seed, null] };
    case "datetime":
      return new Date(now - seed * 86_400_000).toISOString();
    case "bool":
      return seed % 2 === 0;
    case "real":
      return seed / 4;
    case "guid":
      return `00000000-0000-0000-0000-${String(seed).padStart(12, "0")}`;
    default:
      return seed;
  }
}
