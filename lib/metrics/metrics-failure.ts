import { UpstreamError } from "../upstream/call-upstream.ts";
import { type FailureKind, toUpstreamFailure, type UpstreamFailure } from "../upstream/upstream-failure.ts";
import type { MetricsErrorCode, MetricsFailure } from "./metrics.ts";

const CODES: Readonly<Record<FailureKind, MetricsErrorCode>> = {
  unauthenticated: "unauthenticated",
  access_denied: "access_denied",
  not_found: "resource_not_found",
  no_content: "malformed",
  bad_request: "invalid_request",
  throttled: "throttled",
  gateway_timeout: "unavailable",
  unavailable: "unavailable",
  malformed: "malformed",
  timeout: "timeout",
  breaker_open: "breaker_open",
  overloaded: "overloaded",
};

/** What one resource's failure means: a metric or dimension that it does not have is a state, the rest is an error. */
export function toMetricsFailure(
  error: unknown,
  about: { readonly resourceId: string; readonly metricNames: readonly string[] },
): MetricsFailure {
  if (error instanceof Error && error.name === "TruncatedSeries") {
    return { ...about, code: "truncated", message: `${error.message} Filter by deployment to see the rest.` };
  }
  if (error instanceof Error && error.name === "AbortError") {
    return { ...about, code: "cancelled", message: "The request was cancelled by its caller." };
  }
  const failed = error instanceof UpstreamError ? error.failure : toUpstreamFailure(error, 0);
  const words = failed.service.messages.at(-1) ?? failed.summary;
  return {
    ...about,
    code: codeOf(failed, words),
    message: `The metrics API was asked for ${about.metricNames.join(", ")}: ${words}`,
  };
}

function codeOf(failed: UpstreamFailure, words: string): MetricsErrorCode {
  if (failed.kind !== "bad_request") return CODES[failed.kind];
  if (/metric(s|:|\(s\))?.*(not supported|do not exist|not found|invalid)|failed to find metric/i.test(words))
    return "unknown_metric";
  if (/dimension|metadata/i.test(words)) return "unknown_dimension";
  return "invalid_request";
}
