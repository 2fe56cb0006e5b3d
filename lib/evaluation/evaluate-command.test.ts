import { expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import type { Budget, BudgetId, ThresholdId } from "../budgets/budget.ts";
import { evaluateCommand } from "../command-line/evaluate.ts";
import { saveBudget } from "../db/budgets.ts";
import { saveChannel } from "../db/channels.ts";
import { openSealer } from "../db/secrets.ts";
import { openState } from "../db/state.ts";
import type { ChargeQuery, ChargeSum } from "../ledger/charge-query.ts";
import type { ReadBackProgress } from "../ledger/ledger.ts";
import { reportingIn } from "../money/exchange-rates.ts";
import { parseMoney, ZERO } from "../money/money.ts";
import type { ChannelId } from "../notifications/channel.ts";
import type { Runtime } from "../runtime.ts";
import { toInstant } from "../time/instant.ts";
import { type FiscalStart, UTC } from "../time/zone.ts";
import { ledgerSpendSource } from "./ledger-spend-source.ts";
import { startReceiver } from "./testing/recording-receiver.ts";

const NOW = toInstant("2026-11-21T09:00:00Z");
const COMPLETE: ReadBackProgress = {
  state: "complete",
  from: null,
  readDownTo: null,
  daysDone: 90,
  daysTotal: 90,
  etaMs: null,
};

const BUDGET: Budget = {
  id: "b" as BudgetId,
  name: "Search",
  scope: { kind: "team", team: "search" },
  amount: parseMoney("100"),
  currency: "USD",
  period: "month",
  zone: UTC,
  fiscalStart: "01-01" as FiscalStart,
  basis: "contracted_amortised",
  thresholds: [{ id: "t" as ThresholdId, basis: "actual", percent: 80n, recipients: null }],
  revision: 1,
  createdAt: NOW,
  updatedAt: NOW,
};

function charge(day: string, team: string, cost: string, parts: Partial<ChargeSum> = {}): ChargeSum {
  return {
    bucket: day,
    keys: { team },
    inputTokens: 0n,
    cachedInputTokens: 0n,
    cacheWriteTokens: 0n,
    outputTokens: 0n,
    unpricedTokens: 0n,
    listCost: parseMoney(cost),
    contractedCost: parseMoney(cost),
    contractedCostUpper: parseMoney(cost),
    contractedCostAtMost: parseMoney("0"),
    charges: 1n,
    capacityUnitMinutes: 0n,
    ...parts,
  };
}

/** A ledger that answers with fixed rows and writes down what it was asked. */
function ledgerOf(rows: readonly ChargeSum[], progress = COMPLETE) {
  const asked: ChargeQuery[] = [];
  return {
    asked,
    sumCharges: async (query: ChargeQuery) => {
      asked.push(query);
      return [...rows];
    },
    readBack: async () => progress,
  };
}

test("npm run evaluate evaluates, sends the signed message and prints a summary; a second run has nothing to do", async () => {
  const state = await openState({ sqlitePath: ":memory:" });
  const receiver = await startReceiver(() => "accept");
  const sealer = await openSealer(state, undefined, NOW);
  const channel = {
    id: "c" as ChannelId,
    name: "Ops",
    kind: "webhook" as const,
    url: `http://${receiver.address}/hook`,
    secrets: ["whsec_AAAA"],
    state: "active" as const,
    disabledReason: null,
  };
  await state.transaction(async (tx) => {
    await saveBudget(tx, BUDGET, "ann");
    await saveChannel(tx, channel, sealer, NOW);
  });
  const runtime = {
    env: { TEST_RECEIVERS: [receiver.address], APP_URL: "https://ledger.example.com" },
    state,
    ledger: ledgerOf([
      charge("2026-11-02", "search", "79"),
      charge("2026-11-21", "search", "1"),
      charge("2026-11-02", "other", "9"),
    ]),
    priceBook: async () => ({ version: "p1" }),
    reporting: async () => reportingIn(null, "USD", [], null),
    now: () => NOW,
  };
  const evaluate = async () => {
    const printed: string[] = [];
    const io = {
      stdin: (async function* () {})(),
      out: async (text: string) => void printed.push(text),
      err: () => undefined,
      isTerminal: false,
      cwd: "/",
      signal: new AbortController().signal,
      // The command uses these parts of the runtime only.
      runtime: async () => runtime as unknown as Runtime,
    };
    return { code: await evaluateCommand.run([], io), summary: JSON.parse(printed.join("")) };
  };
  expect(await evaluate()).toMatchObject({
    code: 0,
    summary: {
      outcome: "evaluated",
      budgets: 1,
      evaluated: 1,
      crossings: 1,
      messages: 1,
      delivery: { delivered: 1, retrying: 0, dead: 0 },
    },
  });
  const [arrival] = receiver.arrivals;
  expect(JSON.parse(arrival?.body ?? "{}")).toMatchObject({
    type: "budget.threshold_crossed",
    data: { title: "Budget Search: 80 % reached", link: "https://ledger.example.com/alerts" },
  });
  expect(await evaluate()).toMatchObject({
    code: 0,
    summary: { evaluated: 0, repeated: 1, delivery: { delivered: 0 } },
  });
  expect(receiver.arrivals).toHaveLength(1);
  await receiver.close();
  await state.close();
});

test("npm run evaluate refuses arguments", async () => {
  const io = { err: () => undefined } as unknown as Parameters<typeof evaluateCommand.run>[1];
  await expect(evaluateCommand.run(["--now"], io)).rejects.toThrow("takes no arguments");
});

test("budgets of one kind, zone and period share one question to the ledger", async () => {
  const rows = [
    charge("2026-10-31", "search", "5"),
    charge("2026-11-01", "search", "7", { unpricedTokens: 3n, contractedCostUpper: parseMoney("8") }),
    charge("2026-11-21", "ads", "11"),
  ];
  const ledger = ledgerOf(rows);
  const source = ledgerSpendSource(async () => ledger, LOCAL_ADMINISTRATOR, { prices: "p", attribution: null });
  const period = { start: toInstant("2026-11-01T00:00:00Z"), end: toInstant("2026-12-01T00:00:00Z") };
  const ask = (team: string) =>
    source.spend({ currency: "USD", scope: { kind: "team", team }, period, zone: UTC, now: NOW });
  expect(await ask("search")).toMatchObject({
    contractedCost: parseMoney("7"),
    contractedCostUpper: parseMoney("8"),
    unpricedTokens: 3n,
    isComplete: true,
    daily: [
      { day: "2026-10-31", cost: parseMoney("5") },
      { day: "2026-11-01", cost: parseMoney("7") },
    ],
  });
  expect((await ask("ads")).contractedCost).toBe(parseMoney("11"));
  expect((await ask("nobody")).contractedCost).toBe(ZERO);
  expect(ledger.asked).toHaveLength(1);
  expect(ledger.asked[0]).toMatchObject({
    grain: "day",
    groupBy: ["team"],
    period: { start: toInstant("2026-05-25T00:00:00Z"), end: toInstant("2026-11-22T00:00:00Z") },
  });
});

test.each([
  ["reached the period's start", "2026-11-01T00:00:00Z", true],
  ["stopped a quarter hour short of it", "2026-11-01T00:15:00Z", false],
])("a read-back that has %s", async (_name, readDownTo, isComplete) => {
  const ledger = ledgerOf([], { ...COMPLETE, state: "running", readDownTo: toInstant(readDownTo) });
  const source = ledgerSpendSource(async () => ledger, LOCAL_ADMINISTRATOR, { prices: null, attribution: null });
  const period = { start: toInstant("2026-11-01T00:00:00Z"), end: toInstant("2026-12-01T00:00:00Z") };
  const spend = await source.spend({ currency: "USD", scope: { kind: "everything" }, period, zone: UTC, now: NOW });
  expect(spend.isComplete).toBe(isComplete);
});
