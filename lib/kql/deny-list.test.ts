import { describe, expect, test } from "vitest";
import { bind } from "./bind.ts";
import { tablesForTypedKql } from "./deny-list.ts";
import { LOG_ANALYTICS_TABLES } from "./tables/log-analytics-tables.ts";

const typed = tablesForTypedKql(LOG_ANALYTICS_TABLES);

describe("tablesForTypedKql", () => {
  test.each(["RequestMessages", "ResponseMessages", "RequestBody", "BackendResponseBody"])(
    "%s exists in no table",
    (column) => {
      expect(typed.filter(({ columns }) => columns.some(({ name }) => name === column))).toEqual([]);
    },
  );

  test("a query that names a prompt column is rejected like one that names nothing", () => {
    const result = bind("ApiManagementGatewayLlmLog | project RequestMessages", typed);
    expect(result).toMatchObject({
      status: "rejected",
      diagnostics: [{ code: "KS142", position: { line: 1, column: 38 } }],
    });
  });

  test("the table reference itself does have such columns, so the list is not vacuous", () => {
    const columns = LOG_ANALYTICS_TABLES.flatMap((table) => table.columns.map(({ name }) => name));
    expect(columns).toEqual(expect.arrayContaining(["RequestMessages", "ResponseMessages"]));
  });
});
