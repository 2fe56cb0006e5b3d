import { isRestError, type RestError } from "@azure/core-rest-pipeline";

/** The innermost words of a service's error body, as `SEM0100` with its line and position where it has them. */
export type ServiceError = {
  readonly codes: readonly string[];
  readonly messages: readonly string[];
  readonly line: number | null;
  readonly pos: number | null;
};

export type FailureKind =
  | "unauthenticated"
  | "access_denied"
  | "not_found"
  | "no_content"
  | "bad_request"
  | "throttled"
  | "gateway_timeout"
  | "unavailable"
  | "malformed"
  | "timeout"
  | "breaker_open"
  | "overloaded";

/** What went wrong with one call, in the words of HTTP, before a room says what it means for its question. */
export type UpstreamFailure = {
  readonly kind: FailureKind;
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  readonly service: ServiceError;
  readonly summary: string;
  readonly cause: unknown;
};

const NETWORK_CODES = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "REQUEST_SEND_ERROR",
]);
const NO_SERVICE_ERROR: ServiceError = { codes: [], messages: [], line: null, pos: null };

/** Classifies whatever an Azure SDK client threw; `at` (epoch ms) turns a `Retry-After` date into a duration. */
export function toUpstreamFailure(error: unknown, at: number): UpstreamFailure {
  const name = nameOf(error);
  if (name === "AbortError" || name === "TimeoutError") return failure("timeout", error, "no answer in time");
  if (
    name === "AuthenticationError" ||
    name === "CredentialUnavailableError" ||
    name === "AggregateAuthenticationError"
  )
    return failure("unauthenticated", error, "no token could be had");
  if (!isRestError(error)) {
    if (NETWORK_CODES.has(codeOf(error))) return failure("unavailable", error, codeOf(error));
    return failure("malformed", error, "the answer is not what the protocol says");
  }
  const status = error.statusCode ?? error.response?.status ?? null;
  const isParseError = error.code === "PARSE_ERROR" || status === 200;
  if (isParseError && (status === null || status < 400)) return failure("malformed", error, "the answer is not JSON");
  if (status === null) return failure("unavailable", error, codeOf(error) || "no connection");
  return {
    kind: kindOfStatus(status),
    status,
    retryAfterMs: retryAfterOf(error, at),
    service: serviceErrorOf(error),
    summary: `HTTP ${status}`,
    cause: error,
  };
}

/** Whether the same call may do better a little later. */
export function isRetryable(kind: FailureKind): boolean {
  return kind === "throttled" || kind === "unavailable" || kind === "malformed" || kind === "timeout";
}

/** A failure that no answer of the service describes. */
export function failure(kind: FailureKind, cause: unknown, summary: string): UpstreamFailure {
  return { kind, status: null, retryAfterMs: null, service: NO_SERVICE_ERROR, summary, cause };
}

function kindOfStatus(status: number): FailureKind {
  if (status === 204) return "no_content";
  if (status === 401) return "unauthenticated";
  if (status === 403) return "access_denied";
  if (status === 404) return "not_found";
  if (status === 429) return "throttled";
  if (status === 504) return "gateway_timeout";
  if (status === 408 || status >= 500) return "unavailable";
  if (status >= 400) return "bad_request";
  return "malformed";
}

/** `retry-after-ms`, `x-ms-retry-after-ms` or `Retry-After` in seconds or as a date; null when none says. */
function retryAfterOf(error: RestError, at: number): number | null {
  const headers = error.response?.headers;
  for (const name of ["retry-after-ms", "x-ms-retry-after-ms"]) {
    const ms = Number(headers?.get(name) ?? Number.NaN);
    if (Number.isFinite(ms) && ms >= 0) return ms;
  }
  const text = headers?.get("retry-after");
  if (text === undefined || text.trim() === "") return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1_000 : null;
  const date = Date.parse(text);
  return Number.isFinite(date) ? Math.max(0, date - at) : null;
}

function serviceErrorOf(error: RestError): ServiceError {
  try {
    return toServiceError(JSON.parse(error.response?.bodyAsText ?? ""));
  } catch {
    return NO_SERVICE_ERROR;
  }
}

/** Walks `error` and its `innererror`s, outermost first; a body of another shape gives empty lists. */
export function toServiceError(body: unknown): ServiceError {
  const codes: string[] = [];
  const messages: string[] = [];
  let line: number | null = null;
  let pos: number | null = null;
  let level: unknown = field(body, "error") ?? body;
  for (let depth = 0; depth < 10 && typeof level === "object" && level !== null; depth++) {
    const code = field(level, "code");
    const message = field(level, "message");
    if (typeof code === "string") codes.push(code);
    if (typeof message === "string") messages.push(message);
    line = numberOr(field(level, "line"), line);
    pos = numberOr(field(level, "pos"), pos);
    const details = field(level, "details");
    level = field(level, "innererror") ?? (Array.isArray(details) ? details[0] : undefined);
  }
  return { codes, messages, line, pos };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function numberOr(value: unknown, otherwise: number | null): number | null {
  return typeof value === "number" ? value : otherwise;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

function codeOf(error: unknown): string {
  const code = field(error, "code");
  return typeof code === "string" ? code : "";
}
