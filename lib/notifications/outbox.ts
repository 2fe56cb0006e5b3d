import { createHash } from "node:crypto";
import type { Instant } from "../time/instant.ts";
import type { Channel, ChannelId } from "./channel.ts";

export const OUTBOX_STATES = ["queued", "sending", "delivered", "retrying", "dead", "cancelled"] as const;
export type OutboxState = (typeof OUTBOX_STATES)[number];

/**
 * A message to one channel, frozen when it is written. Items of one channel and `instanceKey` are sent in order of `sequence`,
 * so that "resolved" never overtakes its "fired".
 */
export type NewOutboxItem = {
  readonly idempotencyKey: string;
  readonly channelId: ChannelId;
  readonly kind: string;
  readonly instanceKey: string;
  readonly sequence: number;
  readonly payload: string;
};

/** An item that this process holds for a while; `attempt` counts from 1. */
export type ClaimedItem = NewOutboxItem & { readonly id: string; readonly attempt: number; readonly claim: string };

/** What became of an attempt. `disable_channel` is a receiver that said it is gone for good. */
export type Settlement =
  | { readonly state: "delivered" }
  | { readonly state: "retrying"; readonly error: string; readonly nextAttemptAt: Instant }
  | { readonly state: "dead"; readonly error: string; readonly disablesChannel: boolean };

/** The stored queue. A claim runs out after a minute, so the items of a dead process are sent again with the same key. */
export type Outbox = {
  /** Active channels with something due, the longest waiting first. */
  readonly dueChannels: (now: Instant) => Promise<Channel[]>;
  /** Takes up to `limit` due items of one channel, oldest first, at most one per `instanceKey`. */
  readonly claim: (channelId: ChannelId, limit: number, now: Instant) => Promise<ClaimedItem[]>;
  /** Writes the result of an attempt; does nothing when the claim has passed to somebody else. */
  readonly settle: (item: ClaimedItem, result: Settlement, now: Instant) => Promise<void>;
};

/**
 * The key that receivers de-duplicate by: base64url of the SHA-256 of instance, transition number, channel and kind.
 * It does not depend on time, attempt, process or replica.
 */
export function idempotencyKey(parts: {
  readonly instanceKey: string;
  readonly transition: string;
  readonly channelId: ChannelId;
  readonly kind: string;
}): string {
  const text = [parts.instanceKey, parts.transition, parts.channelId, parts.kind].map(encodeURIComponent).join("|");
  return createHash("sha256").update(text).digest("base64url");
}
