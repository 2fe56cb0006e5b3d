import { createOutbox } from "../../db/outbox.ts";
import { openSealer } from "../../db/secrets.ts";
import { openState, type StateLocation } from "../../db/state.ts";
import { createDeliverer } from "../../notifications/create-deliverer.ts";
import { outgoingPolicy } from "../../notifications/outgoing-policy.ts";
import { type Send, webhookSender } from "../../notifications/send-webhook.ts";
import { toInstant } from "../../time/instant.ts";

/** What a delivering process is started with, as JSON in its first argument. `clockFactor` makes its clock run faster. */
export type DeliverProcessOptions = {
  readonly location: StateLocation;
  readonly receivers: readonly string[];
  readonly startedAt: number;
  readonly clockFactor: number;
  /** Where the process ends itself with SIGKILL: before the first sending, or after it and before its result is written. */
  readonly crashAt: "before_send" | "after_send" | null;
};

/** Delivers until it is killed, as a server does. */
async function deliver({ location, receivers, startedAt, clockFactor, crashAt }: DeliverProcessOptions): Promise<void> {
  const state = await openState(location);
  const now = () => toInstant(Math.round(startedAt + (Date.now() - startedAt) * clockFactor));
  const sealer = await openSealer(state, undefined, now());
  const send = webhookSender({ policy: outgoingPolicy(receivers), random: Math.random });
  const crashing: Send = async (channel, item, at) => {
    if (crashAt === "before_send") process.kill(process.pid, "SIGKILL");
    const result = await send(channel, item, at);
    if (crashAt === "after_send") process.kill(process.pid, "SIGKILL");
    return result;
  };
  const deliverer = createDeliverer({
    outbox: createOutbox(state, `${process.pid}`, sealer),
    send: crashing,
    now,
    onError: (error) => process.stderr.write(`${String(error)}\n`),
  });
  process.stdout.write("delivering\n");
  for (;;) {
    await deliverer.pump();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

await deliver(JSON.parse(process.argv[2] ?? "{}") as DeliverProcessOptions);
