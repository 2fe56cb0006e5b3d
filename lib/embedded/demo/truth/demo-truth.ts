import type { EmbeddedDatabase } from "../../duckdb/database.ts";
import { readDemoState } from "../demo-state.ts";
import { incidentsOf } from "../incidents.ts";
import { type InvoiceTruth, invoiceTruth } from "../invoice/demo-invoice.ts";
import { openTruth, settledUntil, TRUTH_TABLE } from "./store-truth.ts";
import { TRUTH_SOURCES } from "./tally.ts";

/** What of the truth is wanted; a left-out list is everything. */
export type TruthQuestion = {
  readonly zones?: readonly string[];
  readonly sources?: readonly string[];
  /** `total`, `account`, `deployment`, `model` or `team`; a deployment is written `account/deployment`. */
  readonly groups?: readonly string[];
  /** Days in the zone: `from` is inside, `to` is not. */
  readonly from?: string;
  readonly to?: string;
  /** Counting a month's invoice reads all its calls again; left out, it is not counted. */
  readonly hasInvoice?: boolean;
};

export const TRUTH_GROUPS = ["total", "account", "deployment", "model", "team"] as const;

/** Numbers of one zone-day, source and group value. Every number is a decimal text, because picodollars outgrow a double. */
export type TruthLine = {
  readonly zone: string;
  readonly day: string;
  readonly source: string;
  readonly groupBy: string;
  /** Empty where the source does not tell it. */
  readonly value: string;
  /** Null for `expected`: which source counts a request depends on the question. */
  readonly requests: string | null;
  readonly tokens: {
    readonly input: string;
    readonly cached_input: string;
    readonly cache_write: string;
    readonly output: string;
  };
  readonly unpricedTokens: string;
  readonly picodollars: { readonly lower: string; readonly upper: string };
  /** Part of `picodollars`: provisioned capacity, used or not. */
  readonly capacityPicodollars: string;
};

export type DemoTruth = {
  readonly seed: number;
  readonly createdAt: string;
  readonly until: string;
  /** Before this instant nothing changes any more: every record has arrived. */
  readonly settledUntil: string;
  readonly incidents: readonly {
    readonly kind: string;
    readonly account: string;
    readonly deployment: string;
    readonly teams: readonly string[];
    readonly start: string;
    readonly end: string | null;
    readonly story: string;
  }[];
  /** What the demo's invoice of its newest whole month was given on purpose; null before it has usage, or when not asked for. */
  readonly invoice: InvoiceTruth | null;
  readonly lines: readonly TruthLine[];
};

/** The truth of the demo that this workspace holds, or undefined when it holds none. */
export async function readDemoTruth(
  database: EmbeddedDatabase,
  question: TruthQuestion = {},
): Promise<DemoTruth | undefined> {
  return database.withConnection(async (connection) => {
    const state = await readDemoState(connection);
    if (state === undefined) return undefined;
    await openTruth(connection, state);
    const lines: TruthLine[] = [];
    for (const group of question.groups ?? TRUTH_GROUPS) {
      const reader = await connection.runAndReadAll(linesOf(group, question));
      lines.push(...reader.getRowsJson().map((row) => lineOf(group, row.map(String))));
    }
    return {
      seed: state.seed,
      createdAt: iso(state.createdAt),
      until: iso(state.until),
      settledUntil: iso(settledUntil(state)),
      incidents: incidentsOf(state.createdAt)
        .filter((incident) => (incident.end ?? Number.POSITIVE_INFINITY) > state.createdAt - state.days * 86_400_000)
        .map((incident) => ({
          ...incident,
          start: iso(incident.start),
          end: incident.end === null ? null : iso(incident.end),
        })),
      invoice: question.hasInvoice ? ((await invoiceTruth(connection, state)) ?? null) : null,
      lines,
    };
  });
}

function linesOf(group: string, question: TruthQuestion): string {
  const value = GROUP_VALUES[group];
  if (value === undefined)
    throw new RangeError(`The truth is not kept by ${group}; write one of ${TRUTH_GROUPS.join(", ")}.`);
  const where = [
    `source IN (${list(question.sources ?? TRUTH_SOURCES)})`,
    ...(question.zones === undefined ? [] : [`zone IN (${list(question.zones)})`]),
    ...(question.from === undefined ? [] : [`day >= ${list([question.from])}`]),
    ...(question.to === undefined ? [] : [`day < ${list([question.to])}`]),
  ];
  return `
    SELECT zone, day, source, ${value} AS value, sum(requests)::VARCHAR, sum(input)::VARCHAR, sum(cached)::VARCHAR,
      sum(output)::VARCHAR, sum(unpriced)::VARCHAR, sum(lower)::VARCHAR, sum(upper)::VARCHAR, sum(capacity)::VARCHAR
    FROM ${TRUTH_TABLE} WHERE ${where.join(" AND ")} GROUP BY ALL ORDER BY zone, day, source, value`;
}

const GROUP_VALUES: Readonly<Record<string, string>> = {
  total: "''",
  account: "account",
  deployment: "CASE deployment WHEN '' THEN '' ELSE account || '/' || deployment END",
  model: "model",
  team: "team",
};

function lineOf(groupBy: string, row: readonly string[]): TruthLine {
  const [zone = "", day = "", source = "", value = "", requests = "0", input = "0", cached = "0", output = "0"] = row;
  const [unpricedTokens = "0", lower = "0", upper = "0", capacityPicodollars = "0"] = row.slice(8);
  return {
    zone,
    day,
    source,
    groupBy,
    value,
    requests: source === "expected" ? null : requests,
    tokens: { input, cached_input: cached, cache_write: "0", output },
    unpricedTokens,
    picodollars: { lower, upper },
    capacityPicodollars,
  };
}

function list(texts: readonly string[]): string {
  return texts.map((text) => `'${text.replaceAll("'", "''")}'`).join(", ");
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
