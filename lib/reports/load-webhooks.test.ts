import { afterEach, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { deleteChannel, saveChannel } from "../db/channels.ts";
import { enqueue } from "../db/outbox.ts";
import { openSealer } from "../db/secrets.ts";
import type { ChannelId } from "../notifications/channel.ts";
import { toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { loadWebhooks } from "./load-webhooks.ts";
import { inMemoryLedger } from "./testing/in-memory-ledger.ts";
import { reportSources } from "./testing/report-sources.ts";

const now = toInstant("2026-11-21T12:00:00Z");
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function sourcesWithChannel() {
  const sources = await reportSources(inMemoryLedger({ now, charges: [] }), now);
  closers.push(sources.close);
  const sealer = await openSealer(sources.state, undefined, now);
  await sources.state.transaction(async (tx) => {
    const add = (id: string, name: string, url: string) =>
      saveChannel(
        tx,
        {
          id: id as ChannelId,
          name,
          kind: "webhook",
          url,
          secrets: ["whsec_c2VjcmV0"],
          state: "active",
          disabledReason: null,
        },
        sealer,
        now,
      );
    const item = { kind: "test", instanceKey: "i", sequence: 1, payload: "{}" };
    await add("c1", "On call", "https://hooks.example.com/services/very-secret-path-wxyz");
    await add("c2", "Gone", "https://old.example.com/x");
    await enqueue(tx, [{ ...item, idempotencyKey: "k1", channelId: "c1" as ChannelId }], now);
    await enqueue(tx, [{ ...item, idempotencyKey: "k2", channelId: "c2" as ChannelId }], now);
    await tx
      .updateTable("outbox")
      .set({ state: "dead", attempt: 12n, last_error: "410 Gone" })
      .where("idempotency_key", "=", "k2")
      .execute();
    await deleteChannel(tx, "c2" as ChannelId, now);
  });
  return sources;
}

test("a webhook is told by its host and its last four characters, and by nothing else", async () => {
  const report = await loadWebhooks(LOCAL_ADMINISTRATOR, UTC, await sourcesWithChannel());
  expect(report?.channels).toEqual([
    { id: "c1", name: "On call", host: "hooks.example.com", ending: "wxyz", disabledReason: null },
  ]);
  expect(JSON.stringify(report)).not.toMatch(/very-secret-path|whsec_/);
});

test("a delivery says its state, its attempts and what went wrong; only a dead one can be sent again", async () => {
  const report = await loadWebhooks(LOCAL_ADMINISTRATOR, UTC, await sourcesWithChannel());
  expect(report?.deliveries.toSorted((a, b) => a.attempts - b.attempts)).toMatchObject([
    { channel: "On call", stateWord: "queued", attempts: 0, outcome: "next try 21 Nov 12:00 UTC", canReplay: false },
    {
      channel: "(removed channel)",
      stateWord: "dead",
      attempts: 12,
      lastError: "410 Gone",
      outcome: "",
      canReplay: true,
    },
  ]);
  expect(report?.counts).toEqual([
    { state: "queued", count: 1 },
    { state: "dead", count: 1 },
  ]);
});

test("who is no administrator sees none of it", async () => {
  const viewer = { ...LOCAL_ADMINISTRATOR, role: "viewer" as const };
  expect(await loadWebhooks(viewer, UTC, await sourcesWithChannel())).toBeNull();
});

test("channels that cannot be opened are a failure with its reason, not an empty list", async () => {
  const sources = await sourcesWithChannel();
  const other = { ...sources, env: { ...sources.env, SECRETS_KEY: Buffer.alloc(32, 7).toString("base64") } };
  const report = await loadWebhooks(LOCAL_ADMINISTRATOR, UTC, other);
  expect(report?.channels).toEqual([]);
  expect(report?.failure).toBeTruthy();
});
