import { describe, expect, test } from "vitest";
import { SUMMARY_COLUMNS } from "../kql/tables/token-ledger-summary.ts";
import { summaryRuleQuery } from "../queries/summary-rule.ts";
import { summaryBicep } from "./summary-bicep.ts";

const SOURCES = { gateway: true, gatewayLlm: true, spans: false };
const text = summaryBicep({ sources: SOURCES, binMinutes: 360, retentionDays: 550 });

describe("the Bicep of the summary rule", () => {
  test("carries the rule's query word for word between its quotes, and nothing else between such quotes", () => {
    const [, query, ...rest] = text.split("'''");
    expect(query).toBe(`\n${summaryRuleQuery(SOURCES)}\n`);
    expect(rest).toHaveLength(1);
  });

  test("makes the table with every column of the query and the retention asked for", () => {
    const columns = [...text.matchAll(/\{ name: '(\w+)', type: '(\w+)' \}/g)].map((match) => match.slice(1));
    expect(columns[0]).toEqual(["TimeGenerated", "dateTime"]);
    expect(columns.slice(1).map(([name]) => name)).toEqual(SUMMARY_COLUMNS.map(({ name }) => name));
    expect(columns).toContainEqual(["isLong", "boolean"]);
    expect(columns).toContainEqual(["quarterHour", "dateTime"]);
    expect(columns).toContainEqual(["prompt", "long"]);
    expect(text).toContain("param retentionDays int = 550");
    expect(text).toContain("param binMinutes int = 360");
  });

  test("has its brackets in pairs outside the query", () => {
    const bicep = text
      .replace(/'''[\s\S]*'''/, "")
      .replaceAll(/\/\/.*$/gm, "")
      .replaceAll(/'[^'\n]*'/g, "");
    for (const [open, close] of ["{}", "[]", "()"]) {
      expect(bicep.split(open ?? "").length, `${open}${close}`).toBe(bicep.split(close ?? "").length);
    }
  });

  test("waits as long as a rule may, so that late rows are in", () => {
    expect(text).toContain("binDelay: 1440");
  });
});
