import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { saveChannel } from "../db/channels.ts";
import { countOutbox, createOutbox, enqueue } from "../db/outbox.ts";
import { openSealer } from "../db/secrets.ts";
import type { State } from "../db/state.ts";
import { describeOnBothDialects } from "../db/testing/both-dialects.ts";
import type { ChannelId } from "../notifications/channel.ts";
import { createDeliverer } from "../notifications/create-deliverer.ts";
import { outgoingPolicy } from "../notifications/outgoing-policy.ts";
import { webhookSender } from "../notifications/send-webhook.ts";
import { toInstant } from "../time/instant.ts";
import { startReceiver } from "./testing/recording-receiver.ts";
import { soakDelivery, startDelivering } from "./testing/soak-delivery.ts";

const now = () => toInstant(Date.now());

async function addChannel(state: State, id: string, url: string) {
  const sealer = await openSealer(state, undefined, now());
  const channel = {
    id: id as ChannelId,
    name: id,
    kind: "webhook" as const,
    url,
    secrets: ["whsec_AAAA"],
    state: "active" as const,
    disabledReason: null,
  };
  await state.transaction((tx) => saveChannel(tx, channel, sealer, now()));
  return sealer;
}

function messages(channelId: string, count: number) {
  return Array.from({ length: count }, (_, n) => ({
    idempotencyKey: `${channelId}-${n}`,
    channelId: channelId as ChannelId,
    kind: "test",
    instanceKey: `${channelId}/${n}`,
    sequence: 1,
    payload: JSON.stringify({ n }),
  }));
}

await describeOnBothDialects("delivery", (under) => {
  test.each([
    ["between the commit and the sending: sent once", "before_send" as const, 1],
    ["between the sending and its record: sent twice, with the same key and bytes", "after_send" as const, 2],
  ])("a process killed %s", async (_name, crashAt, arrivals) => {
    const location = await under.locate();
    const state = await under.openAt(location);
    const receiver = await startReceiver(() => "accept");
    await addChannel(state, "c", `http://${receiver.address}/c`);
    await state.transaction((tx) => enqueue(tx, messages("c", 1), now()));
    const options = { location, receivers: [receiver.address], startedAt: Date.now(), clockFactor: 300 };
    const first = startDelivering({ ...options, crashAt });
    const [, signal] = await once(first, "exit");
    expect(signal).toBe("SIGKILL");
    expect(await countOutbox(state.db)).toMatchObject({ sending: 1, delivered: 0 });
    const second = startDelivering({ ...options, crashAt: null });
    while ((await countOutbox(state.db)).delivered === 0) await setTimeout(50);
    second.kill("SIGKILL");
    await receiver.close();
    expect(receiver.arrivals).toHaveLength(arrivals);
    expect(new Set(receiver.arrivals.map(({ key, body }) => `${key} ${body}`)).size).toBe(1);
  });

  test("loses nothing and doubles nothing under faulty receivers and kills", async () => {
    const result = await soakDelivery({
      location: await under.locate(),
      notifications: 60,
      faultyShare: 0.3,
      kills: 2,
      giveUpAfterMs: 25_000,
      onProgress: () => undefined,
    });
    expect(result).toMatchObject({
      notifications: 60,
      kills: 2,
      lost: 0,
      unfinished: 0,
      logicalDuplicates: 0,
      changedRepeats: 0,
      dead: 0,
    });
  });

  test("a receiver that hangs holds up no other channel", async () => {
    const state = await under.open();
    const receiver = await startReceiver((path) => (path === "/hangs" ? "hang" : "accept"));
    await addChannel(state, "hangs", `http://${receiver.address}/hangs`);
    const sealer = await addChannel(state, "works", `http://${receiver.address}/works`);
    await state.transaction((tx) => enqueue(tx, [...messages("hangs", 30), ...messages("works", 20)], now()));
    const limits = { connectMs: 1_500, wholeMs: 1_500, answerBytes: 1_000 };
    const deliverer = createDeliverer({
      outbox: createOutbox(state, "test", sealer),
      send: webhookSender({ policy: outgoingPolicy([receiver.address]), random: () => 0.5, limits }),
      now,
      onError: (error) => {
        throw error;
      },
    });
    const started = performance.now();
    while ((await countOutbox(state.db)).delivered < 20 && performance.now() - started < 10_000) {
      await deliverer.pump();
      await setTimeout(5);
    }
    const hanging = receiver.arrivals.filter(({ path }) => path === "/hangs").length;
    expect((await countOutbox(state.db)).delivered).toBe(20);
    // Two at a time hang, each for 1.5 s: the twenty others went past them.
    expect(hanging).toBeLessThanOrEqual(2 * Math.ceil((performance.now() - started) / 1_500));
    await deliverer.stop();
    await receiver.close();
  });
});
