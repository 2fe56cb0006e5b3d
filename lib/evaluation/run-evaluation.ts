import type { AlertEvent } from "../alerts/alert.ts";
import { groupNotices, type Notice, type NoticeEntry, noticeKindOf } from "../alerts/notice.ts";
import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import { scopeKey } from "../budgets/budget.ts";
import { appendAlertEvents, endAlerts, saveAlertInstance } from "../db/alert-history.ts";
import { insertCrossing, listCrossings, restateCrossing } from "../db/budget-crossings.ts";
import { lastSlots, listOpenBudgetStatuses, saveBudgetStatus } from "../db/budget-statuses.ts";
import { budgetAtRevision, listBudgets } from "../db/budgets.ts";
import { listChannels } from "../db/channels.ts";
import { pruneSlots, takenSlots, takeSlot } from "../db/evaluation-slots.ts";
import { acquireLease, assertLease, LEASE_TTL_MS, type Lease, releaseLease } from "../db/lease.ts";
import { enqueue } from "../db/outbox.ts";
import type { Sealer } from "../db/sealer.ts";
import type { State, StateTransaction } from "../db/state.ts";
import { toDecimal } from "../money/money.ts";
import type { Channel } from "../notifications/channel.ts";
import { idempotencyKey, type NewOutboxItem } from "../notifications/outbox.ts";
import { addMs, HOUR_MS, type Instant, MINUTE_MS, toInstant } from "../time/instant.ts";
import { composeMessage, entryText } from "./compose-message.ts";
import { type Judgement, judgeBudgets, type Outcome, tasksAt } from "./judge-budgets.ts";
import type { SpendSource } from "./spend-source.ts";

export const EVALUATION_INTERVAL_MS = 5 * MINUTE_MS;
const SLOTS_KEPT_MS = 48 * HOUR_MS;

export type EvaluationOptions = {
  readonly principal: Principal;
  readonly state: State;
  readonly sealer: Sealer;
  readonly spend: SpendSource;
  readonly now: Instant;
  /** Names this process in the lease. */
  readonly holder: string;
  readonly intervalMs?: number;
  /** From when messages may be sent, by the real clock, which `now` is not in a demo with a fixed one. */
  readonly sendFrom: Instant;
  /** The public address, for the link in a message. */
  readonly appUrl?: string;
};

/**
 * What one run did. `busy`: another process evaluates, and nothing was done here. `repeated` budgets had been evaluated in this
 * slot before; `waiting` ones lack a complete read-back; `behind` ones were evaluated in a later slot (the clock went back).
 */
export type EvaluationSummary = {
  readonly outcome: "evaluated" | "busy";
  readonly slot: number;
  readonly budgets: number;
  readonly evaluated: number;
  readonly repeated: number;
  readonly behind: number;
  readonly waiting: readonly string[];
  readonly failed: readonly { readonly budget: string; readonly message: string }[];
  readonly crossings: number;
  readonly messages: number;
};

/**
 * One scheduled evaluation of every budget: figures first, then state, history and outbox in one transaction under the lease.
 * A slot and a revision are evaluated once; a crash at any point leaves nothing or everything of it. Sends nothing.
 */
export async function runEvaluation(options: EvaluationOptions): Promise<EvaluationSummary> {
  requireAdministrator(options.principal, "run the evaluation");
  const { state, holder, now } = options;
  const slot = Math.floor(now / (options.intervalMs ?? EVALUATION_INTERVAL_MS));
  const lease = await acquireLease(state, "evaluation", holder);
  if (!lease) return { ...NOTHING, outcome: "busy", slot };
  const renewal = setInterval(() => {
    // A renewal that fails lets the lease run out, and the write below is then refused if somebody else took it.
    acquireLease(state, lease.name, holder).catch(() => undefined);
  }, LEASE_TTL_MS / 3);
  try {
    return await evaluateUnder(lease, slot, options);
  } finally {
    clearInterval(renewal);
    await releaseLease(state, lease);
  }
}

const NOTHING: EvaluationSummary = {
  outcome: "evaluated",
  slot: 0,
  budgets: 0,
  evaluated: 0,
  repeated: 0,
  behind: 0,
  waiting: [],
  failed: [],
  crossings: 0,
  messages: 0,
};

async function evaluateUnder(lease: Lease, slot: number, options: EvaluationOptions): Promise<EvaluationSummary> {
  const { state, sealer, now } = options;
  const budgets = await listBudgets(state.db);
  const taken = await takenSlots(state.db, slot);
  const newest = await lastSlots(state.db);
  const repeated = budgets.filter((budget) => taken.has(slotKey(budget)));
  const behind = budgets.filter((budget) => !taken.has(slotKey(budget)) && (newest.get(budget.id) ?? slot) > slot);
  const due = budgets.filter((budget) => !repeated.includes(budget) && !behind.includes(budget));
  const outcomes = await judgeBudgets(await loadTasks(options, due), options.spend, slot, now);
  const judgements = outcomes.flatMap((outcome) => (outcome.kind === "judged" ? [outcome.judgement] : []));
  const summaryOf = (written: Written): EvaluationSummary => ({
    outcome: "evaluated",
    slot,
    budgets: budgets.length,
    repeated: repeated.length,
    behind: behind.length,
    waiting: [...new Set(outcomes.flatMap((outcome) => (outcome.kind === "waiting" ? [outcome.budget.name] : [])))],
    failed: outcomes.flatMap(failureOf),
    ...written,
  });
  if (judgements.length === 0) return summaryOf({ evaluated: 0, crossings: 0, messages: 0 });
  const channels = (await listChannels(state.db, sealer)).filter((channel) => channel.state === "active");
  const written = await state.transaction(async (tx) => {
    await assertLease(tx, lease);
    await pruneSlots(tx, addMs(now, -SLOTS_KEPT_MS));
    return writeJudgements(tx, { lease, slot, judgements, newest, channels, options });
  });
  return summaryOf(written);
}

async function loadTasks({ state, now }: EvaluationOptions, budgets: Awaited<ReturnType<typeof listBudgets>>) {
  const statuses = await listOpenBudgetStatuses(state.db);
  const oldest = Math.min(now, ...statuses.map((status) => status.period.start));
  const crossings = await listCrossings(state.db, toInstant(oldest));
  const current = new Map(budgets.map((budget) => [budget.id, budget]));
  const earlier = new Map<string, (typeof budgets)[number] | undefined>();
  for (const { budgetId, look } of statuses)
    if (current.has(budgetId) && current.get(budgetId)?.revision !== look.revision)
      earlier.set(`${budgetId}@${look.revision}`, await budgetAtRevision(state.db, budgetId, look.revision));
  return tasksAt({
    budgets,
    statuses,
    crossings,
    now,
    revisionOf: ({ budgetId, look }) => {
      const budget = current.get(budgetId);
      return budget?.revision === look.revision ? budget : earlier.get(`${budgetId}@${look.revision}`);
    },
  });
}

type Writing = {
  readonly lease: Lease;
  readonly slot: number;
  readonly judgements: readonly Judgement[];
  readonly newest: ReadonlyMap<string, number>;
  readonly channels: readonly Channel[];
  readonly options: EvaluationOptions;
};

type Written = Pick<EvaluationSummary, "evaluated" | "crossings" | "messages">;

async function writeJudgements(tx: StateTransaction, writing: Writing): Promise<Written> {
  const { lease, slot, newest, options } = writing;
  // Somebody may have edited or deleted a budget while its figures were computed; it is then judged again in the next run.
  const inForce = new Map((await listBudgets(tx)).map((budget) => [budget.id, budget.revision]));
  const entries: NoticeEntry[] = [];
  const evaluated = new Set<string>();
  for (const [budgetId, ofBudget] of Map.groupBy(writing.judgements, ({ budget }) => budget.id)) {
    const latest = ofBudget.at(-1);
    if (!latest || inForce.get(budgetId) !== latest.budget.revision) continue;
    const before = newest.get(budgetId);
    const skippedFrom = before !== undefined && before < slot - 1 ? before + 1 : null;
    const ruleId = slotKey(latest.budget);
    if (!(await takeSlot(tx, lease, { ruleId, slot, skippedFrom, at: options.now }))) continue;
    evaluated.add(budgetId);
    for (const judgement of ofBudget) entries.push(...(await writeJudgement(tx, judgement)));
    await endAlerts(tx, budgetId, instancesOf(latest), "period or budget changed", options.now);
  }
  const notices = groupNotices(entries);
  await appendAlertEvents(
    tx,
    notices.flatMap((notice) => eventsOf(notice, slot)),
  );
  const items = notices.flatMap((notice) => itemsOf(notice, writing));
  await enqueue(tx, items, options.sendFrom);
  return { evaluated: evaluated.size, crossings: entries.length, messages: items.length };
}

async function writeJudgement(tx: StateTransaction, { budget, latch, stored }: Judgement): Promise<NoticeEntry[]> {
  const entries: NoticeEntry[] = [];
  for (const crossing of latch.crossed) if (await insertCrossing(tx, crossing)) entries.push({ budget, crossing });
  for (const { id, value } of latch.restated) await restateCrossing(tx, id, value, stored.evaluatedAt);
  await saveBudgetStatus(tx, stored);
  const labels = { budget: budget.id, name: budget.name, scope: scopeKey(budget.scope) };
  for (const { crossing } of entries)
    await saveAlertInstance(tx, {
      id: crossing.id,
      ruleKind: "budget",
      ruleId: budget.id,
      ruleRevision: budget.revision,
      labels: { ...labels, basis: crossing.basis, percent: `${crossing.percent}` },
      state: "Firing",
      since: crossing.crossedAt,
      slot: crossing.slot,
      value: toDecimal(crossing.value),
      resolvedReason: null,
    });
  return entries;
}

/** The instances that stay open: the lines crossed in the budget's current period and revision. */
function instancesOf({ budget, status, latch, stored }: Judgement): string[] {
  const prefixes = status.thresholds.map(({ threshold }) =>
    [budget.id, threshold.id, threshold.basis, stored.period.start, budget.revision].join("|"),
  );
  return [...new Set([...prefixes, ...latch.crossed.map((crossing) => crossing.id)])];
}

function itemsOf(notice: Notice, { channels, slot, options }: Writing): NewOutboxItem[] {
  return channels.flatMap((channel) => {
    const entries = notice.entries.filter(({ budget, crossing }) => {
      const recipients =
        budget.thresholds.find((threshold) => threshold.id === crossing.thresholdId)?.recipients ?? null;
      return recipients === null || recipients.includes(channel.id);
    });
    if (entries.length === 0) return [];
    const { instanceKey, transition, kind } = notice;
    return [
      {
        idempotencyKey: idempotencyKey({ instanceKey, transition, channelId: channel.id, kind }),
        channelId: channel.id,
        kind,
        instanceKey,
        sequence: slot,
        payload: composeMessage({ ...notice, entries }, options.now, options.appUrl),
      },
    ];
  });
}

const EVENT_KINDS = {
  "budget.threshold_crossed": "crossed",
  "budget.revised": "revised",
  "budget.restated": "restated",
} as const;

function eventsOf(notice: Notice, slot: number): AlertEvent[] {
  return notice.entries.map((entry) => ({
    id: entry.crossing.id,
    instanceId: entry.crossing.id,
    ruleKind: "budget",
    ruleId: entry.budget.id,
    at: entry.crossing.crossedAt,
    slot,
    kind: EVENT_KINDS[noticeKindOf(entry.crossing.cause)],
    fromState: "Normal",
    toState: "Firing",
    title: entryText(entry),
    detail: {
      budget: entry.budget.name,
      scope: scopeKey(entry.budget.scope),
      basis: entry.crossing.basis,
      percent: `${entry.crossing.percent}`,
      amount: toDecimal(entry.crossing.amount),
      value: toDecimal(entry.crossing.value),
      valueUpper: toDecimal(entry.crossing.valueUpper),
      unpricedTokens: `${entry.crossing.unpricedTokens}`,
      cause: entry.crossing.cause,
      currency: entry.budget.currency,
    },
    groupKey: `${notice.kind}|${notice.instanceKey}|${slot}`,
  }));
}

function failureOf(outcome: Outcome): { budget: string; message: string }[] {
  return outcome.kind === "failed" ? [{ budget: outcome.budget.name, message: outcome.message }] : [];
}

/** What a slot is taken for: a budget at a revision, so that an edit is judged at once and not in the next slot. */
function slotKey(budget: { readonly id: string; readonly revision: number }): string {
  return `${budget.id}@${budget.revision}`;
}
