import type { Instant, Period } from "../time/instant.ts";
import type { KqlQuery } from "./kql-query.ts";

/**
 * Whose share of the query budget pays: a person waiting for a page, the scheduled ingestion and evaluation,
 * the first read-back of history, or KQL that a person typed.
 */
export type QueryPriority = "interactive" | "background" | "read-back" | "typed";

export type RunOptions = {
  /** Sent as the API's timespan, which filters every table in addition to the query's own text. */
  readonly period?: Period;
  readonly priority: QueryPriority;
  /**
   * An answer up to this old may be served without asking again; left out it is 0, which always asks.
   * An interactive question with an older answer at hand asks again and gets the older one when the workspace is slow or fails.
   */
  readonly maxAgeMs?: number;
  readonly signal?: AbortSignal;
};

/** Why an answer holds only part of its rows. */
export type PartialReason = "service" | "row_limit" | "workspace_failed";

/**
 * What the workspace does not have. `data` is a workspace that has never received anything; `plan` a table that is there, on
 * the Basic or Auxiliary plan, which the query API refuses.
 */
export type MissingPart = { readonly kind: "table" | "column" | "data" | "plan"; readonly name: string };

type Answer = {
  /** When the workspace was asked; the age of the answer is `now - asOf`. */
  readonly asOf: Instant;
  /** The text that was sent; anyone can run it again. */
  readonly kql: string;
  readonly executionMs: number;
};

/**
 * What a question came to. Only `complete` may become a total; `partial` is a warning with the rows that arrived;
 * `not_connected` is a source that does not exist yet, which is unknown and never zero.
 * `refreshError` says that the answer is older than was asked for because asking again failed.
 */
export type QueryResult<Row> =
  | (Answer & {
      readonly status: "complete";
      readonly rows: readonly Row[];
      readonly refreshError?: LogAnalyticsErrorCode;
    })
  | (Answer & {
      readonly status: "partial";
      readonly rows: readonly Row[];
      readonly reason: PartialReason;
      readonly message: string;
    })
  | (Answer & { readonly status: "not_connected"; readonly missing: MissingPart });

/** KQL that a person typed. `timespan` is an ISO 8601 duration or interval, as the API takes it; `prefer` its header of that name. */
export type TypedQuestion = {
  readonly text: string;
  readonly timespan?: string;
  readonly prefer?: string;
  readonly signal?: AbortSignal;
};

/** The HTTP status and exactly the body of the Logs Query API, for success and error alike. */
export type TypedAnswer = { readonly status: number; readonly body: string };

/** Calls at the wire, per query name since the start. `upstream` counts every attempt, retries included. */
export type CallCounts = {
  readonly asked: number;
  readonly upstream: number;
  readonly failed: number;
  readonly throttled: number;
  readonly partial: number;
};

export type LogAnalyticsStatus = {
  readonly calls: ReadonlyMap<string, CallCounts>;
  readonly breaker: "closed" | "open" | "half_open";
  readonly lastSuccessAt: Instant | null;
  /** How long the oldest request on the wire has been waiting for its answer; 0 when none is out. */
  readonly waitingMs: number;
  /** The most requests that were started within any 30 s, and that were out at once, since the start. */
  readonly load: { readonly mostIn30s: number; readonly mostAtOnce: number };
  readonly lastError: { readonly code: LogAnalyticsErrorCode; readonly message: string; readonly at: Instant } | null;
  /** Workspaces that refused or do not exist; they are tried again every five minutes. */
  readonly failingWorkspaces: ReadonlyMap<string, LogAnalyticsErrorCode>;
};

/**
 * The one way to ask the workspace. `run` validates every row with the query's schema: a `datetime` cell reaches it as a
 * Date (null stays null), a `long` as a number, a `dynamic` parsed, a `decimal`, `timespan` and `guid` as text.
 * It throws `LogAnalyticsError` and nothing else.
 */
export type LogAnalytics = {
  readonly run: <Params, Row>(
    query: KqlQuery<Params, Row>,
    params: Params,
    options: RunOptions,
  ) => Promise<QueryResult<Row>>;
  /** Sends KQL as an administrator typed it, after it passed the binder; throws only where no HTTP answer came. */
  readonly askTyped: (question: TypedQuestion) => Promise<TypedAnswer>;
  readonly status: () => LogAnalyticsStatus;
};

/**
 * `unauthenticated` no token or refused · `access_denied` 403 · `workspace_not_found` 404 · `throttled` 429 after retries ·
 * `unavailable` 5xx or network · `timeout` no answer in time · `invalid_query` 400, a bug of ours or a typing error ·
 * `malformed` an answer that is not what the protocol or the row schema says · `too_large` the range must be narrowed ·
 * `breaker_open` not asked because asking kept failing · `overloaded` our own queue is full · `cancelled` by the caller.
 */
export const LOG_ANALYTICS_ERROR_CODES = [
  "unauthenticated",
  "access_denied",
  "workspace_not_found",
  "throttled",
  "unavailable",
  "timeout",
  "invalid_query",
  "malformed",
  "too_large",
  "breaker_open",
  "overloaded",
  "cancelled",
] as const;
export type LogAnalyticsErrorCode = (typeof LOG_ANALYTICS_ERROR_CODES)[number];

/** A question that could not be answered; `message` says what was attempted, what happened and what to do. */
export class LogAnalyticsError extends Error {
  /** Built pages carry a copy of this class, and the runtime throws the server's own: both are told by their name. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === "LogAnalyticsError";
  }

  readonly code: LogAnalyticsErrorCode;
  readonly query: string;
  readonly retryAfterMs: number | null;

  constructor(
    code: LogAnalyticsErrorCode,
    details: { query: string; message: string; retryAfterMs?: number; cause?: unknown },
  ) {
    super(details.message, { cause: details.cause });
    this.name = "LogAnalyticsError";
    this.code = code;
    this.query = details.query;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}
