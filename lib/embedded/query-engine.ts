import { randomUUID } from "node:crypto";
import { bind, type Diagnostic } from "../kql/bind.ts";
import { tablesForTypedKql } from "../kql/deny-list.ts";
import { positionAt } from "../kql/position.ts";
import type { SyntaxNode } from "../kql/syntax.ts";
import type { TableSchema } from "../kql/tables/table-schema.ts";
import { type EmbeddedDatabase, QueryInterrupted } from "./duckdb/database.ts";
import { readRows } from "./encode/read-rows.ts";
import { type LoweredQuery, lowerQuery, sqlAt } from "./lowering/lower-query.ts";
import { SchemaNeeded } from "./lowering/schema-needed.ts";
import { Refusal, refusalMessage } from "./refusal.ts";
import { canReuse, datetimesOf, withInstants } from "./reuse-datetimes.ts";
import {
  type EngineAnswer,
  errorAnswer,
  failedAnswer,
  internalAnswer,
  refusedAnswer,
  rejectedAnswer,
  timeoutAnswer,
} from "./service-error.ts";

export type EngineLimits = {
  /** The service sends at most 500,000 rows, https://learn.microsoft.com/azure/azure-monitor/service-limits#la-query-api. */
  readonly maxRows: number;
  /** Characters of the rows' JSON; the service's limit is about 100 MiB. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Longest time a caller may ask for with `Prefer: wait=`. */
  readonly maxTimeoutMs: number;
};

export const SERVICE_LIMITS: EngineLimits = {
  maxRows: 500_000,
  maxBytes: 64 * 1024 * 1024,
  timeoutMs: 180_000,
  maxTimeoutMs: 600_000,
};

export type QueryRequest = {
  readonly text: string;
  /** Half-open, milliseconds since 1970; filters `TimeGenerated` of every table beside the text's own filters. */
  readonly timespan?: { readonly from: number; readonly to: number };
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** True of KQL that a person typed: columns that can hold prompt text do not exist for it. */
  readonly isTyped?: boolean;
  readonly includeStatistics?: boolean;
  readonly includeRender?: boolean;
};

export type QueryEngine = {
  /** Runs KQL; the answer is exactly what Log Analytics would send. Never throws. */
  readonly query: (request: QueryRequest) => Promise<EngineAnswer>;
  /** The SQL that a query is run as, from the cache of compiled queries; null for a query that is refused. */
  readonly sqlOf: (request: QueryRequest) => string | null;
  /** Asks what uses most of the language service, the lowering and DuckDB, so that the first person waits no longer than the second. */
  readonly warmUp: () => Promise<void>;
};

export type QueryEngineOptions = {
  readonly database: EmbeddedDatabase;
  readonly tables: readonly TableSchema[];
  readonly limits?: Partial<EngineLimits>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told of every fault of ours. */
  readonly onFault?: (fault: { id: string; text: string; sql: string; error: unknown }) => void;
};

type Compiled =
  | { readonly status: "ready"; readonly lowered: LoweredQuery; readonly instants?: readonly string[] }
  | { readonly status: "refused"; readonly answer: EngineAnswer };

const CACHE_SIZE = 500;
const MAX_SCHEMA_ROUNDS = 8;
const ROWS =
  "datatable(t:datetime, m:string, n:long)[datetime(2026-01-01), '{\"a\":1}', 5] | where t > ago(3650d) and m has 'a'";
const WARM_UP = [
  "print a = 1 | extend b = strlen(tostring(a)) | summarize count() by b",
  `${ROWS} | extend p = parse_json(m) | summarize c = count(), sum(tolong(p.a)), percentiles(n, 50, 95), arg_max(t, n), dcountif(n, n > 1) by k = tostring(p.a), bin(t, 1h) | extend r = 1.0 * c / 2 | top 5 by c`,
  `let f = ${ROWS}; f | join kind=leftouter (f | project n, x = iff(n > 1, 'y', 'z')) on n | make-series s = avg(n) on t from ago(1d) to now() step 1h by m | mv-expand s to typeof(real)`,
];

/** The embedded workspace's query engine: bind → lower → run → encode. */
export function createQueryEngine(options: QueryEngineOptions): QueryEngine {
  const { database, tables } = options;
  const limits = { ...SERVICE_LIMITS, ...options.limits };
  const schemas = { full: schemaOf(tables), typed: schemaOf(tablesForTypedKql(tables)) };
  const cache = new Map<string, Compiled>();

  function compiled(text: string, { timespan, isTyped }: QueryRequest): Compiled {
    const hasTimespan = timespan !== undefined;
    const datetimes = datetimesOf(text);
    const key = `${hasTimespan ? "t" : "-"}${isTyped === true ? "p" : "-"}${datetimes?.key ?? text}`;
    const known = cache.get(key);
    if (known !== undefined && (datetimes === undefined || known.status === "ready")) {
      // Moved to the end, so that what falls out is what was used longest ago.
      cache.delete(key);
      cache.set(key, known);
      return datetimes === undefined ? known : atInstants(known, datetimes.instants);
    }
    const compiledNow = compile(text, isTyped === true ? schemas.typed : schemas.full, hasTimespan);
    const result =
      compiledNow.status === "ready" && datetimes !== undefined
        ? { ...compiledNow, instants: datetimes.instants }
        : compiledNow;
    if (result.status === "ready" && datetimes !== undefined && !canReuse(result.lowered.sql, datetimes.instants))
      return result;
    if (text.length < 20_000) cache.set(key, result);
    const oldest = cache.keys().next();
    if (cache.size > CACHE_SIZE && oldest.done !== true) cache.delete(oldest.value);
    return result;
  }

  /** Compiles; a step whose columns depend on the data is asked for them first and compiled with them written out. */
  async function plan(request: QueryRequest, timeoutMs: number): Promise<Compiled> {
    let { text } = request;
    for (let round = 0; round < MAX_SCHEMA_ROUNDS; round += 1) {
      try {
        return compiled(text, request);
      } catch (error) {
        if (!(error instanceof SchemaNeeded)) throw error;
        const sql = sqlAt(error.sql, instants(options.now(), request.timespan));
        const rows = await database.query(sql, {
          signal: request.signal,
          timeoutMs,
          read: (result) => result.getRowsJson(),
        });
        text = text.slice(0, error.insertAt) + error.schemaOf(rows) + text.slice(error.insertAt);
      }
    }
    return {
      status: "refused",
      answer: failedAnswer("The query has too many steps whose columns depend on the data."),
    };
  }

  async function query(request: QueryRequest): Promise<EngineAnswer> {
    const started = performance.now();
    let sql = "";
    try {
      const timeoutMs = Math.min(request.timeoutMs ?? limits.timeoutMs, limits.maxTimeoutMs);
      const ready = await plan(request, timeoutMs);
      if (ready.status === "refused") return ready.answer;
      sql = sqlAt(ready.lowered.sql, instants(options.now(), request.timespan));
      const rows = await database.query(sql, {
        signal: request.signal,
        timeoutMs,
        read: (result) => readRows(result, ready.lowered.columns, limits),
      });
      return successAnswer(ready.lowered, rows, request, (performance.now() - started) / 1000);
    } catch (error) {
      return faultAnswer(error, request, sql, limits, options.onFault);
    }
  }

  return {
    query,
    sqlOf: (request) => {
      const known = compiled(request.text, request);
      return known.status === "ready" ? sqlAt(known.lowered.sql, instants(options.now(), request.timespan)) : null;
    },
    warmUp: async () => {
      for (const isTyped of [false, true]) {
        for (const text of [...WARM_UP, recentRows(tables)]) await query({ text, isTyped, includeRender: true });
      }
    },
  };
}

/** Reads the newest rows of every table, so that their columns are bound and their blocks are in memory. */
function recentRows(tables: readonly TableSchema[]): string {
  const reads = tables.map(({ name }) => `(${name} | where TimeGenerated > ago(1d) | count)`);
  return `union ${reads.join(", ")} | render timechart`;
}

type Schema = { readonly tables: readonly TableSchema[]; readonly byName: ReadonlyMap<string, TableSchema> };

function schemaOf(tables: readonly TableSchema[]): Schema {
  return { tables, byName: new Map(tables.map((table) => [table.name, table])) };
}

/** The compiled query for other instants than those it was compiled with. */
function atInstants(known: Compiled, instants: readonly string[]): Compiled {
  if (known.status !== "ready" || known.instants === undefined) return known;
  const sql = withInstants(known.lowered.sql, known.instants, instants);
  return { ...known, lowered: { ...known.lowered, sql }, instants };
}

function compile(text: string, schema: Schema, hasTimespan: boolean): Compiled {
  const bound = bind(text, schema.tables);
  if (bound.status === "rejected") {
    // Names that a step takes from a bag are unknown to the steps after it until the data was asked for them.
    if (bound.tree !== null && /\bevaluate\b/.test(text)) {
      const isReal = ({ kind, offset }: Diagnostic, insertAt: number) => kind === "syntax" || offset < insertAt;
      const needed = schemaNeeded(text, bound.tree, schema, hasTimespan);
      if (needed !== null && !bound.diagnostics.some((fault) => isReal(fault, needed.insertAt))) throw needed;
    }
    const first = bound.diagnostics[0];
    const token = first === undefined ? "" : text.slice(first.offset, first.offset + Math.min(first.length, 200));
    const answer = first === undefined ? failedAnswer("The query was rejected.") : rejectedAnswer(first, token);
    return { status: "refused", answer };
  }
  return lowered(text, bound.tree, schema.byName, hasTimespan);
}

function schemaNeeded(text: string, tree: SyntaxNode, schema: Schema, hasTimespan: boolean): SchemaNeeded | null {
  try {
    lowerQuery(tree, { text, tables: schema.byName, hasTimespan });
  } catch (error) {
    if (error instanceof SchemaNeeded) return error;
  }
  return null;
}

function lowered(
  text: string,
  tree: SyntaxNode,
  tables: ReadonlyMap<string, TableSchema>,
  hasTimespan: boolean,
): Compiled {
  try {
    return { status: "ready", lowered: lowerQuery(tree, { text, tables, hasTimespan }) };
  } catch (error) {
    if (error instanceof RangeError) {
      return {
        status: "refused",
        answer: refusedAnswer("The query is nested too deeply for the embedded engine.", { line: 1, column: 1 }, ""),
      };
    }
    if (!(error instanceof Refusal)) throw error;
    return { status: "refused", answer: refusalAnswer(error, text) };
  }
}

function refusalAnswer(refusal: Refusal, text: string): EngineAnswer {
  const position = positionAt(text, refusal.offset);
  const token = text.slice(refusal.offset, refusal.offset + Math.min(refusal.length, 200));
  return refusedAnswer(refusalMessage(refusal, position), position, token);
}

function instants(now: number, timespan: QueryRequest["timespan"]): { now: string; from: string; to: string } {
  const at = (ms: number): string => `make_timestamp(${Math.trunc(ms)}000)`;
  return { now: at(now), from: at(timespan?.from ?? 0), to: at(timespan?.to ?? 0) };
}

function successAnswer(
  lowered: LoweredQuery,
  rows: { json: string; cut: "rows" | "bytes" | null },
  request: QueryRequest,
  seconds: number,
): EngineAnswer {
  const columns = JSON.stringify(lowered.columns.map(({ name, type }) => ({ name, type })));
  const extras: string[] = [];
  if (request.includeStatistics === true)
    extras.push(`"statistics":${JSON.stringify({ query: { executionTime: seconds } })}`);
  if (request.includeRender === true && lowered.render !== null)
    extras.push(`"render":${JSON.stringify(lowered.render)}`);
  if (rows.cut !== null) extras.push(`"error":${JSON.stringify(partialError(rows.cut))}`);
  const tail = extras.length === 0 ? "" : `,${extras.join(",")}`;
  return {
    status: 200,
    body: `{"tables":[{"name":"PrimaryResult","columns":${columns},"rows":[${rows.json}]}]${tail}}`,
  };
}

function partialError(cut: "rows" | "bytes"): Record<string, unknown> {
  const message =
    cut === "rows"
      ? "The results of this query exceed the set limit of 500000 records, so not all records were returned (E_QUERY_RESULT_SET_TOO_LARGE, 0x80DA0003)."
      : "The results of this query exceed the set limit of 64 MB, so not all records were returned (E_QUERY_RESULT_SET_TOO_LARGE, 0x80DA0003).";
  return {
    code: "PartialError",
    message: "There were some errors when processing your query.",
    details: [
      {
        code: "EngineError",
        message: "Something went wrong processing your query on the server.",
        innererror: { code: "-2133196797", message },
      },
    ],
  };
}

function faultAnswer(
  error: unknown,
  request: QueryRequest,
  sql: string,
  limits: EngineLimits,
  onFault: QueryEngineOptions["onFault"],
): EngineAnswer {
  if (error instanceof Refusal) return refusalAnswer(error, request.text);
  if (error instanceof QueryInterrupted) {
    return error.reason === "timeout"
      ? timeoutAnswer(request.timeoutMs ?? limits.timeoutMs)
      : errorAnswer(499, { code: "Cancelled", message: "The query was cancelled by its caller." });
  }
  const message = error instanceof Error ? error.message : String(error);
  if (/^Out of Memory Error/.test(message)) {
    return failedAnswer(
      "The query needs more memory than the embedded engine may use. Aggregate earlier or narrow the time range.",
    );
  }
  if (/^Out of Range Error|^Conversion Error/.test(message)) {
    return failedAnswer(`A value is outside what its type holds: ${message.split("\n")[0]?.slice(0, 200)}`);
  }
  if (/^Invalid Input Error/.test(message))
    return failedAnswer((message.split("\n")[0] ?? "").replace(/^Invalid Input Error: /, "").slice(0, 300));
  const id = randomUUID();
  onFault?.({ id, text: request.text, sql, error });
  return internalAnswer(id);
}
