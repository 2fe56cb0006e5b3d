import { sql } from "kysely";
import { expect, test } from "vitest";
import type { BudgetCrossing } from "../alerts/alert.ts";
import type { Budget, BudgetId, ThresholdId } from "../budgets/budget.ts";
import { type Money, parseMoney } from "../money/money.ts";
import type { Channel, ChannelId } from "../notifications/channel.ts";
import { addMs, toInstant } from "../time/instant.ts";
import type { FiscalStart, ZoneId } from "../time/zone.ts";
import { appendAlertEvents, endAlerts, listAlertEvents, listOpenAlerts, saveAlertInstance } from "./alert-history.ts";
import { listAttributionRules, replaceAttributionRules } from "./attribution-rules.ts";
import { appendAudit, findBrokenAudit, listAudit } from "./audit-log.ts";
import { insertCrossing, listCrossings, restateCrossing } from "./budget-crossings.ts";
import { lastSlots, listOpenBudgetStatuses, saveBudgetStatus } from "./budget-statuses.ts";
import { budgetAtRevision, deleteBudget, findBudget, listBudgetRevisions, listBudgets, saveBudget } from "./budgets.ts";
import { deleteChannel, disableChannel, listChannels, saveChannel } from "./channels.ts";
import { lastEvaluatedAt, pruneSlots, takenSlots, takeSlot } from "./evaluation-slots.ts";
import { acquireLease, assertLease, LeaseLostError, leaseHolder, releaseLease } from "./lease.ts";
import { MIGRATIONS, migrate } from "./migrate.ts";
import { countOutbox, createOutbox, enqueue, listOutbox, replayDead } from "./outbox.ts";
import { listPriceOverrides, retirePriceOverride, savePriceOverride } from "./price-overrides.ts";
import { newestReconciliation, saveReconciliation } from "./reconciliations.ts";
import { advanceRepricing, beginRepricing, finishRepricing, unfinishedRepricing } from "./repricings.ts";
import { callerHashKey, openSealer } from "./secrets.ts";
import { readSettings, settingsChangedAt, writeSettings } from "./settings.ts";
import { describeOnBothDialects } from "./testing/both-dialects.ts";

const NOW = toInstant("2026-11-21T09:00:00Z");

const BUDGET: Budget = {
  id: "b1" as BudgetId,
  name: "Search",
  scope: { kind: "team", team: "search" },
  amount: parseMoney("10000.000000000001"),
  currency: "USD",
  period: "month",
  zone: "America/New_York" as ZoneId,
  fiscalStart: "04-01" as FiscalStart,
  basis: "contracted_amortised",
  thresholds: [
    { id: "t80" as ThresholdId, basis: "actual", percent: 80n, recipients: null },
    { id: "f100" as ThresholdId, basis: "forecast", percent: 100n, recipients: ["c1"] },
  ],
  revision: 1,
  createdAt: NOW,
  updatedAt: NOW,
};

const CROSSING: BudgetCrossing = {
  id: "b1|t80",
  budgetId: BUDGET.id,
  thresholdId: "t80" as ThresholdId,
  basis: "actual",
  period: { start: toInstant("2026-11-01T04:00:00Z"), end: toInstant("2026-12-01T05:00:00Z") },
  revision: 1,
  percent: 80n,
  amount: BUDGET.amount,
  value: parseMoney("8000.000000000001"),
  valueUpper: parseMoney("8100"),
  unpricedTokens: 12n,
  cause: "spend",
  slot: 5,
  crossedAt: NOW,
  restated: null,
};

const CHANNEL: Channel = {
  id: "c1" as ChannelId,
  name: "Hook",
  kind: "webhook",
  url: "https://hooks.example.com/secret-path",
  secrets: ["whsec_AAAA"],
  state: "active",
  disabledReason: null,
};

await describeOnBothDialects("the state database", (under) => {
  test("keeps integers beyond 2^53 exactly", async () => {
    const { db } = await under.open();
    const row = { key: "big", value: "x", updated_at: 9_007_199_254_740_993n, updated_by: "test" };
    await db.insertInto("setting").values(row).execute();
    expect(await db.selectFrom("setting").selectAll().execute()).toEqual([row]);
  });

  test("gives a budget back as it was saved, keeps its revisions and hides it when deleted", async () => {
    const state = await under.open();
    const second = { ...BUDGET, amount: parseMoney("12000"), revision: 2, updatedAt: addMs(NOW, 1) };
    await state.transaction((tx) => saveBudget(tx, BUDGET, "ann"));
    expect(await listBudgets(state.db)).toEqual([BUDGET]);
    await state.transaction((tx) => saveBudget(tx, second, "bob"));
    expect(await findBudget(state.db, BUDGET.id)).toEqual(second);
    expect(await budgetAtRevision(state.db, BUDGET.id, 1)).toEqual(BUDGET);
    expect(
      (await listBudgetRevisions(state.db, BUDGET.id)).map((r) => [r.revision, r.document.amount, r.changedBy]),
    ).toEqual([
      [1, "10000.000000000001", "ann"],
      [2, "12000", "bob"],
    ]);
    expect(await state.transaction((tx) => deleteBudget(tx, BUDGET.id, NOW))).toBe(true);
    expect(await state.transaction((tx) => deleteBudget(tx, BUDGET.id, NOW))).toBe(false);
    expect(await listBudgets(state.db)).toEqual([]);
  });

  test("drops a threshold that an edit took away and keeps the other's id", async () => {
    const state = await under.open();
    await state.transaction((tx) => saveBudget(tx, BUDGET, "ann"));
    const fewer = { ...BUDGET, thresholds: BUDGET.thresholds.slice(0, 1), revision: 2 };
    await state.transaction((tx) => saveBudget(tx, fewer, "ann"));
    expect((await findBudget(state.db, BUDGET.id))?.thresholds).toEqual(fewer.thresholds);
  });

  test("latches a crossing once for the same budget, threshold, basis, period and revision", async () => {
    const state = await under.open();
    await state.transaction((tx) => saveBudget(tx, BUDGET, "ann"));
    expect(await state.transaction((tx) => insertCrossing(tx, CROSSING))).toBe(true);
    expect(await state.transaction((tx) => insertCrossing(tx, { ...CROSSING, id: "another" }))).toBe(false);
    expect(await state.transaction((tx) => insertCrossing(tx, { ...CROSSING, id: "r2", revision: 2 }))).toBe(true);
    await state.transaction((tx) => restateCrossing(tx, CROSSING.id, 7n as Money, NOW));
    const [restated] = (await listCrossings(state.db, NOW)).filter((crossing) => crossing.revision === 1);
    expect(restated).toEqual({ ...CROSSING, restated: { at: NOW, value: 7n } });
    expect(await listCrossings(state.db, CROSSING.period.end)).toEqual([]);
  });

  test("remembers what an evaluation found until the period is closed", async () => {
    const state = await under.open();
    await state.transaction((tx) => saveBudget(tx, BUDGET, "ann"));
    const status = {
      budgetId: BUDGET.id,
      period: CROSSING.period,
      evaluatedAt: NOW,
      outcome: "evaluated" as const,
      forecast: { total: parseMoney("9"), lower: parseMoney("8"), upper: null },
      pending: ["f100" as ThresholdId],
      look: {
        revision: 1,
        slot: 7,
        spent: parseMoney("5"),
        closedThrough: "2026-11-21" as never,
        closedSpent: parseMoney("4"),
        versions: { prices: "p1", attribution: null },
      },
    };
    const save = (outcome: "evaluated" | "closed") =>
      state.transaction((tx) =>
        saveBudgetStatus(tx, { ...status, outcome, spentUpper: parseMoney("6"), unpricedTokens: 1n }),
      );
    await save("evaluated");
    expect(await listOpenBudgetStatuses(state.db)).toEqual([status]);
    await save("closed");
    expect(await listOpenBudgetStatuses(state.db)).toEqual([]);
    expect(await lastSlots(state.db)).toEqual(new Map([[BUDGET.id, 7]]));
  });

  test("moves alert instances, ends them and keeps an append-only history", async () => {
    const state = await under.open();
    const instance = {
      id: "i1",
      ruleKind: "budget" as const,
      ruleId: "b1",
      ruleRevision: 1,
      labels: { budget: "b1" },
      state: "Firing" as const,
      since: NOW,
      slot: 3,
      value: "8000",
      resolvedReason: null,
    };
    const later = { ...instance, since: addMs(NOW, 5), slot: 4 };
    await state.transaction((tx) => saveAlertInstance(tx, instance));
    await state.transaction((tx) => saveAlertInstance(tx, later));
    expect(await listOpenAlerts(state.db)).toEqual([{ ...later, since: NOW }]);
    await state.transaction((tx) => endAlerts(tx, "b1", ["i1"], "kept", NOW));
    expect(await listOpenAlerts(state.db)).toHaveLength(1);
    await state.transaction((tx) => endAlerts(tx, "b1", [], "deleted", NOW));
    expect(await listOpenAlerts(state.db)).toEqual([]);
    const event = {
      id: "e1",
      instanceId: "i1",
      ruleKind: "budget" as const,
      ruleId: "b1",
      at: NOW,
      slot: 3,
      kind: "crossed" as const,
      fromState: "Normal" as const,
      toState: "Firing" as const,
      title: "Search reached 80 %",
      detail: { percent: "80" },
      groupKey: "g",
    };
    await state.transaction((tx) => appendAlertEvents(tx, [event, { ...event, title: "a repeat is ignored" }]));
    expect(await listAlertEvents(state.db, { limit: 10, ruleId: "b1" })).toEqual([event]);
    expect(await listAlertEvents(state.db, { limit: 10, ruleId: "b2" })).toEqual([]);
  });

  test("takes a slot once and forgets old ones", async () => {
    const state = await under.open();
    const lease = { name: "evaluation", holder: "a", token: 3n };
    const slot = { ruleId: "b1@1", slot: 9, skippedFrom: 4, at: NOW };
    expect(await state.transaction((tx) => takeSlot(tx, lease, slot))).toBe(true);
    expect(await state.transaction((tx) => takeSlot(tx, lease, slot))).toBe(false);
    expect(await takenSlots(state.db, 9)).toEqual(new Set(["b1@1"]));
    expect(await lastEvaluatedAt(state.db)).toBe(NOW);
    await state.transaction((tx) => pruneSlots(tx, addMs(NOW, 1)));
    expect(await takenSlots(state.db, 9)).toEqual(new Set());
    expect(await lastEvaluatedAt(state.db)).toBeNull();
  });

  test("gives a lease to one holder, a higher token to the next, and refuses writes under the old one", async () => {
    const state = await under.open();
    const first = await acquireLease(state, "evaluation", "a", 60_000);
    expect(first?.token).toBe(1n);
    expect(await acquireLease(state, "evaluation", "b", 60_000)).toBeNull();
    expect((await acquireLease(state, "evaluation", "a", 60_000))?.token).toBe(1n);
    expect(await leaseHolder(state, "evaluation")).toEqual({ holder: "a", token: 1n });
    if (!first) throw new Error("the first lease was refused");
    await releaseLease(state, first);
    expect(await leaseHolder(state, "evaluation")).toBeNull();
    const second = await acquireLease(state, "evaluation", "b", 60_000);
    expect(second?.token).toBe(2n);
    await expect(state.transaction((tx) => assertLease(tx, first))).rejects.toThrow(LeaseLostError);
    if (second) await state.transaction((tx) => assertLease(tx, second));
  });

  test("hands out a lease that ran out, also to the holder that slept, with a new token", async () => {
    const state = await under.open();
    const first = await acquireLease(state, "evaluation", "a", -1);
    expect((await acquireLease(state, "evaluation", "a", 60_000))?.token).toBe(2n);
    if (!first) throw new Error("the first lease was refused");
    await expect(state.transaction((tx) => assertLease(tx, first))).rejects.toThrow(LeaseLostError);
  });

  test("seals a channel's address and secret, switches it off and removes it", async () => {
    const state = await under.open();
    const sealer = await openSealer(state, undefined, NOW);
    await state.transaction((tx) => saveChannel(tx, CHANNEL, sealer, NOW));
    const stored = await state.db.selectFrom("channel").select("config").executeTakeFirstOrThrow();
    expect(stored.config).not.toContain("secret-path");
    expect(stored.config).not.toContain("AAAA");
    expect(await listChannels(state.db, await openSealer(state, undefined, NOW))).toEqual([CHANNEL]);
    const otherKey = await openSealer(state, Buffer.alloc(32, 7).toString("base64"), NOW);
    await expect(listChannels(state.db, otherKey)).rejects.toThrow("Set SECRETS_KEY");
    await state.transaction((tx) => disableChannel(tx, CHANNEL.id, "gone", NOW));
    expect((await listChannels(state.db, sealer))[0]).toEqual({
      ...CHANNEL,
      state: "disabled",
      disabledReason: "gone",
    });
    expect(await state.transaction((tx) => deleteChannel(tx, CHANNEL.id, NOW))).toBe(true);
    expect(await listChannels(state.db, sealer)).toEqual([]);
  });

  test("claims due messages oldest first, one per instance, and gives a dead process's claim to the next", async () => {
    const state = await under.open();
    const sealer = await openSealer(state, undefined, NOW);
    await state.transaction((tx) => saveChannel(tx, CHANNEL, sealer, NOW));
    const item = (key: string, instanceKey: string, sequence: number) => ({
      idempotencyKey: key,
      channelId: CHANNEL.id,
      kind: "test",
      instanceKey,
      sequence,
      payload: `{"key":"${key}"}`,
    });
    await state.transaction((tx) =>
      enqueue(tx, [item("k1", "i1", 1), item("k2", "i1", 2), item("k3", "i2", 1), item("k1", "i1", 1)], NOW),
    );
    const outbox = createOutbox(state, "process-a", sealer);
    const other = createOutbox(state, "process-b", sealer);
    expect((await outbox.dueChannels(NOW)).map((channel) => channel.id)).toEqual(["c1"]);
    const mine = await outbox.claim(CHANNEL.id, 10, NOW);
    expect(mine.map((claimed) => [claimed.idempotencyKey, claimed.attempt]).toSorted()).toEqual([
      ["k1", 1],
      ["k3", 1],
    ]);
    expect(await other.claim(CHANNEL.id, 10, NOW)).toEqual([]);
    const later = addMs(NOW, 60_000);
    const taken = await other.claim(CHANNEL.id, 10, later);
    expect(taken.map((claimed) => [claimed.idempotencyKey, claimed.attempt]).toSorted()).toEqual([
      ["k1", 2],
      ["k3", 2],
    ]);
    for (const late of mine) await outbox.settle(late, { state: "dead", error: "late", disablesChannel: false }, later);
    expect(await countOutbox(state.db)).toMatchObject({ sending: 2, queued: 1, dead: 0 });
    for (const claimed of taken) await other.settle(claimed, { state: "delivered" }, later);
    const [next] = await other.claim(CHANNEL.id, 10, later);
    expect(next?.idempotencyKey).toBe("k2");
    if (next) await other.settle(next, { state: "dead", error: "410", disablesChannel: true }, later);
    expect((await listChannels(state.db, sealer))[0]?.state).toBe("disabled");
    const [dead] = await listOutbox(state.db, 10, "dead");
    expect(dead).toMatchObject({ idempotencyKey: "k2", lastError: "410", payload: '{"key":"k2"}' });
    expect(await state.transaction((tx) => replayDead(tx, dead?.id ?? "", later))).toBe(true);
    expect(await outbox.dueChannels(later)).toEqual([]);
  });

  test("waits until a retry is due", async () => {
    const state = await under.open();
    const sealer = await openSealer(state, undefined, NOW);
    await state.transaction((tx) => saveChannel(tx, CHANNEL, sealer, NOW));
    const item = {
      idempotencyKey: "k",
      channelId: CHANNEL.id,
      kind: "t",
      instanceKey: "i",
      sequence: 1,
      payload: "{}",
    };
    await state.transaction((tx) => enqueue(tx, [item], NOW));
    const outbox = createOutbox(state, "a", sealer);
    const [claimed] = await outbox.claim(CHANNEL.id, 1, NOW);
    if (!claimed) throw new Error("nothing was claimed");
    await outbox.settle(claimed, { state: "retrying", error: "503", nextAttemptAt: addMs(NOW, 10_000) }, NOW);
    expect(await outbox.claim(CHANNEL.id, 1, addMs(NOW, 9_999))).toEqual([]);
    expect(await outbox.claim(CHANNEL.id, 1, addMs(NOW, 10_000))).toHaveLength(1);
  });

  test("keeps settings over the defaults and forgets nothing that was not named", async () => {
    const state = await under.open();
    const defaults = { zone: "UTC" as ZoneId, fiscalStart: "01-01" as FiscalStart, theme: "system" as const };
    expect(await readSettings(state.db, defaults)).toEqual(defaults);
    expect(await settingsChangedAt(state.db)).toBeNull();
    await state.transaction((tx) => writeSettings(tx, { zone: "Asia/Kolkata" as ZoneId }, NOW, "ann"));
    await state.transaction((tx) => writeSettings(tx, { theme: "dark" }, addMs(NOW, 1), "ann"));
    expect(await readSettings(state.db, defaults)).toEqual({ ...defaults, zone: "Asia/Kolkata", theme: "dark" });
    expect(await settingsChangedAt(state.db)).toBe(addMs(NOW, 1));
  });

  test("keeps the order of ownership rules and retires those that are left out", async () => {
    const state = await under.open();
    const rule = (id: string) => ({ id, definition: { kind: "application", value: id } });
    await state.transaction((tx) => replaceAttributionRules(tx, [rule("b"), rule("a")], NOW));
    await state.transaction((tx) => replaceAttributionRules(tx, [rule("c"), rule("b")], addMs(NOW, 1)));
    expect(
      (await listAttributionRules(state.db)).map((stored) => [stored.position, stored.id, stored.definition]),
    ).toEqual([
      [0, "c", { kind: "application", value: "c" }],
      [1, "b", { kind: "application", value: "b" }],
    ]);
  });

  test("keeps dated price overrides and retires them", async () => {
    const state = await under.open();
    const override = { id: "p1", definition: { percent: "8.63" }, validFrom: NOW, validTo: null };
    await state.transaction((tx) => savePriceOverride(tx, override, NOW));
    expect(await listPriceOverrides(state.db)).toEqual([{ ...override, updatedAt: NOW }]);
    expect(await state.transaction((tx) => retirePriceOverride(tx, "p1", NOW))).toBe(true);
    expect(await state.transaction((tx) => retirePriceOverride(tx, "p1", NOW))).toBe(false);
    expect(await listPriceOverrides(state.db)).toEqual([]);
  });

  test("makes the key for caller ids once, the same for every process", async () => {
    const location = await under.locate();
    const [a, b] = [await under.openAt(location), await under.openAt(location)];
    const [first, second] = await Promise.all([callerHashKey(a, NOW), callerHashKey(b, NOW)]);
    expect(first).toHaveLength(32);
    expect(second).toEqual(first);
  });

  test("chains the audit log, also when many write at once, and finds an entry that was changed", async () => {
    const state = await under.open();
    const entry = (n: number) => ({
      at: addMs(NOW, n),
      actorId: "ann",
      actorName: "Ann",
      action: "budget.edit",
      subjectKind: "budget",
      subjectId: `b${n}`,
      before: null,
      after: { amount: `${n}` },
    });
    await Promise.all([0, 1, 2, 3, 4].map((n) => state.transaction((tx) => appendAudit(tx, entry(n)))));
    expect((await listAudit(state.db, 10)).map((record) => record.sequence)).toEqual([5n, 4n, 3n, 2n, 1n]);
    expect(await findBrokenAudit(state.db)).toBeNull();
    await state.db.updateTable("audit_log").set({ after: '{"amount":"0"}' }).where("sequence", "=", 3n).execute();
    expect(await findBrokenAudit(state.db)).toBe(3n);
  });

  test("leaves nothing of a transaction that fails", async () => {
    const state = await under.open();
    const failing = state.transaction(async (tx) => {
      await saveBudget(tx, BUDGET, "ann");
      throw new Error("the process fell over");
    });
    await expect(failing).rejects.toThrow("the process fell over");
    expect(await listBudgets(state.db)).toEqual([]);
  });

  test("keeps loads of invoices with their days, and gives the newest", async () => {
    const state = await under.open();
    expect(await newestReconciliation(state.db)).toBeUndefined();
    const days = [
      { day: "2026-10-01", invoice: "9.137", estimate: "10", coverage: "1", drift: "0.094451" },
      { day: "2026-10-02", invoice: "0", estimate: "1", coverage: null, drift: null },
    ];
    const load = {
      id: "r1",
      loadedAt: NOW,
      basis: "actual",
      files: ["october.csv"],
      document: { light: "green" },
      days,
    };
    await state.transaction((tx) => saveReconciliation(tx, load));
    await state.transaction((tx) => saveReconciliation(tx, { ...load, id: "r0", loadedAt: addMs(NOW, -1), days: [] }));
    expect(await newestReconciliation(state.db)).toEqual(load);
  });

  test("knows how far a repricing is until it is finished", async () => {
    const state = await under.open();
    const repricing = {
      id: "p1",
      bookVersion: "v2",
      period: { start: addMs(NOW, -172_800_000), end: NOW },
      doneTo: addMs(NOW, -172_800_000),
      before: parseMoney("24563.739613001"),
      startedAt: NOW,
    };
    await state.transaction((tx) => beginRepricing(tx, repricing));
    expect(await unfinishedRepricing(state.db, "v1")).toBeUndefined();
    await state.transaction((tx) => advanceRepricing(tx, "p1", addMs(NOW, -86_400_000)));
    expect(await unfinishedRepricing(state.db, "v2")).toEqual({ ...repricing, doneTo: addMs(NOW, -86_400_000) });
    await state.transaction((tx) => finishRepricing(tx, "p1", parseMoney("23156.718230963146"), NOW));
    expect(await unfinishedRepricing(state.db, "v2")).toBeUndefined();
  });

  test("migrates once when two processes open an empty database, and adds only what is missing later", async () => {
    const location = await under.locate();
    const states = await Promise.all([under.openAt(location), under.openAt(location)]);
    const [state] = states;
    if (!state) throw new Error("no state was opened");
    const second = {
      name: "9999-test",
      up: async (tx: Parameters<(typeof MIGRATIONS)[number]["up"]>[0]) => {
        await sql`alter table setting add column note text`.execute(tx);
      },
    };
    expect(await migrate(state, null)).toEqual([]);
    expect(await migrate(state, null, [...MIGRATIONS, second])).toEqual(["9999-test"]);
    // The version before keeps starting and writing on the newer schema.
    expect(await migrate(state, null)).toEqual([]);
    await state.transaction((tx) => writeSettings(tx, { theme: "dark" }, NOW, "ann"));
  });
});
