import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { saveChannel } from "../../db/channels.ts";
import { countOutbox, enqueue } from "../../db/outbox.ts";
import { openSealer } from "../../db/secrets.ts";
import { openState, type StateLocation } from "../../db/state.ts";
import type { ChannelId } from "../../notifications/channel.ts";
import { idempotencyKey } from "../../notifications/outbox.ts";
import { toInstant } from "../../time/instant.ts";
import type { DeliverProcessOptions } from "./deliver-process.ts";
import { type Arrival, type Behaviour, startReceiver } from "./recording-receiver.ts";

export type SoakOptions = {
  /** An empty state database. */
  readonly location: StateLocation;
  readonly notifications: number;
  /** The share of attempts that a receiver spoils: an error, a 429, or a connection that breaks before or after it took the message. */
  readonly faultyShare: number;
  readonly kills: number;
  readonly giveUpAfterMs: number;
  readonly onProgress: (text: string) => void;
};

/** `lost` was never accepted although the outbox calls it delivered, or gave up; `unfinished` still waited at the end; `logicalDuplicates` went out under two keys; `changedRepeats` came again with other bytes. */
export type SoakResult = {
  readonly notifications: number;
  readonly kills: number;
  readonly arrivals: number;
  readonly repeats: number;
  readonly lost: number;
  readonly unfinished: number;
  readonly logicalDuplicates: number;
  readonly changedRepeats: number;
  readonly dead: number;
  readonly ms: number;
};

const CHANNELS = 4;
// Ten seconds of the schedule pass in 33 ms, so that retries of hours fit into a soak.
const CLOCK_FACTOR = 300;
// After so many faults of one message the schedule waits for hours, which would only make the soak longer.
const MOST_FAULTS = 4;

/** Sends many notifications to faulty receivers through a process that is killed again and again, and counts what arrived. */
export async function soakDelivery(options: SoakOptions): Promise<SoakResult> {
  const { location, notifications, kills, onProgress } = options;
  const started = performance.now();
  const startedAt = Date.now();
  const receiver = await startReceiver((_path, earlier) =>
    earlier < MOST_FAULTS ? behaviourAt(options.faultyShare) : "accept",
  );
  const state = await openState(location);
  const process: DeliverProcessOptions = {
    location,
    receivers: [receiver.address],
    startedAt,
    clockFactor: CLOCK_FACTOR,
    crashAt: null,
  };
  await fill(state, receiver.address, notifications);
  let child = startDelivering(process);
  try {
    const pause = Math.min(2_000, (notifications * 5) / Math.max(1, kills));
    for (let kill = 0; kill < kills; kill += 1) {
      await isDelivering(child);
      await setTimeout(pause * 2 * Math.random());
      await killHard(child);
      child = startDelivering(process);
      onProgress(`killed ${kill + 1} of ${kills} times, ${receiver.arrivals.length} arrivals`);
    }
    const counts = await settled(state, notifications, options.giveUpAfterMs, onProgress);
    const unfinished = notifications - counts.delivered - counts.dead;
    const judged = judge(receiver.arrivals, notifications, unfinished);
    return { ...judged, kills, unfinished, dead: counts.dead, ms: Math.round(performance.now() - started) };
  } finally {
    await killHard(child);
    await receiver.close();
    await state.close();
  }
}

/** Starts a process that delivers from a state database. */
export function startDelivering(options: DeliverProcessOptions): ChildProcess {
  const script = fileURLToPath(new URL("./deliver-process.ts", import.meta.url));
  return spawn(process.execPath, ["--conditions=react-server", script, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function isDelivering(child: ChildProcess): Promise<void> {
  if (child.stdout) await once(child.stdout, "data");
}

async function killHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

function behaviourAt(faultyShare: number): Behaviour {
  if (Math.random() >= faultyShare) return "accept";
  const faults: readonly Behaviour[] = ["500", "429", "drop", "accept_then_drop"];
  return faults[Math.floor(Math.random() * faults.length)] ?? "500";
}

async function fill(
  state: Awaited<ReturnType<typeof openState>>,
  address: string,
  notifications: number,
): Promise<void> {
  const now = toInstant(Date.now());
  const sealer = await openSealer(state, undefined, now);
  const ids = Array.from({ length: CHANNELS }, (_, index) => `soak-${index}` as ChannelId);
  await state.transaction(async (tx) => {
    for (const id of ids)
      await saveChannel(
        tx,
        {
          id,
          name: id,
          kind: "webhook",
          url: `http://${address}/${id}`,
          secrets: ["whsec_c29hayBzZWNyZXQ="],
          state: "active",
          disabledReason: null,
        },
        sealer,
        now,
      );
  });
  const batch = 100;
  for (let from = 0; from < notifications; from += batch)
    await state.transaction((tx) =>
      enqueue(
        tx,
        Array.from({ length: Math.min(batch, notifications - from) }, (_, offset) => {
          const n = from + offset;
          const channelId = ids[n % CHANNELS] ?? ("soak-0" as ChannelId);
          const instanceKey = `soak/${n}`;
          const kind = "soak";
          return {
            idempotencyKey: idempotencyKey({ instanceKey, transition: "1", channelId, kind }),
            channelId,
            kind,
            instanceKey,
            sequence: 1,
            payload: JSON.stringify({ type: kind, data: { n } }),
          };
        }),
        now,
      ),
    );
}

async function settled(
  state: Awaited<ReturnType<typeof openState>>,
  notifications: number,
  giveUpAfterMs: number,
  onProgress: (text: string) => void,
) {
  const giveUpAt = performance.now() + giveUpAfterMs;
  for (;;) {
    const counts = await countOutbox(state.db);
    if (counts.delivered + counts.dead >= notifications || performance.now() >= giveUpAt) return counts;
    onProgress(`${counts.delivered} of ${notifications} delivered, ${counts.retrying} waiting for a retry`);
    await setTimeout(200);
  }
}

function judge(
  arrivals: readonly Arrival[],
  notifications: number,
  unfinished: number,
): Omit<SoakResult, "kills" | "dead" | "ms" | "unfinished"> {
  const byKey = Map.groupBy(arrivals, (arrival) => arrival.key);
  const accepted = arrivals.filter((arrival) => arrival.isAccepted);
  const byMessage = Map.groupBy(accepted, (arrival) => arrival.body);
  const severalKeys = [...byMessage.values()].filter((same) => new Set(same.map((arrival) => arrival.key)).size > 1);
  const changed = [...byKey.values()].filter((same) => new Set(same.map((arrival) => arrival.body)).size > 1);
  return {
    notifications,
    arrivals: arrivals.length,
    repeats: arrivals.length - byKey.size,
    lost: Math.max(0, notifications - byMessage.size - unfinished),
    logicalDuplicates: severalKeys.length,
    changedRepeats: changed.length,
  };
}
