import { expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import type { Budget, BudgetId, ThresholdBasis, ThresholdId } from "../budgets/budget.ts";
import { listAlertEvents, listOpenAlerts } from "../db/alert-history.ts";
import { listCrossings } from "../db/budget-crossings.ts";
import { listOpenBudgetStatuses } from "../db/budget-statuses.ts";
import { saveBudget } from "../db/budgets.ts";
import { saveChannel } from "../db/channels.ts";
import { LeaseLostError } from "../db/lease.ts";
import { listOutbox } from "../db/outbox.ts";
import type { Sealer } from "../db/sealer.ts";
import { openSealer } from "../db/secrets.ts";
import type { State } from "../db/state.ts";
import { describeOnBothDialects } from "../db/testing/both-dialects.ts";
import { parseMoney, sum } from "../money/money.ts";
import type { Channel, ChannelId } from "../notifications/channel.ts";
import { addMs, HOUR_MS, type Instant, MINUTE_MS, toInstant } from "../time/instant.ts";
import { dayOf, type FiscalStart, type LocalDay, UTC } from "../time/zone.ts";
import { runEvaluation } from "./run-evaluation.ts";
import type { SpendSource } from "./spend-source.ts";

const NOW = toInstant("2026-11-21T09:00:00Z");
const SLOT_MS = 5 * MINUTE_MS;
const LONG_AGO = toInstant("2020-01-01T00:00:00Z");

function budget(id: string, parts: Partial<Budget> = {}): Budget {
  return {
    id: id as BudgetId,
    name: `Budget ${id}`,
    scope: { kind: "team", team: id },
    amount: parseMoney("100"),
    currency: "USD",
    period: "month",
    zone: UTC,
    fiscalStart: "01-01" as FiscalStart,
    basis: "contracted_amortised",
    thresholds: [line(id, "actual", 50n), line(id, "actual", 80n)],
    revision: 1,
    createdAt: LONG_AGO,
    updatedAt: LONG_AGO,
    ...parts,
  };
}

function line(id: string, basis: ThresholdBasis, percent: bigint, recipients: readonly string[] | null = null) {
  return { id: `${id}-${basis}-${percent}` as ThresholdId, basis, percent, recipients };
}

const channel = (id: string): Channel => ({
  id: id as ChannelId,
  name: id,
  kind: "webhook",
  url: "https://hooks.example.com/",
  secrets: ["whsec_AAAA"],
  state: "active",
  disabledReason: null,
});

/** Spend by day and scope: what is asked for a period is the sum of its days up to now. */
function spendOf(
  days: Readonly<Record<string, string>>,
  more: { isComplete?: boolean; prices?: string; unpricedTokens?: bigint; upper?: string } = {},
): SpendSource {
  return {
    async spend({ period, zone, now }) {
      const daily = Object.entries(days)
        .map(([day, cost]) => ({ day: day as LocalDay, cost: parseMoney(cost) }))
        .filter(({ day }) => day <= dayOf(now, zone));
      const end = dayOf(period.end, zone);
      const inside = daily.filter(({ day }) => day >= dayOf(period.start, zone) && day < end);
      const contractedCost = sum(inside.map(({ cost }) => cost));
      return {
        contractedCost,
        contractedCostUpper: more.upper === undefined ? contractedCost : parseMoney(more.upper),
        contractedCostAtMost: parseMoney("0"),
        unpricedTokens: more.unpricedTokens ?? 0n,
        isComplete: more.isComplete ?? true,
        daily,
        versions: { prices: more.prices ?? "p1", attribution: "a1" },
      };
    },
  };
}

async function prepare(state: State, budgets: readonly Budget[], channels: readonly Channel[] = [channel("c1")]) {
  const sealer = await openSealer(state, undefined, NOW);
  await state.transaction(async (tx) => {
    for (const one of channels) await saveChannel(tx, one, sealer, LONG_AGO);
    for (const one of budgets) await saveBudget(tx, one, "ann");
  });
  return sealer;
}

function run(state: State, sealer: Sealer, spend: SpendSource, now: Instant = NOW, holder = "process-a") {
  return runEvaluation({ principal: LOCAL_ADMINISTRATOR, state, sealer, spend, now, sendFrom: now, holder });
}

const crossed = async (state: State) =>
  (await listCrossings(state.db, LONG_AGO))
    .map((crossing) => `${crossing.thresholdId} r${crossing.revision}`)
    .toSorted();

const messages = async (state: State) =>
  (await listOutbox(state.db, 1_000)).map((row) => ({
    key: row.idempotencyKey,
    channel: row.channelId,
    kind: row.kind,
    ...JSON.parse(row.payload).data,
  }));

await describeOnBothDialects("runEvaluation", (under) => {
  test("says two lines of one budget in one message per channel, and says them once", async () => {
    const state = await under.open();
    const sealer = await prepare(state, [budget("a")], [channel("c1"), channel("c2")]);
    const spend = spendOf({ "2026-11-02": "85" }, { unpricedTokens: 1_200n });
    const first = await run(state, sealer, spend);
    expect(first).toMatchObject({
      outcome: "evaluated",
      budgets: 1,
      evaluated: 1,
      crossings: 2,
      messages: 2,
      failed: [],
      waiting: [],
    });
    const sent = await messages(state);
    expect(sent.map((message) => message.channel).toSorted()).toEqual(["c1", "c2"]);
    expect(new Set(sent.map((message) => message.key)).size).toBe(2);
    expect(sent[0]?.title).toBe("Budget Budget a: 80 %, 50 % reached");
    expect(sent[0]?.text).toContain("spend reached 80 % of $100.00 (at least $85.00)");
    expect(sent[0]?.text).toContain("1,200 tokens have no price");
    expect(sent[0]?.entries[0]).toMatchObject({
      amount: "100",
      value: "85",
      threshold: { percent: 80, basis: "actual" },
    });
    expect((await listAlertEvents(state.db, { limit: 10 })).map((event) => event.kind)).toEqual(["crossed", "crossed"]);
    expect((await listOpenAlerts(state.db)).map((alert) => [alert.state, alert.labels.percent]).toSorted()).toEqual([
      ["Firing", "50"],
      ["Firing", "80"],
    ]);
    expect(await run(state, sealer, spend)).toMatchObject({ evaluated: 0, repeated: 1, crossings: 0, messages: 0 });
    expect(await run(state, sealer, spend, addMs(NOW, SLOT_MS))).toMatchObject({
      evaluated: 1,
      crossings: 0,
      messages: 0,
    });
    expect(await messages(state)).toHaveLength(2);
  });

  test("concludes nothing before the read-back is complete, and evaluates in the same slot once it is", async () => {
    const state = await under.open();
    const sealer = await prepare(state, [budget("a")]);
    const days = { "2026-11-02": "85" };
    expect(await run(state, sealer, spendOf(days, { isComplete: false }))).toMatchObject({
      evaluated: 0,
      waiting: ["Budget a"],
      crossings: 0,
    });
    expect(await crossed(state)).toEqual([]);
    expect(await run(state, sealer, spendOf(days))).toMatchObject({ evaluated: 1, crossings: 2 });
  });

  test("a question that fails concerns its own budget only", async () => {
    const state = await under.open();
    const sealer = await prepare(state, [budget("a"), budget("b")]);
    const good = spendOf({ "2026-11-02": "50" });
    const source: SpendSource = {
      spend: async (query) => {
        if (query.scope.kind === "team" && query.scope.team === "a") throw new Error("the ledger is being rebuilt");
        return good.spend(query);
      },
    };
    expect(await run(state, sealer, source)).toMatchObject({
      evaluated: 1,
      failed: [{ budget: "Budget a", message: "the ledger is being rebuilt" }],
    });
    expect(await crossed(state)).toEqual(["b-actual-50 r1"]);
    expect(await run(state, sealer, good)).toMatchObject({ evaluated: 1, repeated: 1, failed: [] });
  });

  test("lets a forecast speak at the second evaluation in a row", async () => {
    const state = await under.open();
    const sealer = await prepare(state, [budget("a", { thresholds: [line("a", "forecast", 100n)] })]);
    // 4 a day for 20 complete days of November and half of the 21st: 80 + 2 spent, and about 38 to come.
    const days = Object.fromEntries(
      Array.from({ length: 20 }, (_, day) => [`2026-11-${`${day + 1}`.padStart(2, "0")}`, "4"]),
    );
    const spend = spendOf({ ...days, "2026-11-21": "1.5" });
    expect(await run(state, sealer, spend)).toMatchObject({ crossings: 0 });
    expect(await run(state, sealer, spend)).toMatchObject({ repeated: 1, crossings: 0 });
    expect(await run(state, sealer, spend, addMs(NOW, SLOT_MS))).toMatchObject({ crossings: 1, messages: 1 });
    expect((await messages(state))[0]?.title).toBe("Budget Budget a: 100 % (forecast) reached");
    expect(await run(state, sealer, spend, addMs(NOW, 2 * SLOT_MS))).toMatchObject({ crossings: 0 });
  });

  test("judges an edited budget in the same slot and announces what it has passed already in one message", async () => {
    const state = await under.open();
    const sealer = await prepare(state, [budget("a")]);
    const spend = spendOf({ "2026-11-02": "85" });
    await run(state, sealer, spend);
    await state.transaction((tx) =>
      saveBudget(tx, budget("a", { amount: parseMoney("90"), revision: 2, updatedAt: NOW }), "ann"),
    );
    expect(await run(state, sealer, spend)).toMatchObject({ evaluated: 1, crossings: 2, messages: 1 });
    expect(await crossed(state)).toEqual(["a-actual-50 r1", "a-actual-50 r2", "a-actual-80 r1", "a-actual-80 r2"]);
    expect((await messages(state)).map((message) => message.kind).toSorted()).toEqual([
      "budget.revised",
      "budget.threshold_crossed",
    ]);
    expect((await listOpenAlerts(state.db)).map((alert) => alert.ruleRevision)).toEqual([2, 2]);
  });

  test("writes nothing for a budget that was edited while its figures were computed", async () => {
    const location = await under.locate();
    const state = await under.openAt(location);
    const sealer = await prepare(state, [budget("a")]);
    const inner = spendOf({ "2026-11-02": "85" });
    const source: SpendSource = {
      spend: async (query) => {
        const edited = budget("a", { amount: parseMoney("1000"), revision: 2, updatedAt: NOW });
        await state.transaction((tx) => saveBudget(tx, edited, "bob"));
        return inner.spend(query);
      },
    };
    expect(await run(state, sealer, source)).toMatchObject({ evaluated: 0, crossings: 0 });
    expect(await crossed(state)).toEqual([]);
    expect(await run(state, sealer, inner)).toMatchObject({ evaluated: 1, crossings: 0 });
  });

  test("finds a crossing of the month's last minutes after the month's end, and closes the period when it is final", async () => {
    const state = await under.open();
    const sealer = await prepare(state, [budget("a")]);
    const before = toInstant("2026-11-30T23:58:00Z");
    expect(await run(state, sealer, spendOf({ "2026-11-30": "49" }), before)).toMatchObject({ crossings: 0 });
    const after = spendOf({ "2026-11-30": "50", "2026-12-01": "1" });
    expect(await run(state, sealer, after, toInstant("2026-12-01T00:01:00Z"))).toMatchObject({
      crossings: 1,
      messages: 1,
    });
    expect(
      (await listOpenBudgetStatuses(state.db)).map((status) => new Date(status.period.start).getUTCMonth()),
    ).toEqual([10, 11]);
    await run(state, sealer, after, toInstant("2026-12-03T23:59:59Z"));
    expect(await listOpenBudgetStatuses(state.db)).toHaveLength(2);
    await run(state, sealer, after, toInstant("2026-12-04T00:05:00Z"));
    expect(
      (await listOpenBudgetStatuses(state.db)).map((status) => new Date(status.period.start).getUTCMonth()),
    ).toEqual([11]);
    // What was crossed in November is over: nothing of it is open in December.
    expect(await listOpenAlerts(state.db)).toEqual([]);
  });

  test("a clock that goes back a day repeats nothing; one that leaps 40 days evaluates the newest period once", async () => {
    const state = await under.open();
    const sealer = await prepare(state, [budget("a")]);
    const spend = spendOf({ "2026-11-02": "85", "2026-12-20": "50" });
    await run(state, sealer, spend);
    expect(await run(state, sealer, spend, addMs(NOW, -24 * HOUR_MS))).toMatchObject({
      evaluated: 0,
      behind: 1,
      messages: 0,
    });
    const leap = addMs(NOW, 40 * 24 * HOUR_MS);
    expect(await run(state, sealer, spend, leap)).toMatchObject({ evaluated: 1, crossings: 1, messages: 1 });
    const slots = await state.db
      .selectFrom("evaluation_slot")
      .select(["slot", "skipped_from"])
      .orderBy("slot")
      .execute();
    const newest = BigInt(Math.floor(leap / SLOT_MS));
    expect(slots.at(-1)).toEqual({ slot: newest, skipped_from: BigInt(NOW / SLOT_MS) + 1n });
    expect(await listOpenBudgetStatuses(state.db)).toHaveLength(1);
  });

  test("tells what a new price crossed in several budgets as one restated message", async () => {
    const state = await under.open();
    const sealer = await prepare(state, [budget("a"), budget("b")]);
    await run(state, sealer, spendOf({ "2026-11-02": "49", "2026-11-21": "0" }));
    const dearer = spendOf({ "2026-11-02": "60", "2026-11-21": "0" }, { prices: "p2" });
    expect(await run(state, sealer, dearer, addMs(NOW, SLOT_MS))).toMatchObject({ crossings: 2, messages: 1 });
    const [message] = await messages(state);
    expect([message?.kind, message?.title]).toEqual(["budget.restated", "2 budgets: figures changed behind us"]);
    expect(message?.text).toContain("prices changed");
    // The figure falls again: the crossing stays and is marked.
    await run(state, sealer, spendOf({ "2026-11-02": "40" }, { prices: "p3" }), addMs(NOW, 2 * SLOT_MS));
    expect((await listCrossings(state.db, LONG_AGO)).map((crossing) => crossing.restated?.value)).toEqual([
      parseMoney("40"),
      parseMoney("40"),
    ]);
    expect(await messages(state)).toHaveLength(1);
  });

  test("sends a line to its own recipients", async () => {
    const state = await under.open();
    const lines = [line("a", "actual", 50n), line("a", "actual", 80n, ["c2"])];
    const sealer = await prepare(state, [budget("a", { thresholds: lines })], [channel("c1"), channel("c2")]);
    await run(state, sealer, spendOf({ "2026-11-02": "85" }));
    const sent = (await messages(state)).map((message) => [message.channel, message.entries.length]);
    expect(sent.toSorted()).toEqual([
      ["c1", 1],
      ["c2", 2],
    ]);
  });

  test("lets one process evaluate at a time", async () => {
    const location = await under.locate();
    const [a, b] = [await under.openAt(location), await under.openAt(location)];
    const sealer = await prepare(a, [budget("a")]);
    const inner = spendOf({ "2026-11-02": "85" });
    const inside: string[] = [];
    const source: SpendSource = {
      spend: async (query) => {
        inside.push((await run(b, sealer, inner, NOW, "process-b")).outcome);
        return inner.spend(query);
      },
    };
    expect(await run(a, sealer, source)).toMatchObject({ outcome: "evaluated", crossings: 2 });
    expect(inside).toEqual(["busy"]);
  });

  test("refuses the writes of a holder that slept while another took the lease", async () => {
    const location = await under.locate();
    const [a, b] = [await under.openAt(location), await under.openAt(location)];
    const sealer = await prepare(a, [budget("a")]);
    const inner = spendOf({ "2026-11-02": "85" });
    const source: SpendSource = {
      spend: async (query) => {
        await b.db.updateTable("lease").set({ expires_at: 0n }).execute();
        expect(await run(b, sealer, inner, NOW, "process-b")).toMatchObject({ outcome: "evaluated", crossings: 2 });
        return inner.spend(query);
      },
    };
    await expect(run(a, sealer, source)).rejects.toThrow(LeaseLostError);
    expect(await crossed(a)).toEqual(["a-actual-50 r1", "a-actual-80 r1"]);
    expect(await messages(a)).toHaveLength(1);
  });

  test("two processes that evaluate the same slots side by side make no duplicate and miss nothing", async () => {
    const location = await under.locate();
    const states = [await under.openAt(location), await under.openAt(location)];
    const [a] = states;
    if (!a) throw new Error("no state was opened");
    const budgets = Array.from({ length: 8 }, (_, index) => budget(`b${index}`));
    const sealer = await prepare(a, budgets);
    for (let slot = 0; slot < 10; slot += 1) {
      const spend = spendOf({ "2026-11-21": `${slot * 10}` });
      const now = addMs(NOW, slot * SLOT_MS);
      const both = () => Promise.all(states.map((state, index) => run(state, sealer, spend, now, `process-${index}`)));
      const summaries = [...(await both()), ...(await both())];
      expect(summaries.reduce((total, summary) => total + summary.evaluated, 0)).toBe(8);
    }
    expect(await crossed(a)).toHaveLength(16);
    const sent = await messages(a);
    expect(sent).toHaveLength(16);
    expect(new Set(sent.map((message) => message.key)).size).toBe(16);
  });

  test("names the upper bound when a part of the price is a range", async () => {
    const state = await under.open();
    const sealer = await prepare(state, [budget("a")]);
    await run(state, sealer, spendOf({ "2026-11-02": "50" }, { upper: "61.5" }));
    const [crossing] = await listCrossings(state.db, LONG_AGO);
    expect([crossing?.value, crossing?.valueUpper]).toEqual([parseMoney("50"), parseMoney("61.5")]);
    expect((await messages(state))[0]?.text).toContain("(at least $50.00) in");
    expect((await messages(state))[0]?.text).toContain("at most $61.50");
  });

  test("is for administrators", async () => {
    const state = await under.open();
    const sealer = await prepare(state, []);
    const viewer = { ...LOCAL_ADMINISTRATOR, role: "viewer" as const };
    const options = { state, sealer, spend: spendOf({}), now: NOW, sendFrom: NOW, holder: "a" };
    await expect(runEvaluation({ principal: viewer, ...options })).rejects.toThrow("Only an administrator");
  });
});
