import { openSealer } from "../db/secrets.ts";
import { outgoingPolicy } from "../notifications/outgoing-policy.ts";
import type { Runtime } from "../runtime.ts";
import { toInstant } from "../time/instant.ts";
import type { ChannelContext } from "./channels.ts";
import type { CommandContext } from "./command-context.ts";

/** What commands work on, from the runtime of the process. */
export function commandContext({ state, now, env }: Runtime): CommandContext {
  return {
    state,
    now: now(),
    defaults: { zone: env.REPORT_TIME_ZONE, fiscalStart: env.FISCAL_YEAR_START, theme: "system" },
  };
}

/** What commands on channels work on; by the real clock, because messages leave by it. */
export async function channelContext(runtime: Runtime): Promise<ChannelContext> {
  const now = toInstant(Date.now());
  return {
    ...commandContext(runtime),
    now,
    sealer: await openSealer(runtime.state, runtime.env.SECRETS_KEY, now),
    policy: outgoingPolicy(runtime.env.TEST_RECEIVERS),
  };
}

/** What commands on budgets work on: a new budget is in the currency that totals are stated in. */
export async function budgetContext(runtime: Runtime): Promise<CommandContext & { readonly currency: string }> {
  return { ...commandContext(runtime), currency: (await runtime.reporting()).currency };
}
