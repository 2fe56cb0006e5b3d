import { z } from "zod";
import type { Channel, ChannelId } from "../notifications/channel.ts";
import type { Instant } from "../time/instant.ts";
import type { Sealer } from "./sealer.ts";
import type { StateDb, StateTransaction } from "./state.ts";

const configSchema = z.object({ url: z.string(), secrets: z.array(z.string()) });

/** Every channel that was not deleted, by name, with its secrets opened. */
export async function listChannels(db: StateDb, sealer: Sealer): Promise<Channel[]> {
  const rows = await db
    .selectFrom("channel")
    .selectAll()
    .where("deleted_at", "is", null)
    .orderBy("name")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id as ChannelId,
    name: row.name,
    kind: z.literal("webhook").parse(row.kind),
    ...configSchema.parse(JSON.parse(sealer.open(row.config, cellOf(row.id)))),
    state: z.enum(["active", "disabled"]).parse(row.state),
    disabledReason: row.disabled_reason,
  }));
}

/** Adds a channel, or changes the one with its id; address and secrets are sealed. */
export async function saveChannel(tx: StateTransaction, channel: Channel, sealer: Sealer, at: Instant): Promise<void> {
  const row = {
    name: channel.name,
    kind: channel.kind,
    config: sealer.seal(JSON.stringify({ url: channel.url, secrets: channel.secrets }), cellOf(channel.id)),
    state: channel.state,
    disabled_reason: channel.disabledReason,
    updated_at: BigInt(at),
    deleted_at: null,
  };
  await tx
    .insertInto("channel")
    .values({ id: channel.id, created_at: BigInt(at), ...row })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
    .execute();
}

/** Switches a channel off and says why; its queue waits. */
export async function disableChannel(tx: StateTransaction, id: ChannelId, reason: string, at: Instant): Promise<void> {
  await tx
    .updateTable("channel")
    .set({ state: "disabled", disabled_reason: reason, updated_at: BigInt(at) })
    .where("id", "=", id)
    .execute();
}

/** Removes a channel and cancels what waits for it. False when there was none. */
export async function deleteChannel(tx: StateTransaction, id: ChannelId, at: Instant): Promise<boolean> {
  const result = await tx
    .updateTable("channel")
    .set({ deleted_at: BigInt(at), updated_at: BigInt(at) })
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  await tx
    .updateTable("outbox")
    .set({ state: "cancelled" })
    .where("channel_id", "=", id)
    .where("state", "in", ["queued", "retrying"])
    .execute();
  return result.numUpdatedRows > 0n;
}

function cellOf(id: string): string {
  return `channel/${id}/config`;
}
