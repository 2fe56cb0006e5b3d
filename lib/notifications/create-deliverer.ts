import { setTimeout } from "node:timers/promises";
import { type Instant, SECOND_MS } from "../time/instant.ts";
import type { Channel, ChannelId } from "./channel.ts";
import type { ClaimedItem, Outbox, Settlement } from "./outbox.ts";
import type { Send } from "./send-webhook.ts";

/** Attempts of one process, by what became of them. */
export type DeliverySummary = { delivered: number; retrying: number; dead: number };

/** Takes due items from the outbox and sends them. */
export type Deliverer = {
  /** Starts what may start now and returns without waiting for the receivers; call it every second. */
  readonly pump: () => Promise<void>;
  /** Sends until nothing is due and nothing under way; the attempts made are summed. */
  readonly drain: () => Promise<DeliverySummary>;
  /** Takes nothing more and waits up to three seconds for what is under way; the rest is sent again when its claim runs out. */
  readonly stop: () => Promise<void>;
};

const PER_CHANNEL = 2;
const IN_ALL = 10;
const STOP_MS = 3 * SECOND_MS;

/**
 * A deliverer over an outbox: at most two sendings per channel and ten in all, so that a receiver that hangs holds up
 * nobody else. A failed write of a result is left to the claim's end: the item is then sent again with the same key.
 */
export function createDeliverer(options: {
  readonly outbox: Outbox;
  readonly send: Send;
  readonly now: () => Instant;
  readonly onError: (error: unknown) => void;
}): Deliverer {
  const { outbox, send, now, onError } = options;
  const busy = new Map<ChannelId, number>();
  const underWay = new Set<Promise<void>>();
  const totals: DeliverySummary = { delivered: 0, retrying: 0, dead: 0 };
  let isStopped = false;
  let pumping: Promise<void> | null = null;

  async function startDue(): Promise<void> {
    for (const channel of await outbox.dueChannels(now())) {
      if (isStopped) return;
      const room = Math.min(PER_CHANNEL - (busy.get(channel.id) ?? 0), IN_ALL - underWay.size);
      if (room <= 0) continue;
      for (const item of await outbox.claim(channel.id, room, now())) start(channel, item);
    }
  }

  function start(channel: Channel, item: ClaimedItem): void {
    busy.set(channel.id, (busy.get(channel.id) ?? 0) + 1);
    const attempt = sendAndSettle(channel, item)
      .catch(onError)
      .finally(() => {
        busy.set(channel.id, (busy.get(channel.id) ?? 1) - 1);
        underWay.delete(attempt);
      });
    underWay.add(attempt);
  }

  async function sendAndSettle(channel: Channel, item: ClaimedItem): Promise<void> {
    const result: Settlement = await send(channel, item, now());
    await outbox.settle(item, result, now());
    totals[result.state] += 1;
  }

  async function pump(): Promise<void> {
    pumping ??= startDue().finally(() => {
      pumping = null;
    });
    await pumping;
  }

  return {
    pump,
    async drain() {
      const before = { ...totals };
      for (;;) {
        await pump();
        if (underWay.size === 0) break;
        await Promise.race(underWay);
      }
      return {
        delivered: totals.delivered - before.delivered,
        retrying: totals.retrying - before.retrying,
        dead: totals.dead - before.dead,
      };
    },
    async stop() {
      isStopped = true;
      await pumping;
      await Promise.race([Promise.all(underWay), setTimeout(STOP_MS, undefined, { ref: false })]);
    },
  };
}
