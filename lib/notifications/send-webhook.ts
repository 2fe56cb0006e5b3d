import { type Instant, SECOND_MS, toInstant } from "../time/instant.ts";
import type { Channel } from "./channel.ts";
import type { ClaimedItem, Settlement } from "./outbox.ts";
import type { OutgoingPolicy } from "./outgoing-guard.ts";
import { type PostLimits, type PostResult, postGuarded } from "./post-guarded.ts";
import { nextAttemptAt } from "./retry-schedule.ts";
import { signatureHeaders } from "./sign-webhook.ts";

/** Sends one item to one channel and says what becomes of it. */
export type Send = (channel: Channel, item: ClaimedItem, now: Instant) => Promise<Settlement>;

/** The sender of webhooks: signed, guarded, with the retry schedule. `random` in [0, 1) spreads the waits. */
export function webhookSender(options: {
  readonly policy: OutgoingPolicy;
  readonly random: () => number;
  readonly ca?: string;
  readonly limits?: PostLimits;
}): Send {
  return async (channel, item, now) => {
    const headers = {
      "content-type": "application/json; charset=utf-8",
      "idempotency-key": item.idempotencyKey,
      ...signatureHeaders(item.idempotencyKey, Math.floor(now / SECOND_MS), item.payload, channel.secrets),
    };
    const result = await postGuarded(channel.url, headers, item.payload, options.policy, options);
    return settlementOf(result, item.attempt, now, options.random());
  };
}

const ATTEMPTS_AGAINST_CLIENT_ERROR = 3;

/**
 * What an attempt's result means. Only 2xx is success; 3xx is a wrong address and never followed; 410 ends the channel;
 * 408, 425, 429, 5xx and network failures are tried again; another 4xx three times.
 */
export function settlementOf(result: PostResult, attempt: number, now: Instant, random: number): Settlement {
  switch (result.kind) {
    case "refused":
      return { state: "dead", error: result.message, disablesChannel: false };
    case "failed":
      return retry(FAILURES[result.failure], attempt, now, random, null);
    case "answered": {
      const { status } = result;
      const error = `The receiver answered ${status}.`;
      if (status >= 200 && status < 300) return { state: "delivered" };
      if (status === 410)
        return {
          state: "dead",
          error: "The receiver answered 410 Gone; the channel is switched off.",
          disablesChannel: true,
        };
      if (status < 400)
        return {
          state: "dead",
          error: `${error} Redirects are not followed: correct the address.`,
          disablesChannel: false,
        };
      if ([408, 425, 429].includes(status) || status >= 500)
        return retry(error, attempt, now, random, retryAfterMs(result.retryAfter, now));
      return attempt < ATTEMPTS_AGAINST_CLIENT_ERROR
        ? retry(error, attempt, now, random, null)
        : { state: "dead", error, disablesChannel: false };
    }
  }
}

const FAILURES = {
  name: "The receiver's name does not resolve.",
  connect: "No connection to the receiver.",
  tls: "The receiver's certificate is not trusted, or TLS failed.",
  timeout: "The receiver did not answer in time.",
  connection_lost: "The receiver closed the connection without an answer.",
} as const;

function retry(error: string, attempt: number, now: Instant, random: number, afterMs: number | null): Settlement {
  const next = nextAttemptAt(attempt, now, random, afterMs);
  return next === null
    ? { state: "dead", error: `${error} All ${attempt} attempts failed.`, disablesChannel: false }
    : { state: "retrying", error, nextAttemptAt: next };
}

/** `Retry-After` in seconds or as an HTTP date; null when it is neither. */
function retryAfterMs(header: string | null, now: Instant): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * SECOND_MS;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, toInstant(at) - now);
}
