import { z } from "zod";
import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import { deleteChannel as deleteStored, listChannels, saveChannel } from "../db/channels.ts";
import { enqueue, replayDead } from "../db/outbox.ts";
import type { Sealer } from "../db/sealer.ts";
import type { Channel, ChannelId } from "../notifications/channel.ts";
import { idempotencyKey } from "../notifications/outbox.ts";
import { checkUrl, type OutgoingPolicy } from "../notifications/outgoing-guard.ts";
import { newWebhookSecret } from "../notifications/sign-webhook.ts";
import { toIso } from "../time/instant.ts";
import { uuidV7 } from "../time/uuid-v7.ts";
import { audit } from "./audit.ts";
import { type CommandContext, InputError, NotFoundError } from "./command-context.ts";
import { parseInput } from "./parse-input.ts";

/** What commands on channels need besides: the sealer of secrets, and what an address may point to. */
export type ChannelContext = CommandContext & {
  readonly sealer: Sealer;
  readonly policy: Pick<OutgoingPolicy, "allowsHttp" | "ports" | "testReceivers">;
};

const inputSchema = z.strictObject({
  name: z
    .string("Give the channel a name.")
    .trim()
    .min(1, "Give the channel a name.")
    .max(120, "A name has at most 120 characters."),
  url: z.string("Write the address of the receiver.").trim(),
});

/** A channel as people see it: the host of its address, never the rest, and no secret. */
export type ChannelView = {
  readonly id: ChannelId;
  readonly name: string;
  readonly kind: Channel["kind"];
  readonly host: string;
  readonly state: Channel["state"];
  readonly disabledReason: string | null;
};

/** Adds a webhook. The signing secret is returned this once and never shown again. */
export async function createChannel(
  principal: Principal,
  context: ChannelContext,
  input: unknown,
): Promise<{ readonly channel: ChannelView; readonly secret: string }> {
  requireAdministrator(principal, "add a channel");
  const { name, url } = parseInput(inputSchema, input);
  const checked = checkUrl(url, context.policy);
  if (!checked.ok) throw new InputError({ url: checked.message });
  const secret = newWebhookSecret();
  const channel: Channel = {
    id: uuidV7(context.now) as ChannelId,
    name,
    kind: "webhook",
    url: checked.url.href,
    secrets: [secret],
    state: "active",
    disabledReason: null,
  };
  await context.state.transaction(async (tx) => {
    await saveChannel(tx, channel, context.sealer, context.now);
    await audit(tx, principal, context.now, {
      action: "channel.create",
      id: channel.id,
      before: null,
      after: toView(channel),
    });
  });
  return { channel: toView(channel), secret };
}

/** Removes a channel; what waits for it is cancelled. */
export async function deleteChannel(principal: Principal, context: ChannelContext, id: string): Promise<void> {
  requireAdministrator(principal, "remove a channel");
  await context.state.transaction(async (tx) => {
    const channel = (await listChannels(tx, context.sealer)).find((known) => known.id === id);
    if (!channel) throw new NotFoundError("This channel does not exist any more.");
    await deleteStored(tx, channel.id, context.now);
    await audit(tx, principal, context.now, { action: "channel.delete", id: id, before: toView(channel), after: null });
  });
}

/** Sends a message marked as a test through the ordinary path: it lies in the outbox when this returns. */
export async function sendTest(principal: Principal, context: ChannelContext, id: string): Promise<void> {
  requireAdministrator(principal, "send a test");
  await context.state.transaction(async (tx) => {
    const channel = (await listChannels(tx, context.sealer)).find((known) => known.id === id);
    if (!channel) throw new NotFoundError("This channel does not exist any more.");
    const instanceKey = `test/${uuidV7(context.now)}`;
    const payload = JSON.stringify({
      type: "test",
      timestamp: toIso(context.now),
      data: { title: "Test from Token Ledger", text: `${principal.name} sent this test to "${channel.name}".` },
    });
    const key = idempotencyKey({ instanceKey, transition: "1", channelId: channel.id, kind: "test" });
    const item = { idempotencyKey: key, channelId: channel.id, kind: "test", instanceKey, sequence: 1, payload };
    await enqueue(tx, [item], context.now);
    await audit(tx, principal, context.now, { action: "channel.test", id: id, before: null, after: null });
  });
}

/** Sends a dead message again, with the key and the bytes that it always had. */
export async function replayMessage(principal: Principal, context: CommandContext, id: string): Promise<void> {
  requireAdministrator(principal, "send a message again");
  await context.state.transaction(async (tx) => {
    if (!(await replayDead(tx, id, context.now))) throw new NotFoundError("This message is not among the dead ones.");
    await audit(tx, principal, context.now, { action: "outbox.replay", id: id, before: null, after: null });
  });
}

/** The channels as people may see them. */
export async function listChannelViews(principal: Principal, context: ChannelContext): Promise<ChannelView[]> {
  requireAdministrator(principal, "see the channels");
  return (await listChannels(context.state.db, context.sealer)).map(toView);
}

function toView({ id, name, kind, url, state, disabledReason }: Channel): ChannelView {
  return { id, name, kind, host: new URL(url).host, state, disabledReason };
}
