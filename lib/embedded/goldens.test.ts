import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { csvOf, readAnswer } from "../command-line/kql-output.ts";
import type { Kql } from "../kql/kql.ts";
import { LOG_ANALYTICS_TABLES } from "../kql/tables/log-analytics-tables.ts";
import { contentFilterEvents } from "../queries/content-filter-events.ts";
import { diagnosticsShape } from "../queries/diagnostics-shape.ts";
import { gatewayAndSpans } from "../queries/gateway-and-spans.ts";
import { gatewayByQuarterHour } from "../queries/gateway-by-quarter-hour.ts";
import { loggedCalls } from "../queries/logged-calls.ts";
import { nowByMinute } from "../queries/now-by-minute.ts";
import { oldestGatewayRow, oldestRow, probes, touchedQuarterHours } from "../queries/probes.ts";
import { rateLimitEvents } from "../queries/rate-limit-events.ts";
import { requestsByQuarterHour } from "../queries/requests-by-quarter-hour.ts";
import { seenDeployments } from "../queries/seen-deployments.ts";
import { spansByQuarterHour } from "../queries/spans-by-quarter-hour.ts";
import { spansShape } from "../queries/spans-shape.ts";
import { usageByQuarterHour } from "../queries/usage-by-quarter-hour.ts";
import { period, toInstant } from "../time/instant.ts";
import { GOLDEN_RECORDS } from "./golden-records.testing.ts";
import { appendRecords } from "./store/append-records.ts";
import { type EmbeddedWorkspace, openEmbeddedWorkspace } from "./workspace.ts";

const window = period(toInstant("2026-11-20T10:00:00Z"), toInstant("2026-11-20T11:00:00Z"));
const sources = { gateway: true, gatewayLlm: true, spans: true };
const since = toInstant("2026-11-20T11:00:00Z");
const everything = { window, sources, since, hasMinutes: true };
type Question = { readonly name: string; readonly text: (params: typeof everything) => Kql };
/** The product's questions, asked with everything connected. */
const QUESTIONS: readonly Question[] = [
  contentFilterEvents,
  diagnosticsShape,
  gatewayAndSpans,
  gatewayByQuarterHour,
  loggedCalls,
  nowByMinute,
  oldestGatewayRow,
  oldestRow,
  ...Object.values(probes),
  rateLimitEvents,
  requestsByQuarterHour,
  seenDeployments,
  spansByQuarterHour,
  spansShape,
  touchedQuarterHours,
  usageByQuarterHour,
];

const FOLDER = path.join(import.meta.dirname, "goldens");
const golden = (name: string, file: string): string => readFileSync(path.join(FOLDER, name, file), "utf8");

let workspace: EmbeddedWorkspace;
beforeAll(async () => {
  workspace = await openEmbeddedWorkspace({ path: ":memory:", now: () => toInstant("2026-11-20T12:00:00Z") });
  await workspace.database.withConnection(async (connection) => {
    for (const table of LOG_ANALYTICS_TABLES) await appendRecords(connection, table, GOLDEN_RECORDS[table.name] ?? []);
  });
});
afterAll(() => workspace.close());

describe("every golden", () => {
  test.each(readdirSync(FOLDER).sort())("%s", async (name) => {
    const text = golden(name, "input.kql");
    const { status, body } = await workspace.engine.query({ text });
    expect(status, body).toBe(200);
    const { columns, rows } = readAnswer(body);
    const lines = csvOf(columns, rows).replaceAll("\r\n", "\n");
    const isOrdered = /\|\s*(order|sort|top)\b/.test(text);
    expect(isOrdered ? lines : sorted(lines)).toBe(golden(name, "output.csv"));
  });
});

test.each(QUESTIONS)("the golden of $name asks what the product asks", (question) => {
  expect(golden(question.name, "input.kql")).toBe(`${question.text(everything)}\n`);
});

/** The header, then the rows in order of their text: without `order by` the order of rows means nothing. */
function sorted(lines: string): string {
  const [header, ...rows] = lines.trimEnd().split("\n");
  return `${[header, ...rows.sort()].join("\n")}\n`;
}
