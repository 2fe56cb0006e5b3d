import type { RequestCause } from "./usage-fact.ts";

/**
 * Why a request ended, as far as an HTTP status proves it. A 400 alone does not prove a content filter: it is a client
 * error, possibly a filter. `provesFilter` is told by a span or a gateway.
 */
export function causeOf(status: string, provesFilter: boolean): RequestCause {
  const code = Number.parseInt(status, 10);
  if (!Number.isInteger(code)) return "unknown";
  if (code >= 200 && code < 400) return "ok";
  switch (code) {
    case 429:
      return "throttled";
    case 401:
    case 403:
      return "access_denied";
    case 408:
    case 504:
      return "timeout";
    case 499:
      return "cancelled";
    default:
      if (code >= 500) return "server_error";
      return code === 400 && provesFilter ? "content_filter" : "client_error";
  }
}

/** Why a call ended at the gateway without reaching a backend. */
export function gatewayCauseOf(status: string): RequestCause {
  const cause = causeOf(status, false);
  return cause === "throttled" ? "gateway_policy" : cause;
}
