import { afterEach, describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import type { BudgetId, ThresholdId } from "../budgets/budget.ts";
import { saveBudget } from "../db/budgets.ts";
import type { SourceClock } from "../ledger/ledger.ts";
import { parseMoney } from "../money/money.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import { type FiscalStart, UTC, type ZoneId } from "../time/zone.ts";
import { parseReceiptParam } from "../url/figure-ref.ts";
import { DEFAULT_PARAMS, type ReportParams } from "../url/report-params.ts";
import { loadOverview } from "./load-overview.ts";
import { loadCostReceipt } from "./load-receipt.ts";
import { sourcesOr } from "./page-context.ts";
import { type FakeCharge, inMemoryLedger } from "./testing/in-memory-ledger.ts";
import { reportSources } from "./testing/report-sources.ts";

const now = toInstant("2026-11-21T12:00:00Z");
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const clock: SourceClock = {
  source: "usage_log",
  workspace: "embedded",
  resource: "a",
  state: "connected",
  lastRow: now,
  watermark: now,
  dataTo: toInstant("2026-11-21T11:50:00Z"),
  lagP50Ms: 60_000,
  lagP95Ms: 120_000,
  lagMaxMs: null,
  failure: null,
  checkedAt: now,
};

function charge(text: string, cost: string, keys: FakeCharge["keys"], more: Partial<FakeCharge> = {}): FakeCharge {
  return { at: toInstant(text), cost: parseMoney(cost), keys, tokens: 1_000n, ...more };
}

async function overview(charges: readonly FakeCharge[], params: Partial<ReportParams> = {}, finalTo: Instant = now) {
  const sources = await reportSources(inMemoryLedger({ now, charges, clocks: [clock], finalTo }), now);
  closers.push(sources.close);
  return { sources, report: await loadOverview(LOCAL_ADMINISTRATOR, { ...DEFAULT_PARAMS, ...params }, sources) };
}

const search = { team: "search", deployment: "east/chat", model: "gpt-4o" };
const support = { team: "support", deployment: "west/mini", model: "gpt-4o-mini" };
const nobody = { team: "unattributed", deployment: "west/mini", model: "gpt-4o-mini" };

const NOVEMBER = [
  charge("2026-11-01T00:00:00Z", "10.5", search),
  charge("2026-11-20T23:45:00Z", "4.25", support),
  charge("2026-11-21T11:45:00Z", "0.25", nobody),
];
const OCTOBER = [
  charge("2026-10-05T00:00:00Z", "5", search),
  charge("2026-10-21T11:45:00Z", "1", support),
  // After the same time of day on the same day of October: not in the comparison.
  charge("2026-10-21T12:00:00Z", "100", support),
  charge("2026-10-31T00:00:00Z", "100", support),
];

describe("overview", () => {
  test("the month to date stands beside the same days of last month, cut at the same time of day", async () => {
    const { report } = await overview([...NOVEMBER, ...OCTOBER]);
    expect(report.total.amount.exact).toBe(parseMoney("15").toString());
    expect(report.compared?.amount.exact).toBe(parseMoney("6").toString());
    expect(report.change).toBe("150.0\u00a0% more than $6.00");
  });

  const READ_FROM = toInstant("2026-10-01T00:00:00Z");
  test.each([
    ["complete", READ_FROM, null, null],
    ["complete", toInstant("2026-10-01T00:15:00Z"), "no comparison: read from 1 Oct 2026", null],
    [
      "complete",
      toInstant("2026-11-02T00:00:00Z"),
      "no comparison: read from 2 Nov 2026",
      "Read from 2 Nov 2026: what was before is unknown, not zero.",
    ],
    [
      "running",
      toInstant("2026-11-02T00:00:00Z"),
      "no comparison: read from 2 Nov 2026",
      "Read back to 2 Nov 2026 so far: the days before it are still missing here.",
    ],
  ] as const)("history %s from %s: %s", async (state, since, comparedNote, shownNote) => {
    const ledger = {
      ...inMemoryLedger({ now, charges: [...NOVEMBER, ...OCTOBER], clocks: [clock], finalTo: now }),
      readBack: async () => ({
        state,
        from: state === "complete" ? since : READ_FROM,
        readDownTo: since,
        daysDone: 1,
        daysTotal: 2,
        etaMs: null,
      }),
    };
    const sources = await reportSources(ledger, now);
    closers.push(sources.close);
    const report = await loadOverview(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, sources);
    expect([report.context.comparedNote, report.context.shownNote]).toEqual([comparedNote, shownNote]);
    expect(report.compared === null).toBe(comparedNote !== null);
    expect(report.change === null).toBe(comparedNote !== null);
  });

  test.each(["deployment", "model", "team"] as const)("the parts by %s add up to the total, exactly", async (by) => {
    const { report } = await overview([...NOVEMBER, ...OCTOBER], { by });
    const parts = report.chart.points.flatMap((point) => point.values.map((value) => BigInt(value.exact || "0")));
    const forecast = report.chart.series.findIndex(({ key }) => key === "(forecast)");
    const drawn = report.chart.points.flatMap((point) =>
      point.values.flatMap((value, index) => (index === forecast ? [] : [BigInt(value.exact || "0")])),
    );
    expect(parts.length).toBeGreaterThan(0);
    expect(drawn.reduce((a, b) => a + b, 0n)).toBe(parseMoney("15"));
    const bridge = report.bridge.steps.filter(({ kind }) => kind !== "total").map(({ exact }) => BigInt(exact));
    expect(parseMoney("6") + bridge.reduce((a, b) => a + b, 0n)).toBe(parseMoney("15"));
  });

  test("what nobody owns and what has no price are said, and the total is at least", async () => {
    const { report } = await overview([
      ...NOVEMBER,
      charge("2026-11-02T00:00:00Z", "0", search, { isUnpriced: true, tokens: 500n }),
    ]);
    expect(report.unowned.amount.exact).toBe(parseMoney("0.25").toString());
    expect(report.unownedShare).toBe("1.7\u00a0%");
    expect(report.unpricedTokens.amount.exact).toBe("500");
    expect(report.mark).toBe("at least");
    expect(report.sentence[1]).toMatchObject({ figure: "at least $15.00" });
  });

  test("a total with a part at its dearest is at most, and about where another part has no price", async () => {
    const metricOnly = charge("2026-11-02T00:00:00Z", "1", search, { atMost: parseMoney("1") });
    const { report } = await overview([...NOVEMBER, metricOnly]);
    expect(report.mark).toBe("at most");
    expect(report.sentence[1]).toMatchObject({ figure: "at most $16.00" });
    const unpriced = charge("2026-11-02T00:00:00Z", "0", search, { isUnpriced: true, tokens: 500n });
    expect((await overview([...NOVEMBER, metricOnly, unpriced])).report.mark).toBe("about");
  });

  test("a mover without a price is unknown, not zero, and so are its share and its change", async () => {
    const { report } = await overview([
      ...NOVEMBER,
      ...OCTOBER,
      charge("2026-11-02T00:00:00Z", "0", { ...search, deployment: "labs/new" }, { isUnpriced: true, tokens: 500n }),
    ]);
    const row = report.movers.find(({ id }) => id === "labs/new")?.cells;
    expect([row?.cost, row?.share, row?.change]).toMatchObject([
      { text: "unknown", note: "no price" },
      { text: "unknown" },
      { text: "–" },
    ]);
    expect(report.movers.find(({ id }) => id === "east/chat")?.cells.cost?.text).toBe("$10.50");
  });

  test("a day is cut in the page's zone", async () => {
    const { report } = await overview([charge("2026-11-20T20:00:00Z", "3", search)], {
      zone: "Asia/Kolkata" as ZoneId,
    });
    const day = report.chart.points.find(({ key }) => key === "2026-11-21");
    expect(day?.total?.exact).toBe(parseMoney("3").toString());
  });

  test("today and what may still grow is partial, what is past the clock is final", async () => {
    const { report } = await overview(NOVEMBER, {}, toInstant("2026-11-20T00:00:00Z"));
    const states = new Map(report.chart.points.map((point) => [point.key, point.state]));
    expect([
      states.get("2026-11-19"),
      states.get("2026-11-20"),
      states.get("2026-11-21"),
      states.get("2026-11-22"),
    ]).toEqual(["final", "partial", "partial", "forecast"]);
  });

  test("a filter holds for every figure", async () => {
    const { report } = await overview([...NOVEMBER, ...OCTOBER], { filter: { team: { include: ["support"] } } });
    expect(report.total.amount.exact).toBe(parseMoney("4.25").toString());
    expect(report.compared?.amount.exact).toBe(parseMoney("1").toString());
    expect(report.movers.map(({ id }) => id)).toEqual(["west/mini"]);
  });

  test("the receipt of the headline has its sum", async () => {
    const { report, sources } = await overview(NOVEMBER);
    const figure = parseReceiptParam(report.total.receipt);
    if (!figure || figure.isLive) throw new Error("The headline has a receipt.");
    const receipt = await loadCostReceipt(LOCAL_ADMINISTRATOR, figure, await sourcesOr(sources));
    expect(receipt.cost.exact).toBe(report.total.amount.exact);
  });

  test("nothing read is a state of its own", async () => {
    const sources = await reportSources(inMemoryLedger({ now, charges: [] }), now);
    closers.push(sources.close);
    const report = await loadOverview(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, sources);
    expect(report.context.clock.state).toBe("empty");
  });

  test("the sentence says where a budget stands", async () => {
    const ledger = inMemoryLedger({ now, charges: NOVEMBER, clocks: [clock] });
    const sources = await reportSources(ledger, now);
    closers.push(sources.close);
    await sources.state.transaction((tx) =>
      saveBudget(
        tx,
        {
          id: "b1" as BudgetId,
          name: "All",
          scope: { kind: "everything" },
          amount: parseMoney("12"),
          currency: "USD",
          period: "month",
          zone: UTC,
          fiscalStart: "01-01" as FiscalStart,
          basis: "contracted_amortised",
          thresholds: [{ id: "t1" as ThresholdId, basis: "actual", percent: 100n, recipients: null }],
          revision: 1,
          createdAt: now,
          updatedAt: now,
        },
        "test",
      ),
    );
    const report = await loadOverview(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, sources);
    const text = report.sentence.map((part) => (typeof part === "string" ? part : part.figure)).join("");
    expect(text).toMatch(/^November is at \$15\.00.* Budget \$12\.00: passed\.$/);
    expect(report.budgets[0]).toMatchObject({ state: "over", spent: { exact: parseMoney("15").toString() } });
  });
});
