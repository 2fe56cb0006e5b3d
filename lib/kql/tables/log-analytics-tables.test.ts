import { describe, expect, it } from "vitest";
import { LOG_ANALYTICS_TABLES } from "./log-analytics-tables.ts";

describe.each(LOG_ANALYTICS_TABLES)("$name", (table) => {
  it("has the standard columns once each, and no two columns that differ only by case", () => {
    const names = table.columns.map((column) => column.name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(
      expect.arrayContaining(["tenantid", "timegenerated", "type", "sourcesystem", "_resourceid", "_billedsize"]),
    );
  });

  it("shreds only JSON columns that it has, into hidden columns that are unique", () => {
    const hidden = table.shreds.map((shred) => shred.hiddenColumn);
    expect(new Set(hidden).size).toBe(hidden.length);
    for (const shred of table.shreds) {
      expect(table.columns.find((column) => column.name === shred.column)?.type).toMatch(/^(string|dynamic)$/);
      expect(table.columns.some((column) => column.name === shred.hiddenColumn)).toBe(false);
    }
  });
});

it("tells the columns that the platform types unexpectedly", () => {
  const typeOf = (table: string, column: string) =>
    LOG_ANALYTICS_TABLES.find((t) => t.name === table)?.columns.find((c) => c.name === column)?.type;
  expect(typeOf("AzureDiagnostics", "ResultSignature")).toBe("string");
  expect(typeOf("AzureDiagnostics", "_IsBillable")).toBe("string");
  expect(typeOf("AzureDiagnostics", "DurationMs")).toBe("long");
  expect(typeOf("AppDependencies", "DurationMs")).toBe("real");
  expect(typeOf("ApiManagementGatewayLogs", "ResponseCode")).toBe("int");
  expect(typeOf("AzureMetrics", "Total")).toBe("real");
});
