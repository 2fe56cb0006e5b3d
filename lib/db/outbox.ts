import { sql } from "kysely";
import type { ChannelId } from "../notifications/channel.ts";
import type { ClaimedItem, NewOutboxItem, Outbox, OutboxState, Settlement } from "../notifications/outbox.ts";
import { OUTBOX_STATES } from "../notifications/outbox.ts";
import { type Instant, SECOND_MS, toInstant } from "../time/instant.ts";
import { uuidV7 } from "../time/uuid-v7.ts";
import { disableChannel, listChannels } from "./channels.ts";
import type { Sealer } from "./sealer.ts";
import type { State, StateDb, StateTransaction } from "./state.ts";

const CLAIM_MS = 60 * SECOND_MS;

/** Puts messages into the outbox, in the transaction of the state change that caused them; a key that is there is left alone. */
export async function enqueue(tx: StateTransaction, items: readonly NewOutboxItem[], at: Instant): Promise<void> {
  for (const item of items)
    await tx
      .insertInto("outbox")
      .values({
        id: uuidV7(at),
        idempotency_key: item.idempotencyKey,
        channel_id: item.channelId,
        kind: item.kind,
        instance_key: item.instanceKey,
        sequence: BigInt(item.sequence),
        payload: item.payload,
        state: "queued",
        attempt: 0n,
        next_attempt_at: BigInt(at),
        claimed_by: null,
        claimed_until: null,
        last_error: null,
        created_at: BigInt(at),
        delivered_at: null,
      })
      .onConflict((conflict) => conflict.column("idempotency_key").doNothing())
      .execute();
}

/** The stored outbox; `holder` names this process in its claims. */
export function createOutbox(state: State, holder: string, sealer: Sealer): Outbox {
  return {
    async dueChannels(now) {
      const rows = await state.db
        .selectFrom("outbox")
        .select("channel_id")
        .select((eb) => eb.fn.min("next_attempt_at").as("waiting_since"))
        .where(isDue(now))
        .groupBy("channel_id")
        .orderBy("waiting_since")
        .execute();
      const active = new Map((await listChannels(state.db, sealer)).map((channel) => [channel.id, channel]));
      return rows.flatMap((row) => {
        const channel = active.get(row.channel_id as ChannelId);
        return channel?.state === "active" ? [channel] : [];
      });
    },
    claim: (channelId, limit, now) => claim(state, holder, channelId, limit, now),
    settle: (item, result, now) => settle(state, item, result, now),
  };
}

/** Puts a dead message back into the queue, with the key and the bytes that it always had. False when it was not dead. */
export async function replayDead(tx: StateTransaction, id: string, now: Instant): Promise<boolean> {
  const result = await tx
    .updateTable("outbox")
    .set({ state: "queued", attempt: 0n, next_attempt_at: BigInt(now), last_error: null })
    .where("id", "=", id)
    .where("state", "=", "dead")
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** One message as people see it; the payload is the JSON that is sent. */
export type OutboxRow = {
  readonly id: string;
  readonly idempotencyKey: string;
  readonly channelId: ChannelId;
  readonly kind: string;
  readonly state: OutboxState;
  readonly attempt: number;
  readonly nextAttemptAt: Instant;
  readonly lastError: string | null;
  readonly createdAt: Instant;
  readonly deliveredAt: Instant | null;
  readonly payload: string;
};

/** The newest messages, newest first; only those of a state when one is given. */
export async function listOutbox(db: StateDb, limit: number, state?: OutboxState): Promise<OutboxRow[]> {
  const rows = await db
    .selectFrom("outbox")
    .selectAll()
    .$if(state !== undefined, (query) => query.where("state", "=", state ?? ""))
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    idempotencyKey: row.idempotency_key,
    channelId: row.channel_id as ChannelId,
    kind: row.kind,
    state: stateOf(row.state),
    attempt: Number(row.attempt),
    nextAttemptAt: toInstant(Number(row.next_attempt_at)),
    lastError: row.last_error,
    createdAt: toInstant(Number(row.created_at)),
    deliveredAt: row.delivered_at === null ? null : toInstant(Number(row.delivered_at)),
    payload: row.payload,
  }));
}

/** How many messages are in each state. */
export async function countOutbox(db: StateDb): Promise<Record<OutboxState, number>> {
  const rows = await db
    .selectFrom("outbox")
    .select("state")
    .select((eb) => eb.fn.countAll<bigint>().as("count"))
    .groupBy("state")
    .execute();
  const counts = { queued: 0, sending: 0, delivered: 0, retrying: 0, dead: 0, cancelled: 0 };
  for (const row of rows) counts[stateOf(row.state)] = Number(row.count);
  return counts;
}

async function claim(
  state: State,
  holder: string,
  channelId: ChannelId,
  limit: number,
  now: Instant,
): Promise<ClaimedItem[]> {
  const claimId = `${holder}/${uuidV7(now)}`;
  // SQLite's transaction is IMMEDIATE, so nobody else claims beside it; PostgreSQL passes over rows that others hold.
  return state.transaction(async (tx) => {
    const candidates = await tx
      .selectFrom("outbox")
      .select(["id", "instance_key"])
      .where("channel_id", "=", channelId)
      .where(isDue(now))
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom("outbox as earlier")
              .select("earlier.id")
              .whereRef("earlier.channel_id", "=", "outbox.channel_id")
              .whereRef("earlier.instance_key", "=", "outbox.instance_key")
              .whereRef("earlier.sequence", "<", "outbox.sequence")
              .where("earlier.state", "in", ["queued", "retrying", "sending"]),
          ),
        ),
      )
      .orderBy("next_attempt_at")
      .orderBy("sequence")
      .orderBy("id")
      .limit(limit)
      .$if(state.dialect === "postgres", (query) => query.forUpdate().skipLocked())
      .execute();
    if (candidates.length === 0) return [];
    const rows = await tx
      .updateTable("outbox")
      .set((eb) => ({
        state: "sending",
        attempt: eb("attempt", "+", 1n),
        claimed_by: claimId,
        claimed_until: BigInt(now + CLAIM_MS),
      }))
      .where(
        "id",
        "in",
        candidates.map((row) => row.id),
      )
      .returningAll()
      .execute();
    return rows.map((row) => ({
      id: row.id,
      idempotencyKey: row.idempotency_key,
      channelId: row.channel_id as ChannelId,
      kind: row.kind,
      instanceKey: row.instance_key,
      sequence: Number(row.sequence),
      payload: row.payload,
      attempt: Number(row.attempt),
      claim: claimId,
    }));
  });
}

async function settle(state: State, item: ClaimedItem, result: Settlement, now: Instant): Promise<void> {
  await state.transaction(async (tx) => {
    const change = settledColumns(result, now);
    const updated = await tx
      .updateTable("outbox")
      .set({ ...change, claimed_by: null, claimed_until: null })
      .where("id", "=", item.id)
      .where("claimed_by", "=", item.claim)
      .executeTakeFirst();
    if (updated.numUpdatedRows > 0n && result.state === "dead" && result.disablesChannel)
      await disableChannel(tx, item.channelId, result.error, now);
  });
}

function settledColumns(result: Settlement, now: Instant) {
  switch (result.state) {
    case "delivered":
      return { state: "delivered", delivered_at: BigInt(now), last_error: null };
    case "retrying":
      return { state: "retrying", next_attempt_at: BigInt(result.nextAttemptAt), last_error: result.error };
    case "dead":
      return { state: "dead", last_error: result.error };
  }
}

/** Waiting and due, or claimed by a process that did not come back in time. */
function isDue(now: Instant) {
  const at = BigInt(now);
  return sql<boolean>`((outbox.state in ('queued', 'retrying') and outbox.next_attempt_at <= ${at}) or (outbox.state = 'sending' and outbox.claimed_until <= ${at}))`;
}

function stateOf(text: string): OutboxState {
  const found = OUTBOX_STATES.find((state) => state === text);
  if (!found) throw new Error(`The outbox holds an unknown state: ${text}.`);
  return found;
}
