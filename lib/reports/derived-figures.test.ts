import { afterEach, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import type { Budget, BudgetId, ThresholdId } from "../budgets/budget.ts";
import { saveBudget } from "../db/budgets.ts";
import { parseMoney } from "../money/money.ts";
import { toInstant } from "../time/instant.ts";
import { type FiscalStart, UTC } from "../time/zone.ts";
import { parseReceiptParam } from "../url/figure-ref.ts";
import { DEFAULT_PARAMS } from "../url/report-params.ts";
import { loadMeasureReceipt } from "./load-measure-receipt.ts";
import { loadOverview } from "./load-overview.ts";
import { loadTeam } from "./load-team.ts";
import { type ReportSources, sourcesOr } from "./page-context.ts";
import { type FakeContent, inMemoryLedger } from "./testing/in-memory-ledger.ts";
import { reportSources } from "./testing/report-sources.ts";

const now = toInstant("2026-11-21T12:00:00Z");
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function sourcesOf(content: Partial<FakeContent>) {
  const sources = await reportSources(inMemoryLedger({ now, charges: [], ...content }), now);
  closers.push(sources.close);
  return sources;
}

/** A link's receipt: its value, then its parts. */
async function open(receipt: string | undefined, sources: ReportSources) {
  const figure = parseReceiptParam(receipt ?? "");
  if (!figure || figure.isLive || !figure.measure || figure.measure === "cost") throw new Error("No such receipt.");
  const view = await loadMeasureReceipt(LOCAL_ADMINISTRATOR, figure, figure.measure, await sourcesOr(sources));
  return { ...view, texts: [view.value.shown, ...view.parts.map(({ what, shown }) => `${what} ${shown}`)] };
}

const chat = { team: "search", deployment: "east/chat", model: "gpt-4o" };

/** A dollar on each of the twenty complete days of November, and a quarter of one so far today. */
const DOLLAR_A_DAY = [
  ...Array.from({ length: 20 }, (_, day) => ({
    at: toInstant(`2026-11-${String(day + 1).padStart(2, "0")}T09:00:00Z`),
    cost: parseMoney("1"),
    keys: chat,
    tokens: 10n,
  })),
  { at: toInstant("2026-11-21T11:45:00Z"), cost: parseMoney("0.25"), keys: chat, tokens: 10n },
];

test("a forecast opens to what is spent and each day to come, and they add up to it", async () => {
  const sources = await sourcesOf({ charges: DOLLAR_A_DAY });
  const report = await loadOverview(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, sources);
  expect(report.forecast?.amount.shown).toBe("$29.75");
  const receipt = await open(report.forecast?.receipt, sources);
  expect(receipt.texts.slice(0, 4)).toEqual([
    "$29.75",
    "1–21 Nov 2026, in the ledger $20.25",
    "the rest of 21 Nov $0.50",
    "22 Nov $1.00",
  ]);
  expect(receipt.parts).toHaveLength(11);
  expect(receipt.parts.reduce((a, { exact }) => a + BigInt(exact), 0n)).toBe(29_750_000_000_000n);
  expect(receipt.how).toContain("fewer than 21 complete days");
  expect(receipt.facts).toContainEqual({ name: "complete days of the period", value: "20" });
  const sentence = report.sentence.find((part) => typeof part !== "string" && part.exact === "29750000000000");
  expect(sentence).toMatchObject({ receipt: report.forecast?.receipt });
});

test("a forecast of a month that is over is unknown, not what it was", async () => {
  const sources = await sourcesOf({ charges: DOLLAR_A_DAY });
  const { forecast } = await loadOverview(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, sources);
  const later = { ...sources, now: () => toInstant("2026-12-01T00:00:00Z") };
  expect((await open(forecast?.receipt, later)).texts).toEqual(["unknown"]);
});

test("what is left of a budget opens to its amount and what its scope cost", async () => {
  const sources = await sourcesOf({ charges: DOLLAR_A_DAY });
  const budgetOfSearch: Budget = {
    id: "b1" as BudgetId,
    name: "Search",
    scope: { kind: "team", team: "search" },
    amount: parseMoney("25"),
    currency: "USD",
    period: "month",
    zone: UTC,
    fiscalStart: "01-01" as FiscalStart,
    basis: "contracted_amortised",
    thresholds: [80n, 90n].map((percent) => ({
      id: `t${percent}` as ThresholdId,
      basis: "actual",
      percent,
      recipients: null,
    })),
    revision: 1,
    createdAt: now,
    updatedAt: now,
  };
  await sources.state.transaction((tx) => saveBudget(tx, budgetOfSearch, "test"));
  const { budget } = await loadOverview(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, sources);
  const receipt = await open(budget?.left.receipt, sources);
  expect(receipt.texts).toEqual(["$4.75", "amount, revision 1 $25.00", "spent $20.25"]);
  expect(receipt.filters).toEqual(["team is search"]);
  expect(receipt.facts.slice(-2)).toEqual([
    { name: "80\u00a0% spent", value: "passed" },
    { name: "90\u00a0% spent", value: "not passed" },
  ]);
});

test("a team's share and its cost of 1,000 requests open to the two figures behind each", async () => {
  const at = toInstant("2026-11-20T09:00:00Z");
  const sources = await sourcesOf({
    charges: [
      { at, cost: parseMoney("2"), keys: chat, tokens: 10n },
      { at, cost: parseMoney("6"), keys: { ...chat, team: "support" }, tokens: 10n },
    ],
    requests: [
      { at, keys: { team: "search", deployment: "east/chat" }, cause: "ok", requests: 40n },
      { at, keys: { team: "search", deployment: "west/mini" }, cause: "ok", requests: 10n },
    ],
  });
  const team = await loadTeam(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, "search", sources);
  expect((await open(team.share.receipt, sources)).texts).toEqual([
    "25.0\u00a0%",
    "cost under these filters $2.00",
    "cost of everything $8.00",
  ]);
  expect((await open(team.costPerThousand?.receipt, sources)).texts).toEqual(["$40.00", "cost $2.00", "requests 50"]);
});

test("requests of a team obey the page's filters, and under one that they do not know there is no cost of 1,000", async () => {
  const at = toInstant("2026-11-20T09:00:00Z");
  const sources = await sourcesOf({
    charges: [{ at, cost: parseMoney("2"), keys: chat, tokens: 10n }],
    requests: [
      { at, keys: { team: "search", deployment: "east/chat" }, cause: "ok", requests: 40n },
      { at, keys: { team: "search", deployment: "west/mini" }, cause: "ok", requests: 10n },
    ],
  });
  const under = (filter: (typeof DEFAULT_PARAMS)["filter"]) =>
    loadTeam(LOCAL_ADMINISTRATOR, { ...DEFAULT_PARAMS, filter }, "search", sources);
  const one = await under({ deployment: { include: ["east/chat"] } });
  expect([one.requests.exact, one.costPerThousand?.shown]).toEqual(["40", "$50.00"]);
  expect((await under({ region: { include: ["eastus2"] } })).costPerThousand).toBeNull();
});
