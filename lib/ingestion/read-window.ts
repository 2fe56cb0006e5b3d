import type { KqlQuery } from "../log-analytics/kql-query.ts";
import {
  type LogAnalytics,
  LogAnalyticsError,
  type QueryPriority,
  type QueryResult,
} from "../log-analytics/log-analytics.ts";
import type { Connected } from "../queries/connected.ts";
import { type GatewayOrSpanRow, gatewayAndSpans } from "../queries/gateway-and-spans.ts";
import { gatewayByQuarterHour } from "../queries/gateway-by-quarter-hour.ts";
import { type FoldedRequests, type FoldedUsage, loggedCalls } from "../queries/logged-calls.ts";
import { spansByQuarterHour } from "../queries/spans-by-quarter-hour.ts";
import type { UsageRow } from "../queries/usage-by-quarter-hour.ts";
import { paddedWindow } from "../queries/window.ts";
import { addMs, MINUTE_MS, type Period, period, QUARTER_HOUR_MS } from "../time/instant.ts";
import type { WindowRows } from "../usage/usage-facts.ts";

/** What the logs tell about a window; metric tokens are asked elsewhere. */
export type LogRows = Omit<WindowRows, "metricTokens"> & {
  /** Whether `requests` are by minute. */
  readonly hasMinutes: boolean;
};

export type ReadOptions = {
  readonly logs: LogAnalytics;
  readonly sources: Connected;
  readonly priority: QueryPriority;
  /** Minute rows are kept for 35 days only; older windows leave them out. */
  readonly hasMinutes: boolean;
  /** Hears in words that a workspace refused; the rows of the others are the answer. */
  readonly onLacking: (message: string) => void;
  readonly signal?: AbortSignal;
};

/** A question was answered only in part even for its smallest window; nothing of it was stored. */
export class PartialAnswerError extends Error {
  override readonly name = "PartialAnswerError";
}

/** A table that was connected has been put on a plan that cannot be asked: its rows are there, so nothing may count as zero. */
export class TablePlanError extends Error {
  override readonly name = "TablePlanError";

  constructor(question: string) {
    super(
      `The question ${question} names a table on the Basic or Auxiliary plan, which the query API refuses. Put the table back on the Analytics plan; its quarter hours keep what they had.`,
    );
  }
}

/**
 * Reads a window completely. An answer that was cut off is never used: the window is halved, down to one quarter hour,
 * and asked again.
 */
export async function readWindow(window: Period, options: ReadOptions): Promise<LogRows> {
  const { sources, hasMinutes } = options;
  const [logged, applications] = await Promise.all([
    ask(loggedCalls, { window, sources, hasMinutes }, options),
    readApplications({ window, sources }, options),
  ]);
  const rows = logged ?? [];
  return {
    usage: rows.filter(isUsage).flatMap(unfoldUsage),
    requests: rows.filter(isRequests),
    hasMinutes,
    ...applications,
  };
}

function isUsage(row: FoldedUsage | FoldedRequests): row is FoldedUsage {
  return row.rowOf === "usage";
}

function isRequests(row: FoldedUsage | FoldedRequests): row is FoldedRequests {
  return row.rowOf === "requests";
}

/** One row per quarter hour; the texts of the key are shared. */
function unfoldUsage(folded: FoldedUsage): UsageRow[] {
  const { stretch, minutes, n, prompt, cached, unsplit, output, oddArrays, addedRows, rowOf: _rowOf, ...key } = folded;
  return minutes.map((minute, index) => ({
    ...key,
    quarterHour: addMs(stretch, minute * MINUTE_MS),
    calls: BigInt(n[index] ?? 0),
    prompt: BigInt(prompt[index] ?? 0),
    cached: BigInt(cached[index] ?? 0),
    unsplit: BigInt(unsplit[index] ?? 0),
    output: BigInt(output[index] ?? 0),
    oddArrays: BigInt(oddArrays[index] ?? 0),
    addedRows: BigInt(addedRows[index] ?? 0),
  }));
}

/** The gateway and the spans in one call where both are connected; each alone where one table has gone since the probe. */
async function readApplications(
  params: { readonly window: Period; readonly sources: Connected },
  options: ReadOptions,
): Promise<Pick<LogRows, "gateway" | "spans">> {
  const { sources } = params;
  const both = sources.gateway && sources.spans ? await ask(gatewayAndSpans, params, options) : null;
  if (both) return { gateway: both.filter(isGateway), spans: both.filter(isSpan) };
  const [gateway, spans] = await Promise.all([
    sources.gateway ? ask(gatewayByQuarterHour, params, options) : null,
    sources.spans ? ask(spansByQuarterHour, params, options) : null,
  ]);
  return { gateway, spans };
}

function isGateway(row: GatewayOrSpanRow): row is Extract<GatewayOrSpanRow, { rowOf: "gateway" }> {
  return row.rowOf === "gateway";
}

function isSpan(row: GatewayOrSpanRow): row is Extract<GatewayOrSpanRow, { rowOf: "span" }> {
  return row.rowOf === "span";
}

async function ask<Params extends { readonly window: Period }, Row>(
  query: KqlQuery<Params, Row>,
  params: Params,
  options: ReadOptions,
): Promise<Row[] | null> {
  const { window } = params;
  const result = await whole(query, params, options);
  if (result.status === "complete") return [...result.rows];
  if (result.status === "not_connected" && result.missing.kind === "plan") throw new TablePlanError(query.name);
  if (result.status === "not_connected") return null;
  const quarters = (window.end - window.start) / QUARTER_HOUR_MS;
  if (quarters <= 1) {
    throw new PartialAnswerError(
      `The question ${query.name} got only part of its rows for a single quarter hour (${result.message}). The quarter hour keeps what it had; it is asked again.`,
    );
  }
  const middle = addMs(window.start, Math.ceil(quarters / 2) * QUARTER_HOUR_MS);
  const first = await ask(query, { ...params, window: period(window.start, middle) }, options);
  const second = await ask(query, { ...params, window: period(middle, window.end) }, options);
  return first === null && second === null ? null : [...(first ?? []), ...(second ?? [])];
}

type Cut = { readonly status: "cut"; readonly message: string };

/** A whole answer, or why there is none for a window of this size. */
async function whole<Params extends { readonly window: Period }, Row>(
  query: KqlQuery<Params, Row>,
  params: Params,
  options: ReadOptions,
): Promise<Exclude<QueryResult<Row>, { status: "partial" }> | Cut> {
  try {
    const result = await options.logs.run(query, params, {
      period: paddedWindow(params.window),
      priority: options.priority,
      ...(options.signal ? { signal: options.signal } : {}),
    });
    if (result.status !== "partial") return result;
    if (result.reason !== "workspace_failed") return { status: "cut", message: result.message };
    options.onLacking(result.message);
    return { ...result, status: "complete" };
  } catch (error) {
    if (error instanceof LogAnalyticsError && error.code === "too_large")
      return { status: "cut", message: error.message };
    throw error;
  }
}
