import { DuckDBInstance } from "@duckdb/node-api";
import { expect, it } from "vitest";
import { LOG_ANALYTICS_TABLES } from "../../kql/tables/log-analytics-tables.ts";
import { composedColumn, createTables, givenTextColumn, StoreVersionMismatch } from "./create-tables.ts";

it("creates every table once, with real columns first and what is hidden last", async () => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await createTables(connection);
  await createTables(connection);
  for (const table of LOG_ANALYTICS_TABLES) {
    const composed = composedColumn(table);
    const reader = await connection.runAndReadAll(
      `SELECT column_name FROM information_schema.columns WHERE table_schema = 'main' AND table_name = '${table.name}' ORDER BY ordinal_position`,
    );
    expect(reader.getRows().flat()).toEqual([
      ...table.columns.map((column) => column.name),
      ...table.shreds.map((shred) => shred.hiddenColumn),
      ...(composed === undefined ? [] : [givenTextColumn(composed)]),
    ]);
  }
});

it("refuses a file of another version and says what to do", async () => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await createTables(connection);
  await connection.run("UPDATE internal.store SET version = 999");
  await expect(createTables(connection)).rejects.toThrow(StoreVersionMismatch);
  await expect(createTables(connection)).rejects.toThrow(/version 999 .*--fresh/);
});
