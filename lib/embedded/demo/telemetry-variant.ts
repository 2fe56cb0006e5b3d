import type { DuckDBConnection } from "@duckdb/node-api";
import { API_MANAGEMENT_GATEWAY_LLM_LOG } from "../../kql/tables/api-management-gateway-llm-log.ts";
import { API_MANAGEMENT_GATEWAY_LOGS } from "../../kql/tables/api-management-gateway-logs.ts";
import { APP_DEPENDENCIES } from "../../kql/tables/app-dependencies.ts";
import { APP_METRICS } from "../../kql/tables/app-metrics.ts";
import { AZURE_DIAGNOSTICS } from "../../kql/tables/azure-diagnostics.ts";
import { storedTable } from "../store/create-tables.ts";

/** What a poorer tenant lacks, with a sentence for people. */
export const TELEMETRY_VARIANTS = {
  "metrics-only": "platform metrics and no log at all",
  "request-response-only": "the category RequestResponse and nothing else, with no right to read platform metrics",
  "no-gateway": "no API Management",
  "keys-only": "every caller uses an API key, nobody signs in with Entra ID",
  "basic-gateway": "the gateway's tables on the Basic plan, which cannot be asked or joined",
  "retention-30": "logs of the last 30 days only",
  "logs-only": "no right to read platform metrics",
  "two-settings": "two diagnostic settings, so every row of the accounts arrives twice",
} as const;
export type TelemetryVariant = keyof typeof TELEMETRY_VARIANTS;

const DIAGNOSTICS = storedTable(AZURE_DIAGNOSTICS);
const GATEWAY = [API_MANAGEMENT_GATEWAY_LOGS, API_MANAGEMENT_GATEWAY_LLM_LOG, APP_METRICS].map(storedTable);
const SPANS = storedTable(APP_DEPENDENCIES);
const LOGS = [DIAGNOSTICS, ...GATEWAY, SPANS];
const NO_METRICS = ["DELETE FROM stored.metric_points"];

/**
 * Appends a window of the demo and takes from it what the variant's tenant would not have sent, in the caller's transaction.
 * `until` is epoch milliseconds, from which a retention counts back.
 */
export async function appendAs(
  connection: DuckDBConnection,
  variant: TelemetryVariant | undefined,
  until: number,
  append: () => Promise<void>,
): Promise<void> {
  if (variant === undefined) return append();
  const reader = await connection.runAndReadAll(`SELECT coalesce(max(rowid), -1) FROM ${DIAGNOSTICS}`);
  const lastRow = Number(reader.getRows()[0]?.[0]);
  await append();
  for (const statement of statementsOf(variant, until, lastRow)) await connection.run(statement);
}

function statementsOf(variant: TelemetryVariant, until: number, lastRow: number): readonly string[] {
  switch (variant) {
    case "metrics-only":
      return emptied(LOGS);
    case "request-response-only":
      return [
        `DELETE FROM ${DIAGNOSTICS} WHERE "Category" <> 'RequestResponse'`,
        ...emptied([...GATEWAY, SPANS]),
        ...NO_METRICS,
      ];
    case "no-gateway":
      return emptied(GATEWAY);
    case "keys-only":
      return [
        `UPDATE ${DIAGNOSTICS} SET "~properties_s.callerObjectId" = NULL WHERE rowid > ${lastRow} AND "~properties_s.callerObjectId" IS NOT NULL`,
      ];
    case "basic-gateway":
      return [];
    case "retention-30":
      return LOGS.map(
        (table) =>
          `DELETE FROM ${table} WHERE "TimeGenerated" < make_timestamp(${until - RETENTION_MS}::BIGINT * 1000)`,
      );
    case "logs-only":
      return NO_METRICS;
    case "two-settings":
      return [`INSERT INTO ${DIAGNOSTICS} SELECT * FROM ${DIAGNOSTICS} WHERE rowid > ${lastRow}`];
  }
}

const RETENTION_MS = 30 * 86_400_000;

function emptied(tables: readonly string[]): string[] {
  return tables.map((table) => `DELETE FROM ${table}`);
}

/** Keeps which tenant this demo is, so that it grows as it began. */
export async function writeTelemetryVariant(connection: DuckDBConnection, variant: TelemetryVariant): Promise<void> {
  await connection.run(CREATE);
  await connection.run(`INSERT INTO internal.demo_variant VALUES ('${variant}')`);
}

/** The variant of the stored demo; undefined for the whole one. */
export async function readTelemetryVariant(connection: DuckDBConnection): Promise<TelemetryVariant | undefined> {
  await connection.run(CREATE);
  const reader = await connection.runAndReadAll("SELECT name FROM internal.demo_variant");
  const name = String(reader.getRows()[0]?.[0] ?? "");
  return (Object.keys(TELEMETRY_VARIANTS) as TelemetryVariant[]).find((known) => known === name);
}

const CREATE = "CREATE TABLE IF NOT EXISTS internal.demo_variant (name VARCHAR)";
