import type { TokenCredential } from "@azure/core-auth";
import { type HttpClient, isRestError } from "@azure/core-rest-pipeline";
import { LogsQueryClient } from "@azure/monitor-query";
import type { z } from "zod";
import { type Instant, MINUTE_MS, type Period, toInstant } from "../time/instant.ts";
import { callUpstream, UpstreamError } from "../upstream/call-upstream.ts";
import { createCircuitBreaker } from "../upstream/circuit-breaker.ts";
import { createGovernor } from "../upstream/governor.ts";
import type { UpstreamFailure } from "../upstream/upstream-failure.ts";
import { type AnswerCache, createAnswerCache, type Fetched } from "./answer-cache.ts";
import { type Asked, askWorkspace, askWorkspaceTyped, type WorkspaceAnswer } from "./ask-workspace.ts";
import { createCallCounter } from "./call-counter.ts";
import type { KqlQuery } from "./kql-query.ts";
import {
  type LogAnalytics,
  LogAnalyticsError,
  type LogAnalyticsErrorCode,
  type QueryPriority,
  type QueryResult,
  type RunOptions,
  type TypedAnswer,
  type TypedQuestion,
} from "./log-analytics.ts";
import { missingPartOf, toLogAnalyticsError } from "./log-analytics-failure.ts";
import type { QueryLimits } from "./query-limits.ts";
import type { RawOutcome, RawQuestion } from "./raw-outcome.ts";
import { rowsAside } from "./rows-aside.ts";
import { askInPieces, together } from "./split-window.ts";
import { createWireWatch } from "./wire-watch.ts";
import { type Workspace, workspacesFor } from "./workspaces.ts";

export type LogAnalyticsOptions = {
  readonly workspaces: readonly Workspace[];
  /** ARM ids that are asked one by one where no workspace may be read: each answers with the rows that it wrote itself. */
  readonly resourceIds?: readonly string[];
  readonly credential: TokenCredential;
  /** Where requests go instead of the network. */
  readonly httpClient?: HttpClient;
  /** The Logs query host of the cloud, as `https://api.loganalytics.io`. */
  readonly endpoint?: string;
  /** The token audience of the cloud, as `https://api.loganalytics.us`. */
  readonly audience?: string;
  readonly now: () => Instant;
  readonly limits: QueryLimits;
};

/** The query path over the unmodified SDK: one governor, one breaker and one cache for the installation. */
export function createLogAnalytics(options: LogAnalyticsOptions): LogAnalytics {
  const { limits, now } = options;
  const governor = createGovernor(limits.governor);
  const breaker = createCircuitBreaker(limits.breaker);
  const counter = createCallCounter(now);
  const refused = new Map<string, { code: LogAnalyticsErrorCode; until: number; error: UpstreamError }>();
  const cache: AnswerCache<QueryResult<unknown>> = createAnswerCache({ now, maxBytes: limits.cacheBytes, ...limits });
  const wire = createWireWatch();
  const resourceIds = options.resourceIds ?? [];
  let client = createClient(options);

  function callDefaults(name: string, priority: QueryPriority) {
    return {
      lane: priority,
      governor,
      breaker,
      policy: { ...limits, attemptMs: limits.serverWaitMs[priority] + 5_000, totalMs: limits.totalMs[priority] },
      now,
      onAttempt: () => counter.count(name, "upstream"),
      onFailure: (failed: UpstreamFailure) => {
        counter.count(name, "failed");
        if (failed.kind === "throttled") counter.count(name, "throttled");
      },
      onUnauthenticated: () => {
        client = createClient(options);
      },
    };
  }

  function ask(question: RawQuestion, asked: Asked): Promise<WorkspaceAnswer> {
    const serverWaitMs = limits.serverWaitMs[question.priority];
    return callUpstream({
      ...callDefaults(question.name, question.priority),
      attempt: (signal) =>
        wire.watch(signal, () => askWorkspace(client, { ...question, asked, serverWaitMs, now: now(), signal })),
    });
  }

  /** Asks all workspaces at once; when one refuses, finds out which and asks the others. */
  async function askWorkspaces(question: RawQuestion): Promise<RawOutcome> {
    if (options.workspaces.length === 0 && isFilled(resourceIds)) return askResources(question, resourceIds);
    const wanted = workspacesFor(question.kql, options.workspaces).map((workspace) => workspace.workspaceId);
    if (wanted.length === 0) return { status: "not_connected", missing: { kind: "data", name: "any workspace" } };
    const healthy = wanted.filter((id) => (refused.get(id)?.until ?? 0) <= now());
    const asked = isFilled(healthy) ? healthy : wanted;
    if (!isFilled(asked)) return { status: "not_connected", missing: { kind: "data", name: "any workspace" } };
    try {
      const outcome = await outcomeOf(() => ask(question, { workspaceIds: asked }));
      for (const id of asked) refused.delete(id);
      return withoutRefused(outcome, wanted, asked);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (asked.length === 1) {
        refuse(asked[0], error);
        throw error;
      }
      for (const id of asked) await probe(id, question.priority);
      const others = asked.filter((id) => !refused.has(id));
      if (!isFilled(others) || others.length === asked.length) throw error;
      return withoutRefused(await outcomeOf(() => ask(question, { workspaceIds: others })), wanted, others);
    }
  }

  /** Rows of the product's questions are grouped by account, so the answers of several accounts are simply put together. */
  async function askResources(question: RawQuestion, ids: readonly [string, ...string[]]): Promise<RawOutcome> {
    const outcomes: RawOutcome[] = [];
    const failing: string[] = [];
    let refusal: unknown;
    const resting = ids.filter((id) => (refused.get(id)?.until ?? 0) > now());
    for (const resourceId of ids) {
      const known = refused.get(resourceId);
      try {
        if (known && resting.length < ids.length && resting.includes(resourceId)) throw known.error;
        outcomes.push(await outcomeOf(() => ask(question, { resourceId })));
        refused.delete(resourceId);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        if (error !== known?.error) refuse(resourceId, error);
        refusal = error;
        failing.push(resourceId);
      }
    }
    const [first, ...others] = outcomes;
    if (!first) throw refusal;
    const all = others.reduce(together, first);
    if (failing.length === 0 || all.status === "partial") return all;
    if (all.status === "not_connected") throw refusal;
    const message = `${failing.map((id) => id.slice(id.lastIndexOf("/") + 1)).join(", ")} refused; the rows of the others are shown.`;
    return { status: "partial", answers: all.answers, reason: "workspace_failed", message };
  }

  /** A table that the others do not have may be in one that refused, so its absence is the refusal and no state of the source. */
  function withoutRefused(outcome: RawOutcome, wanted: readonly string[], asked: readonly string[]): RawOutcome {
    const left = wanted.filter((id) => !asked.includes(id));
    const refusal = left.map((id) => refused.get(id)?.error).find((error) => error !== undefined);
    if (!refusal || outcome.status === "partial") return outcome;
    if (outcome.status === "not_connected") throw refusal;
    const message = `The workspace ${left.join(", ")} refused or does not exist; the rows of the others are shown.`;
    return { status: "partial", answers: outcome.answers, reason: "workspace_failed", message };
  }

  async function probe(workspaceId: string, priority: QueryPriority): Promise<void> {
    const question = { name: "workspace-probe", kql: "print 1", period: null, priority, splitAlignMs: null };
    try {
      await outcomeOf(() => ask(question, { workspaceIds: [workspaceId] }));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refuse(workspaceId, error);
    }
  }

  function refuse(workspaceId: string, error: UpstreamError): void {
    const code = error.failure.kind === "not_found" ? "workspace_not_found" : "access_denied";
    refused.set(workspaceId, { code, until: now() + limits.refusedWorkspaceMs, error });
  }

  async function fetchRaw(question: RawQuestion): Promise<RawOutcome> {
    const outcome = await askInPieces(question, askWorkspaces, limits);
    if (outcome.status === "partial") counter.count(question.name, "partial");
    return outcome;
  }

  /** Turns what broke into a `LogAnalyticsError` and keeps it for the Data page. */
  async function named<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
    try {
      const value = await work();
      counter.succeeded();
      return value;
    } catch (error) {
      const known = toLogAnalyticsError(error, name, breaker.state());
      counter.broke(known);
      throw known;
    }
  }

  async function run<Params, Row>(
    query: KqlQuery<Params, Row>,
    params: Params,
    runOptions: RunOptions,
  ): Promise<QueryResult<Row>> {
    const kql = query.text(params);
    const period = runOptions.period ? alignedToMinutes(runOptions.period) : null;
    const question = {
      name: query.name,
      kql,
      period,
      priority: runOptions.priority,
      splitAlignMs: query.splitAlignMs ?? null,
    };
    counter.count(query.name, "asked");
    const fetch = async (): Promise<Fetched<QueryResult<unknown>>> => {
      const asOf = now();
      const startedAt = performance.now();
      const outcome = await named(query.name, () => fetchRaw(question));
      const answer = { asOf, kql, executionMs: Math.round(performance.now() - startedAt) };
      const value = await named(query.name, async () => toResult(query, outcome, answer));
      return { value, at: asOf, bytes: bytesOf(outcome), isKept: value.status !== "partial" };
    };
    const key = JSON.stringify([query.name, kql, period?.start, period?.end]);
    const served = await detachable(
      cache.ask(key, fetch, {
        maxAgeMs: runOptions.maxAgeMs ?? 0,
        staleWaitMs: runOptions.priority === "interactive" ? limits.staleWaitMs : null,
      }),
      query.name,
      runOptions.signal,
    );
    return resultOfSameQuery<Row>(withRefreshError(served.value, served.refreshError));
  }

  async function askTyped(question: TypedQuestion): Promise<TypedAnswer> {
    const name = "typed";
    counter.count(name, "asked");
    const ids = workspacesFor(question.text, options.workspaces).map((workspace) => workspace.workspaceId);
    if (!isFilled(ids)) throw noWorkspace(name);
    const call = callUpstream({
      ...callDefaults(name, "typed"),
      attempt: (signal) => askWorkspaceTyped(client, { ...question, workspaceIds: ids, now: now() }, signal),
    });
    return detachable(
      named(name, () => call.catch(httpAnswerOf)),
      name,
      question.signal,
    );
  }

  return {
    run,
    askTyped,
    status: () => ({
      ...counter.snapshot(),
      breaker: breaker.state(),
      waitingMs: wire.waitingMs(),
      load: wire.load(),
      failingWorkspaces: new Map([...refused].map(([id, { code }]) => [id, code])),
    }),
  };
}

function createClient(options: LogAnalyticsOptions): LogsQueryClient {
  return new LogsQueryClient(options.credential, {
    ...(options.httpClient ? { httpClient: options.httpClient } : {}),
    ...(options.endpoint ? { endpoint: options.endpoint } : {}),
    ...(options.audience ? { audience: options.audience } : {}),
    // Ours retries instead: the SDK's neither caps Retry-After nor retries a 429 without one, nor EAI_AGAIN.
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ policy: rowsAside, position: "perRetry" }],
  });
}

/** An error that came as an HTTP answer with a body is what the person who typed gets to see. */
function httpAnswerOf(error: unknown): TypedAnswer {
  const cause = error instanceof UpstreamError ? error.failure.cause : null;
  if (!isRestError(cause) || !cause.response || cause.response.status === 200) throw error;
  return { status: cause.response.status, body: cause.response.bodyAsText ?? "" };
}

function noWorkspace(query: string): LogAnalyticsError {
  return new LogAnalyticsError("workspace_not_found", {
    query,
    message: "No workspace is configured for these tables. Name one in LOG_ANALYTICS_WORKSPACE_ID.",
  });
}

/** Null answers (204) and unknown tables are states of the workspace, everything else stays an error. */
async function outcomeOf(ask: () => Promise<WorkspaceAnswer>): Promise<RawOutcome> {
  try {
    const answer = await ask();
    if (answer.partial === null) return { status: "complete", answers: [answer] };
    return { status: "partial", answers: [answer], reason: "service", message: answer.partial };
  } catch (error) {
    const missing = missingPartOf(error);
    if (missing) return { status: "not_connected", missing };
    throw error;
  }
}

function isRefusal(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && ["access_denied", "not_found"].includes(error.failure.kind);
}

function isFilled(ids: readonly string[]): ids is readonly [string, ...string[]] {
  return ids.length > 0;
}

function toResult<Params, Row>(
  query: KqlQuery<Params, Row>,
  outcome: RawOutcome,
  answer: { readonly asOf: Instant; readonly kql: string; readonly executionMs: number },
): QueryResult<Row> {
  if (outcome.status === "not_connected") return { ...answer, ...outcome };
  const rows = outcome.answers.flatMap((part) => readRows(query.name, query.row, part));
  if (outcome.status === "complete") return { ...answer, status: "complete", rows };
  return { ...answer, status: "partial", rows, reason: outcome.reason, message: outcome.message };
}

function readRows<Row>(name: string, schema: z.ZodType<Row>, answer: WorkspaceAnswer): Row[] {
  const names = answer.columns.map((column) => column.name);
  return answer.rows.map((cells, index) => {
    const parsed = schema.safeParse(Object.fromEntries(names.map((column, at) => [column, cells[at]])));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new LogAnalyticsError("malformed", {
      query: name,
      message: `Row ${index} of the question ${name} does not have the shape it must have: ${issue?.path.join(".") || "row"}: ${issue?.message ?? "unknown"}. Nothing of this answer is used.`,
    });
  });
}

/** Viewers a few seconds apart ask for the same window; a wider timespan changes nothing, since the text filters too. */
function alignedToMinutes(within: Period): Period {
  return {
    start: toInstant(Math.floor(within.start / MINUTE_MS) * MINUTE_MS),
    end: toInstant(Math.ceil(within.end / MINUTE_MS) * MINUTE_MS),
  };
}

function bytesOf(outcome: RawOutcome): number {
  if (outcome.status === "not_connected") return 256;
  return outcome.answers.reduce((sum, answer) => sum + answer.body.length, 256);
}

function withRefreshError(result: QueryResult<unknown>, error: unknown): QueryResult<unknown> {
  if (result.status !== "complete" || !(error instanceof LogAnalyticsError)) return result;
  return { ...result, refreshError: error.code };
}

/** The cache key holds the query's name and text, so what is kept under it was read with the same query's schema. */
function resultOfSameQuery<Row>(result: QueryResult<unknown>): QueryResult<Row> {
  return result as QueryResult<Row>;
}

/** A caller who leaves stops waiting; the shared question goes on for the others. */
async function detachable<Value>(work: Promise<Value>, name: string, signal: AbortSignal | undefined): Promise<Value> {
  if (!signal) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = (): void =>
    reject(
      new LogAnalyticsError("cancelled", { query: name, message: `The question ${name} was cancelled by its caller.` }),
    );
  if (signal.aborted) leave();
  signal.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", leave);
    work.catch(() => undefined);
  }
}
