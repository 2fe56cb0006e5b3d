import { z } from "zod";
import { kql } from "../../kql/kql.ts";
import { period, toInstant } from "../../time/instant.ts";
import { createLogAnalytics } from "../create-log-analytics.ts";
import type { KqlQuery } from "../kql-query.ts";
import { LogAnalyticsError } from "../log-analytics.ts";
import { AZURE_QUERY_LIMITS, EMBEDDED_QUERY_LIMITS } from "../query-limits.ts";
import {
  createScriptedWire,
  ok,
  STATIC_CREDENTIAL,
  serviceError,
  tableBody,
  type WireAnswer,
} from "./scripted-wire.ts";

/** `outcomes` counts how the answers were taken; `violations` must be empty. */
export type WireFuzzResult = {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
};

type Random = () => number;
type Fault = { readonly name: string; readonly answer: (random: Random) => WireAnswer };

const COLUMNS = [
  ["at", "datetime"],
  ["team", "string"],
  ["tokens", "long"],
] as const;
const ROWS: readonly (readonly unknown[])[] = [
  ["2026-11-20T09:00:00Z", "search", 1200],
  ["2026-11-20T09:15:00Z", "support", 340],
  ["2026-11-20T09:30:00.1234567Z", "", 0],
];
const TRUE_TOTAL = 1540;
const BODY = tableBody(COLUMNS, ROWS);
const query: KqlQuery<null, { at: Date; team: string; tokens: number }> = {
  name: "fuzz",
  text: () => kql`AzureDiagnostics | summarize tokens = count() by at = bin(TimeGenerated, 15m), team = Category`,
  row: z.strictObject({ at: z.date(), team: z.string(), tokens: z.int().nonnegative() }),
};
const WRONG_CELLS: readonly unknown[] = [null, "12", -1, 1.5, 1e300, "NaN", true, [], {}, "not a date"];

/** Faults after which a complete answer must still hold the true total. */
const FAULTS: readonly Fault[] = [
  { name: "as it should be", answer: () => ok(BODY) },
  { name: "cut short", answer: (random) => ok(BODY.slice(0, Math.floor(random() * BODY.length))) },
  { name: "followed by something", answer: (random) => ok(`${BODY}${pick(random, ["}", "x", BODY, "\u0000"])}`) },
  { name: "a wrong cell", answer: (random) => ok(tableBody(COLUMNS, withWrongCell(random))) },
  { name: "a row too short", answer: (random) => ok(tableBody(COLUMNS, shortened(random))) },
  { name: "a column missing", answer: (random) => ok(withoutColumn(random)) },
  {
    name: "a column renamed",
    answer: (random) => ok(BODY.replace(`"${pick(random, ["at", "team", "tokens"])}"`, '"other"')),
  },
  { name: "something else where a table belongs", answer: (random) => ok(pick(random, NO_TABLES)) },
  { name: "partial", answer: (random) => ok(partial(random)) },
  { name: "another status", answer: (random) => otherStatus(random) },
  {
    name: "another content type",
    answer: (random) => ({
      kind: "http",
      status: pick(random, [200, 502]),
      body: "<html>busy</html>",
      headers: { "content-type": "text/html" },
    }),
  },
  {
    name: "no connection",
    answer: (random) => ({ kind: "network", code: pick(random, ["EAI_AGAIN", "ECONNRESET", "ECONNREFUSED", "EPIPE"]) }),
  },
];
const NO_TABLES = [
  "",
  " ",
  "null",
  "[]",
  "42",
  '"text"',
  "{}",
  '{"tables":[]}',
  '{"tables":null}',
  '{"tables":[null]}',
  '{"tables":[{}]}',
  '{"tables":[{"name":"PrimaryResult"}]}',
  '{"error":{"code":"X"}}',
];

/**
 * Sends `count` broken answers through the query path, as seeded: it may refuse, call them partial or not connected, but
 * must never throw anything but a `LogAnalyticsError` and never give a complete answer with a wrong total. A byte changed
 * at random may make another valid answer, so there only the first rule holds.
 */
export async function runWireFuzz(options: { readonly seed: number; readonly count: number }): Promise<WireFuzzResult> {
  const random = createRandom(options.seed);
  const outcomes: Record<string, number> = {};
  const violations: string[] = [];
  const wire = createScriptedWire(() => next.answer);
  let next: { name: string; answer: WireAnswer; isChecked: boolean } = { name: "", answer: ok(BODY), isChecked: true };
  const logs = createLogAnalytics({
    workspaces: [{ workspaceId: "00000000-0000-4000-8000-000000000001", roles: ["logs"] }],
    credential: STATIC_CREDENTIAL,
    httpClient: wire.httpClient,
    now: () => toInstant("2026-11-21T12:00:00Z"),
    limits: {
      ...EMBEDDED_QUERY_LIMITS,
      maxAttempts: 1,
      retryBaseMs: 0,
      retryAfterMaxMs: 0,
      breaker: {
        ...AZURE_QUERY_LIMITS.breaker,
        consecutiveFailures: Number.POSITIVE_INFINITY,
        lastCalls: Number.POSITIVE_INFINITY,
      },
    },
  });
  const within = period(toInstant("2026-11-20T00:00:00Z"), toInstant("2026-11-21T00:00:00Z"));
  for (let index = 0; index < options.count; index++) {
    const fault = pick(random, FAULTS);
    const isBytes = random() < 0.3;
    next = isBytes
      ? { name: "a changed byte", answer: ok(changed(random, BODY)), isChecked: false }
      : { name: fault.name, answer: fault.answer(random), isChecked: true };
    const outcome = await logs.run(query, null, { priority: "background", period: within }).then(
      (result) => {
        if (result.status !== "complete") return result.status;
        const total = result.rows.reduce((sum, row) => sum + row.tokens, 0);
        if (next.isChecked && total !== TRUE_TOTAL)
          violations.push(`${index} ${next.name}: complete with a total of ${total}`);
        return "complete";
      },
      (error: unknown) => {
        if (!(error instanceof LogAnalyticsError)) violations.push(`${index} ${next.name}: threw ${String(error)}`);
        return error instanceof LogAnalyticsError ? error.code : "thrown";
      },
    );
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    wire.requests.length = 0;
  }
  return { outcomes, violations };
}

function withWrongCell(random: Random): unknown[][] {
  const rows = ROWS.map((row) => [...row]);
  const row = pick(random, rows);
  const column = Math.floor(random() * COLUMNS.length);
  row[column] = pick(random, WRONG_CELLS);
  // A text column takes any text, so there only what is no text is wrong.
  if (column === 1 && typeof row[column] === "string") row[column] = null;
  return rows;
}

function shortened(random: Random): unknown[][] {
  const rows = ROWS.map((row) => [...row]);
  pick(random, rows).pop();
  return rows;
}

function withoutColumn(random: Random): string {
  const gone = Math.floor(random() * COLUMNS.length);
  const keep = <Item>(items: readonly Item[]): Item[] => items.filter((_item, index) => index !== gone);
  return tableBody(keep(COLUMNS), ROWS.map(keep));
}

function partial(random: Random): string {
  const rows = ROWS.slice(0, Math.floor(random() * (ROWS.length + 1)));
  const body = JSON.parse(tableBody(COLUMNS, rows));
  return JSON.stringify({
    ...body,
    error: pick(random, [{ code: "PartialError", message: "cut" }, { code: "PartialError", details: [{}] }, {}]),
  });
}

function otherStatus(random: Random): WireAnswer {
  const status = pick(random, [204, 301, 400, 401, 403, 404, 408, 413, 418, 429, 500, 502, 503, 504]);
  if (random() < 0.5)
    return { kind: "http", status, body: pick(random, [...NO_TABLES, BODY]), headers: retryAfter(random) };
  return serviceError(
    status,
    [{ code: "Some", message: "Failed to resolve table expression named 'AzureDiagnostics'" }],
    retryAfter(random),
  );
}

function retryAfter(random: Random): Record<string, string> {
  const value = pick(random, [null, "0", "3600", "-1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"]);
  return value === null ? {} : { "retry-after": value };
}

function changed(random: Random, text: string): string {
  const at = Math.floor(random() * text.length);
  return (
    text.slice(0, at) + String.fromCharCode(Math.floor(random() * 128)) + text.slice(at + Math.floor(random() * 3))
  );
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError("Nothing to pick from.");
  return item;
}

/** Mulberry32: small, seeded, good enough to choose faults. */
function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
