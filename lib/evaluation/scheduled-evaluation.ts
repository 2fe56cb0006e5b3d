import { randomUUID } from "node:crypto";
import type { FigureVersions } from "../alerts/budget-latch.ts";
import type { Principal } from "../auth/principal.ts";
import { listAttributionRules } from "../db/attribution-rules.ts";
import { createOutbox } from "../db/outbox.ts";
import { openSealer } from "../db/secrets.ts";
import { convertedLedger } from "../ledger/converted-ledger.ts";
import type { LedgerReads } from "../ledger/ledger.ts";
import { createDeliverer, type Deliverer, type DeliverySummary } from "../notifications/create-deliverer.ts";
import { outgoingPolicy } from "../notifications/outgoing-policy.ts";
import { webhookSender } from "../notifications/send-webhook.ts";
import type { Runtime } from "../runtime.ts";
import { SECOND_MS, toInstant } from "../time/instant.ts";
import { ledgerSpendSource } from "./ledger-spend-source.ts";
import { type EvaluationSummary, runEvaluation } from "./run-evaluation.ts";

/** Who evaluates when nobody asked: the schedule itself sees everything. */
const SCHEDULE: Principal = {
  id: "schedule",
  name: "Scheduled evaluation",
  role: "administrator",
  sees: { kind: "everything" },
};

export type EvaluationParts = Pick<Runtime, "env" | "state" | "ledger" | "priceBook" | "now" | "reporting">;

/** The evaluation and the delivery of one process. */
export type Evaluator = {
  /** One evaluation of what is due; without anything due it reads a few rows and writes nothing. */
  readonly evaluate: () => Promise<EvaluationSummary>;
  /** Sends what is due and waits for it. */
  readonly deliver: () => Promise<DeliverySummary>;
  readonly deliverer: Deliverer;
};

/** Puts the evaluation of a runtime together. `onError` hears of a result that could not be written. */
export async function createEvaluator(
  runtime: EvaluationParts,
  onError: (error: unknown) => void,
  principal: Principal = SCHEDULE,
): Promise<Evaluator> {
  const { env, state } = runtime;
  const clock = () => toInstant(Date.now());
  const sealer = await openSealer(state, env.SECRETS_KEY, clock());
  const holder = `${process.pid}-${randomUUID()}`;
  const deliverer = createDeliverer({
    outbox: createOutbox(state, holder, sealer),
    send: webhookSender({ policy: outgoingPolicy(env.TEST_RECEIVERS), random: Math.random }),
    now: clock,
    onError,
  });
  return {
    deliverer,
    deliver: deliverer.drain,
    evaluate: async () =>
      runEvaluation({
        principal,
        state,
        sealer,
        spend: ledgerSpendSource((currency) => ledgerIn(runtime, currency), principal, await versionsOf(runtime)),
        now: runtime.now(),
        sendFrom: clock(),
        holder,
        appUrl: env.APP_URL,
      }),
  };
}

/** The ledger with its sums in a currency; throws a RangeError that says which rate is missing. */
export async function ledgerIn(
  { ledger, reporting }: Pick<Runtime, "ledger" | "reporting">,
  currency: string,
): Promise<LedgerReads> {
  const stated = await reporting(currency);
  if (stated.currency !== currency) throw new RangeError(stated.note ?? `No rate leads to ${currency}.`);
  return stated.pair ? convertedLedger(ledger, stated.pair) : ledger;
}

const EVALUATION_EVERY_MS = 15 * SECOND_MS;
const DELIVERY_EVERY_MS = SECOND_MS;

/**
 * Evaluates and delivers until stopped: looks every 15 seconds whether a slot or an edited budget is due, and every second
 * whether a message is. A run that fails is reported and the next one is made in its turn.
 */
export async function scheduleEvaluation(
  runtime: EvaluationParts,
  onError: (error: unknown) => void,
): Promise<{ readonly stop: () => Promise<void> }> {
  const evaluator = await createEvaluator(runtime, onError);
  const evaluations = repeat(EVALUATION_EVERY_MS, evaluator.evaluate, onError);
  const deliveries = repeat(DELIVERY_EVERY_MS, evaluator.deliverer.pump, onError);
  return {
    async stop() {
      await Promise.all([evaluations.stop(), deliveries.stop()]);
      await evaluator.deliverer.stop();
    },
  };
}

function repeat(everyMs: number, work: () => Promise<unknown>, onError: (error: unknown) => void) {
  let running: Promise<unknown> | null = null;
  const once = () => {
    running ??= work()
      .catch(onError)
      .finally(() => {
        running = null;
      });
  };
  once();
  const timer = setInterval(once, everyMs);
  return {
    async stop(): Promise<void> {
      clearInterval(timer);
      await running;
    },
  };
}

async function versionsOf({ state, priceBook }: EvaluationParts): Promise<FigureVersions> {
  const rules = await listAttributionRules(state.db);
  const newest = Math.max(0, ...rules.map((rule) => rule.updatedAt));
  return { prices: (await priceBook()).version, attribution: `${rules.length}@${newest}` };
}
