import { UpstreamError } from "../upstream/call-upstream.ts";
import { type FailureKind, toUpstreamFailure, type UpstreamFailure } from "../upstream/upstream-failure.ts";
import { LogAnalyticsError, type LogAnalyticsErrorCode, type MissingPart } from "./log-analytics.ts";

const CODES: Readonly<Record<FailureKind, LogAnalyticsErrorCode>> = {
  unauthenticated: "unauthenticated",
  access_denied: "access_denied",
  not_found: "workspace_not_found",
  no_content: "malformed",
  bad_request: "invalid_query",
  throttled: "throttled",
  gateway_timeout: "too_large",
  unavailable: "unavailable",
  malformed: "malformed",
  timeout: "timeout",
  breaker_open: "breaker_open",
  overloaded: "overloaded",
};

const ADVICE: Readonly<Record<LogAnalyticsErrorCode, string>> = {
  unauthenticated: "Sign in with az login, or give this host a managed identity that may read the workspace.",
  access_denied:
    "Grant Log Analytics Reader on the workspace to this identity; a new grant can take up to 60 minutes. It is tried again every 5 minutes.",
  workspace_not_found: "LOG_ANALYTICS_WORKSPACE_ID must be the workspace's GUID, not its name.",
  throttled: "The workspace is busy or its identity is shared with others; it is asked again later.",
  unavailable: "The workspace or the way to it is down; the last good answers stay on screen with their age.",
  timeout: "The workspace did not answer; it is asked again later.",
  invalid_query: "Correct the query at the place named.",
  malformed: "Nothing of this answer is used; it is asked again later.",
  too_large: "Choose a shorter period.",
  breaker_open: "The workspace kept failing and is left alone for a while; the last good answers stay on screen.",
  overloaded: "Wait a moment, or close some views.",
  cancelled: "",
};

/** The error of the query path for whatever broke; the service's own words, which may quote values of the query, stay out of it. */
export function toLogAnalyticsError(error: unknown, query: string, breaker: string): LogAnalyticsError {
  if (error instanceof LogAnalyticsError) return error;
  const failed = error instanceof UpstreamError ? error.failure : toUpstreamFailure(error, 0);
  const code = CODES[failed.kind];
  return new LogAnalyticsError(code, {
    query,
    message: `The question ${query} to Log Analytics failed: ${codesOf(failed)}. ${ADVICE[code]}`.trim(),
    ...(failed.retryAfterMs === null ? {} : { retryAfterMs: failed.retryAfterMs }),
    cause: { error: failed.cause, breaker },
  });
}

/** Unknown tables, unknown columns, tables on a plan that cannot be asked, and a workspace that never received anything; null when the error is another one. */
export function missingPartOf(error: unknown): MissingPart | null {
  if (!(error instanceof UpstreamError)) return null;
  if (error.failure.kind === "no_content") return { kind: "data", name: "the workspace" };
  if (error.failure.kind !== "bad_request") return null;
  if (error.failure.service.messages.some((message) => /\b(Basic|Auxiliary)\b.* Logs? table/i.test(message)))
    return { kind: "plan", name: "a table on the Basic or Auxiliary plan" };
  for (const message of error.failure.service.messages) {
    const found = /Failed to resolve\s+(.*?)\s*(?:named\s+)?'([^']+)'/i.exec(message);
    if (!found?.[1] || !found[2]) continue;
    return { kind: /table/i.test(found[1]) ? "table" : "column", name: found[2] };
  }
  return null;
}

function codesOf(failed: UpstreamFailure): string {
  const codes = failed.service.codes.length > 0 ? ` (${failed.service.codes.join(", ")})` : "";
  return `${failed.summary}${codes}${placeOf(failed)}`;
}

function placeOf({ service }: UpstreamFailure): string {
  return service.line === null ? "" : `, line ${service.line}, position ${service.pos ?? 0}`;
}
