import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { money } from "../money/money.ts";
import { addMs, period, QUARTER_HOUR_MS, toInstant } from "../time/instant.ts";
import { addDays, type LocalDay, periodOfDays, UTC, type ZoneId } from "../time/zone.ts";
import type { DeploymentName } from "../usage/usage-fact.ts";
import { CHARGE_DIMENSIONS, type ChargeQuery } from "./charge-query.ts";
import {
  batchOf,
  capacityCharge,
  ownedRequests,
  pricedAt,
  TEST_ACCOUNT,
  TEST_LINE,
  usageCharge,
} from "./ledger.testing.ts";
import { type OpenedLedger, openLedger } from "./open-ledger.ts";

const NEW_YORK = "America/New_York" as ZoneId;
const LORD_HOWE = "Australia/Lord_Howe" as ZoneId;
const KATHMANDU = "Asia/Kathmandu" as ZoneId;

const open: OpenedLedger[] = [];
async function ledgerWith(zones: readonly ZoneId[] = [NEW_YORK]): Promise<OpenedLedger> {
  const ledger = await openLedger({ path: ":memory:", zones, questions: () => [{ name: "calls", kql: "T" }] });
  open.push(ledger);
  return ledger;
}
afterEach(() => {
  for (const ledger of open.splice(0)) ledger.close();
});

function query(given: Partial<ChargeQuery> = {}): ChargeQuery {
  return {
    sees: { kind: "everything" },
    period: period(toInstant("2026-11-01T00:00:00Z"), toInstant("2026-12-01T00:00:00Z")),
    zone: UTC,
    grain: "total",
    groupBy: [],
    filter: {},
    ...given,
  };
}

describe("the ledger", () => {
  test("sums tokens by kind and cost exactly", async () => {
    const ledger = await ledgerWith();
    await ledger.replaceBuckets(
      batchOf([
        usageCharge("2026-11-05T10:00:00Z", { tokens: 100n }),
        usageCharge("2026-11-05T10:00:00Z", { tokens: 40n, tokenKind: "cached_input", pricing: pricedAt(20_000_000n) }),
        usageCharge("2026-11-05T10:15:00Z", { tokens: 7n, tokenKind: "output", pricing: pricedAt(56_000_000n) }),
        usageCharge("2026-11-05T10:15:00Z", {
          tokens: 9n,
          model: "mystery",
          pricing: { pricing: "unpriced", reason: "unknown-model" },
        }),
        capacityCharge("2026-11-05T10:15:00Z", "idle", 12_500_000_000_000n),
      ]),
    );
    expect(await ledger.sumCharges(query())).toEqual([
      {
        bucket: null,
        keys: {},
        inputTokens: 109n,
        cachedInputTokens: 40n,
        cacheWriteTokens: 0n,
        outputTokens: 7n,
        unpricedTokens: 9n,
        // 100 × 2,000,000 + 20,000,000 + 56,000,000 + 12.5 dollars
        listCost: 12_500_276_000_000n,
        contractedCost: 12_500_276_000_000n,
        contractedCostUpper: 12_500_276_000_000n,
        contractedCostAtMost: 0n,
        charges: 5n,
        capacityUnitMinutes: 750n,
      },
    ]);
  });

  test("counts a range at the end that it stands at, and says what may be less", async () => {
    const ledger = await ledgerWith();
    const lower = {
      pricing: "range",
      listCost: money(50n),
      listCostUpper: money(200n),
      contractedCost: money(40n),
      contractedCostUpper: money(160n),
      lower: TEST_LINE,
      upper: TEST_LINE,
      unknownPart: "scope",
      stated: "lower",
    } as const;
    const upper = { ...lower, unknownPart: "cachedShare", stated: "upper" } as const;
    await ledger.replaceBuckets(
      batchOf([
        usageCharge("2026-11-05T10:00:00Z", { pricing: lower }),
        usageCharge("2026-11-05T10:15:00Z", {
          pricing: { ...upper, listCost: money(200n), contractedCost: money(160n) },
        }),
      ]),
    );
    const [sum] = await ledger.sumCharges(query());
    expect(sum).toMatchObject({
      listCost: 250n,
      contractedCost: 200n,
      contractedCostUpper: 320n,
      contractedCostAtMost: 160n,
    });
  });

  test("replaces a quarter hour instead of adding to it, and leaves one with the same content alone", async () => {
    const ledger = await ledgerWith();
    const charge = usageCharge("2026-11-05T10:00:00Z");
    expect(await ledger.replaceBuckets(batchOf([charge]))).toEqual({ changed: 1, unchanged: 0 });
    expect(await ledger.replaceBuckets(batchOf([charge]))).toEqual({ changed: 0, unchanged: 1 });
    expect(
      await ledger.replaceBuckets(
        batchOf([{ ...charge, fact: { ...charge.fact, tokens: 3n }, pricing: pricedAt(6_000_000n) }]),
      ),
    ).toEqual({
      changed: 1,
      unchanged: 0,
    });
    const [sum] = await ledger.sumCharges(query({ grain: "day" }));
    expect(sum).toMatchObject({ bucket: "2026-11-05", inputTokens: 3n, contractedCost: 6_000_000n, charges: 1n });
  });

  test("empties a quarter hour whose rows are gone", async () => {
    const ledger = await ledgerWith();
    await ledger.replaceBuckets(batchOf([usageCharge("2026-11-05T10:00:00Z")]));
    await ledger.replaceBuckets(batchOf([], [], [toInstant("2026-11-05T10:00:00Z")]));
    expect(await ledger.sumCharges(query())).toEqual([]);
  });

  test("refuses a charge that a BIGINT cannot hold, by name, and stores nothing of its batch", async () => {
    const ledger = await ledgerWith();
    const huge = usageCharge("2026-11-05T10:00:00Z", { pricing: pricedAt(2n ** 63n) });
    await expect(ledger.replaceBuckets(batchOf([usageCharge("2026-11-05T10:00:00Z"), huge]))).rejects.toThrow(
      /alpha\/chat/,
    );
    expect(await ledger.sumCharges(query())).toEqual([]);
  });

  test("sums a $50 million year without losing a picodollar", async () => {
    const ledger = await ledgerWith();
    const each = 1_000_000_000_000_000_003n;
    const days = Array.from({ length: 50 }, (_day, index) =>
      addMs(toInstant("2026-01-01T00:00:00Z"), index * 7 * 86_400_000),
    );
    await ledger.replaceBuckets(batchOf(days.map((at) => usageCharge(at, { pricing: pricedAt(each) }))));
    const [sum] = await ledger.sumCharges(
      query({ period: periodOfDays("2026-01-01" as LocalDay, "2027-01-01" as LocalDay, UTC) }),
    );
    expect(sum?.contractedCost).toBe(50_000_000_000_000_000_150n);
  });

  test("shows a team lead only the rows of the teams that they may see", async () => {
    const ledger = await ledgerWith();
    await ledger.replaceBuckets(
      batchOf([
        usageCharge("2026-11-05T10:00:00Z", { team: "checkout" }),
        usageCharge("2026-11-05T10:00:00Z", { team: "legal", tokens: 1n }),
      ]),
    );
    const sums = await ledger.sumCharges(query({ sees: { kind: "teams", teams: ["legal"] }, groupBy: ["team"] }));
    expect(sums.map(({ keys, inputTokens }) => [keys.team, inputTokens])).toEqual([["legal", 1n]]);
    expect(await ledger.sumCharges(query({ sees: { kind: "teams", teams: [] } }))).toEqual([]);
  });

  test("filters by values that look like SQL without harm", async () => {
    const ledger = await ledgerWith();
    await ledger.replaceBuckets(batchOf([usageCharge("2026-11-05T10:00:00Z", { team: "o'neil" })]));
    const include = ["o'neil", "x'); DROP TABLE charge; --"];
    expect(await ledger.sumCharges(query({ filter: { team: { include } } }))).toHaveLength(1);
    expect(await ledger.sumCharges(query({ filter: { team: { exclude: include } } }))).toEqual([]);
  });

  test("refuses sums by hour over more than 31 days", async () => {
    const ledger = await ledgerWith();
    const within = periodOfDays("2026-10-01" as LocalDay, "2026-12-01" as LocalDay, UTC);
    await expect(ledger.sumCharges(query({ grain: "hour", period: within }))).rejects.toThrow(/at most 31 days/);
  });

  test("begins hours with the local day where the zone is a quarter off", async () => {
    const ledger = await ledgerWith([KATHMANDU]);
    await ledger.replaceBuckets(
      batchOf([
        usageCharge("2026-11-05T18:15:00Z"),
        usageCharge("2026-11-05T19:00:00Z"),
        usageCharge("2026-11-05T19:15:00Z"),
      ]),
    );
    const sums = await ledger.sumCharges(
      query({
        zone: KATHMANDU,
        grain: "hour",
        period: periodOfDays("2026-11-06" as LocalDay, "2026-11-07" as LocalDay, KATHMANDU),
      }),
    );
    expect(sums.map(({ bucket, charges }) => [bucket, charges])).toEqual([
      ["2026-11-05T18:15:00.000Z", 2n],
      ["2026-11-05T19:15:00.000Z", 1n],
    ]);
  });

  test("keeps daily sums of a zone that is added later", async () => {
    const ledger = await ledgerWith([]);
    await ledger.replaceBuckets(batchOf([usageCharge("2026-11-05T04:45:00Z"), usageCharge("2026-11-05T05:00:00Z")]));
    await ledger.addZone(NEW_YORK);
    const sums = await ledger.sumCharges(
      query({
        zone: NEW_YORK,
        grain: "day",
        period: periodOfDays("2026-11-04" as LocalDay, "2026-11-06" as LocalDay, NEW_YORK),
      }),
    );
    expect(sums.map(({ bucket, charges }) => [bucket, charges])).toEqual([
      ["2026-11-04", 1n],
      ["2026-11-05", 1n],
    ]);
  });

  test("a year equals the sum of its days over both changes of the clock, in any zone", async () => {
    const zones = [NEW_YORK, LORD_HOWE, KATHMANDU, "Asia/Kolkata" as ZoneId, UTC];
    const ledger = await ledgerWith([NEW_YORK, KATHMANDU]);
    const start = toInstant("2025-12-31T00:00:00Z");
    const charges = Array.from({ length: 3 * 367 }, (_row, index) =>
      usageCharge(addMs(start, index * 32 * QUARTER_HOUR_MS + (index % 32) * QUARTER_HOUR_MS), {
        tokens: BigInt(index + 1),
      }),
    );
    await ledger.replaceBuckets(batchOf(charges));
    for (const zone of zones) {
      const within = periodOfDays("2026-01-01" as LocalDay, "2027-01-01" as LocalDay, zone);
      const expected = charges
        .filter(({ fact }) => fact.quarterHour >= within.start && fact.quarterHour < within.end)
        .reduce((total, { fact }) => total + fact.tokens, 0n);
      const [year] = await ledger.sumCharges(query({ zone, period: within }));
      const days = await ledger.sumCharges(query({ zone, period: within, grain: "day" }));
      expect(year?.inputTokens).toBe(expected);
      expect(days.reduce((total, day) => total + day.inputTokens, 0n)).toBe(expected);
    }
  });

  test("gives the same sums for a period of whole days as for the same period cut into quarter hours", async () => {
    const ledger = await ledgerWith([NEW_YORK]);
    const start = toInstant("2026-10-30T00:00:00Z");
    await ledger.replaceBuckets(
      batchOf(
        Array.from({ length: 400 }, (_row, index) =>
          usageCharge(addMs(start, index * QUARTER_HOUR_MS), { tokens: BigInt(index) }),
        ),
      ),
    );
    const day = "2026-11-01" as LocalDay;
    const whole = periodOfDays(day, addDays(day, 1), NEW_YORK);
    const [stored] = await ledger.sumCharges(query({ zone: NEW_YORK, period: whole }));
    const middle = addMs(whole.start, 5 * QUARTER_HOUR_MS);
    const [first] = await ledger.sumCharges(query({ zone: NEW_YORK, period: period(whole.start, middle) }));
    const [second] = await ledger.sumCharges(query({ zone: NEW_YORK, period: period(middle, whole.end) }));
    expect(stored?.inputTokens).toBe((first?.inputTokens ?? 0n) + (second?.inputTokens ?? 0n));
    // The day of the clock change has 25 hours, 100 quarter hours, from index 208 (04:00 UTC on 1 November) on.
    expect(stored?.inputTokens).toBe((208n + 307n) * 50n);
  });

  test("the parts of every grouping add up to the total", async () => {
    const ledger = await ledgerWith();
    const charges = Array.from({ length: 60 }, (_row, index) =>
      usageCharge(addMs(toInstant("2026-11-05T10:00:00Z"), (index % 7) * QUARTER_HOUR_MS), {
        tokens: BigInt(index * 13 + 1),
        team: ["checkout", "legal", "unattributed"][index % 3] ?? "",
        deployment: (["chat", "batch"][index % 2] ?? "") as DeploymentName,
        model: ["gpt-4.1", "o3", "mystery"][index % 3] ?? "",
        tokenKind: (["input", "output"] as const)[index % 2] ?? "input",
        operation: `operation-${index}`,
      }),
    );
    await ledger.replaceBuckets(batchOf(charges));
    const [total] = await ledger.sumCharges(query());
    for (const dimension of CHARGE_DIMENSIONS) {
      const parts = await ledger.sumCharges(query({ groupBy: [dimension] }));
      expect(
        parts.reduce((sum, part) => sum + part.contractedCost, 0n),
        dimension,
      ).toBe(total?.contractedCost);
      expect(
        parts.reduce((sum, part) => sum + part.inputTokens + part.outputTokens, 0n),
        dimension,
      ).toBe((total?.inputTokens ?? 0n) + (total?.outputTokens ?? 0n));
    }
  });

  test("does not mix deployments of the same name in two accounts", async () => {
    const ledger = await ledgerWith();
    const other = TEST_ACCOUNT.replace("alpha", "beta") as typeof TEST_ACCOUNT;
    await ledger.replaceBuckets(
      batchOf([
        usageCharge("2026-11-05T10:00:00Z"),
        usageCharge("2026-11-05T10:00:00Z", { account: other, tokens: 5n }),
      ]),
    );
    const sums = await ledger.sumCharges(query({ groupBy: ["deployment"] }));
    expect(sums.map(({ keys, inputTokens }) => [keys.deployment, inputTokens])).toEqual([
      ["alpha/chat", 100n],
      ["beta/chat", 5n],
    ]);
  });

  test("sums requests by cause with percentiles of merged histograms, by day and by quarter hour alike", async () => {
    const ledger = await ledgerWith();
    await ledger.replaceBuckets(
      batchOf(
        [],
        [
          ownedRequests("2026-11-05T10:00:00Z", {
            requests: 3n,
            withTokens: 3n,
            latency: { buckets: [50, 60], counts: [1, 2], unmeasured: 0 },
          }),
          ownedRequests("2026-11-05T10:15:00Z", {
            status: "429",
            cause: "throttled",
            requests: 2n,
            withTokens: 0n,
            latency: { buckets: [], counts: [], unmeasured: 2 },
          }),
          ownedRequests("2026-11-06T10:00:00Z", {
            status: "400",
            cause: "client_error",
            requests: 1n,
            withTokens: 0n,
            latency: { buckets: [10], counts: [1], unmeasured: 0 },
          }),
          ownedRequests("2026-11-06T10:00:00Z", { operation: "models_list", isInference: false, requests: 9n }),
        ],
      ),
    );
    const ask = { sees: { kind: "everything" }, zone: UTC, groupBy: [], filter: {}, hasLatency: true } as const;
    const within = periodOfDays("2026-11-05" as LocalDay, "2026-11-07" as LocalDay, UTC);
    const [total] = await ledger.sumRequests({ ...ask, period: within, grain: "total" });
    expect(total).toMatchObject({ requests: 6n, attempts: 3n, withTokens: 3n, possiblyFiltered: 1n });
    expect(total?.byCause).toMatchObject({ ok: 3n, throttled: 2n, client_error: 1n, content_filter: 0n });
    expect(total?.latency).toMatchObject({ measured: 4n, unmeasured: 2n });
    // Nearest rank 2 of [10, 50, 60, 60] is bucket 50, rank 4 is bucket 60.
    expect(total?.latency?.p50).toBeCloseTo((1.02 / 0.98) ** 50, 9);
    expect(total?.latency?.p99).toBeCloseTo((1.02 / 0.98) ** 60, 9);
    const quarters = await ledger.sumRequests({ ...ask, period: within, grain: "quarterHour" });
    expect(quarters.map(({ bucket, requests }) => [bucket, requests])).toEqual([
      ["2026-11-05T10:00:00.000Z", 3n],
      ["2026-11-05T10:15:00.000Z", 2n],
      ["2026-11-06T10:00:00.000Z", 1n],
    ]);
  });

  test("says what a quarter hour is worth", async () => {
    const ledger = await ledgerWith();
    const at = (text: string) => toInstant(text);
    await ledger.replaceBuckets(
      batchOf(
        [],
        [],
        [
          at("2026-11-17T00:00:00Z"),
          at("2026-11-17T00:15:00Z"),
          at("2026-11-19T23:45:00Z"),
          at("2026-11-20T00:00:00Z"),
        ],
      ),
    );
    const states = await ledger.bucketStates(
      period(at("2026-11-17T00:00:00Z"), at("2026-11-20T00:15:00Z")),
      at("2026-11-20T01:00:00Z"),
    );
    expect(states.map(({ start, state }) => [new Date(start).toISOString().slice(0, 16), state])).toEqual([
      ["2026-11-17T00:00", "final"],
      ["2026-11-17T00:30", "unread"],
      ["2026-11-19T23:45", "settling"],
      ["2026-11-20T00:00", "open"],
    ]);
  });

  test("opens a receipt whose lines add up to the figure", async () => {
    const ledger = await ledgerWith();
    await ledger.replaceBuckets({
      ...batchOf([
        usageCharge("2026-11-05T10:00:00Z"),
        usageCharge("2026-11-06T10:00:00Z"),
        usageCharge("2026-11-06T10:00:00Z", {
          tokens: 9n,
          model: "mystery",
          pricing: { pricing: "unpriced", reason: "unknown-model" },
        }),
      ]),
      rowCounts: [
        {
          quarterHour: toInstant("2026-11-06T10:00:00Z"),
          account: TEST_ACCOUNT,
          deployment: "chat" as DeploymentName,
          source: "usage_log",
          rows: 5n,
          duplicates: 2n,
          requests: 1n,
        },
      ],
    });
    const receipt = await ledger.receipt(query());
    expect(receipt.lines).toMatchObject([
      { line: TEST_LINE, quantity: 200n, contractedCost: 400_000_000n, pricing: "priced", charges: 2n },
      { line: null, quantity: 9n, contractedCost: 0n, pricing: "unpriced", note: "unknown-model" },
    ]);
    expect(receipt).toMatchObject({ rowsCounted: 5n, duplicatesDropped: 2n, questions: [{ name: "calls", kql: "T" }] });
    expect((await ledger.receipt(query())).hash).toBe(receipt.hash);
    expect((await ledger.receipt(query({ filter: { model: { include: ["gpt-4.1"] } } }))).hash).not.toBe(receipt.hash);
  });

  test("compares the month to date with the same days of the month before, cut at the same time", async () => {
    const ledger = await ledgerWith();
    await ledger.replaceBuckets(
      batchOf([
        usageCharge("2026-10-03T11:45:00Z", { pricing: pricedAt(1n) }),
        usageCharge("2026-10-03T12:00:00Z", { pricing: pricedAt(10n) }),
        usageCharge("2026-10-31T12:00:00Z", { pricing: pricedAt(100n) }),
        usageCharge("2026-11-02T12:00:00Z", { pricing: pricedAt(1_000n) }),
        usageCharge("2026-11-03T11:45:00Z", { pricing: pricedAt(10_000n) }),
      ]),
    );
    const month = await ledger.monthProgress({
      sees: { kind: "everything" },
      zone: UTC,
      now: toInstant("2026-11-03T12:05:00Z"),
      filter: {},
    });
    expect(month).toMatchObject({ month: "2026-11-01", daysElapsed: 3, daysInMonth: 30 });
    expect([month.toDate, month.sameDaysLastMonth, month.lastMonth].map((figure) => figure.contractedCost)).toEqual([
      11_000n,
      1n,
      111n,
    ]);
    expect(month.days.map(({ day, cost }) => [day, cost.contractedCost])).toEqual([
      ["2026-11-01", 0n],
      ["2026-11-02", 1_000n],
      ["2026-11-03", 10_000n],
    ]);
  });

  test("ends in the same sums whatever the order and repetition of the batches", async () => {
    const quarterHour = (index: number) => addMs(toInstant("2026-11-05T22:00:00Z"), index * QUARTER_HOUR_MS);
    const versions = fc.array(fc.record({ quarter: fc.nat({ max: 11 }), tokens: fc.nat({ max: 1_000 }) }), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(versions, fc.infiniteStream(fc.nat({ max: 11 })), async (history, repeats) => {
        const ledger = await openLedger({ path: ":memory:", zones: [NEW_YORK], questions: () => [] });
        const latest = new Map<number, bigint>();
        for (const { quarter, tokens } of history) {
          latest.set(quarter, BigInt(tokens));
          await ledger.replaceBuckets(batchOf([usageCharge(quarterHour(quarter), { tokens: BigInt(tokens) })]));
          const again = repeats.next().value ?? 0;
          const known = latest.get(again);
          if (known !== undefined)
            await ledger.replaceBuckets(batchOf([usageCharge(quarterHour(again), { tokens: known })]));
        }
        const sums = await ledger.sumCharges(query({ grain: "day" }));
        const byDay = (from: number, to: number) =>
          [...latest]
            .filter(([quarter]) => quarter >= from && quarter < to)
            .reduce((total, [, tokens]) => total + tokens, 0n);
        const tokensOf = (day: string) => sums.find(({ bucket }) => bucket === day)?.inputTokens ?? 0n;
        ledger.close();
        expect([tokensOf("2026-11-05"), tokensOf("2026-11-06")]).toEqual([byDay(0, 8), byDay(8, 12)]);
      }),
      { numRuns: 20 },
    );
  });
});

describe("changes under a period", () => {
  const priced = (from: string, pico: bigint) => ({
    ...pricedAt(pico),
    line: { ...TEST_LINE, validFrom: toInstant(from) },
  });
  const at = (when: string, given: Parameters<typeof usageCharge>[1] = {}) =>
    usageCharge(when, { tokens: 1n, ...given });

  test("a price that took another's place, and a deployment that became another model", async () => {
    const ledger = await ledgerWith();
    await ledger.replaceBuckets(
      batchOf([
        at("2026-11-05T10:00:00Z", { model: "old", pricing: priced("2026-01-01T00:00:00Z", 10n) }),
        at("2026-11-12T10:00:00Z", { model: "old", pricing: priced("2026-11-10T00:00:00Z", 8n) }),
        at("2026-11-20T10:00:00Z", { model: "new", pricing: priced("2026-11-10T00:00:00Z", 8n) }),
      ]),
    );
    const found = await ledger.changes(query());
    expect(found.map(({ kind, at, model }) => [kind, new Date(at).toISOString(), model])).toEqual([
      ["price", "2026-11-10T00:00:00.000Z", "old"],
      ["model", "2026-11-20T10:00:00.000Z", "new"],
    ]);
    const later = period(toInstant("2026-11-11T00:00:00Z"), toInstant("2026-12-01T00:00:00Z"));
    expect((await ledger.changes(query({ period: later }))).map(({ kind }) => kind)).toEqual(["model"]);
  });

  test("models beside one another, as behind a router, are no change", async () => {
    const ledger = await ledgerWith();
    await ledger.replaceBuckets(
      batchOf([
        at("2026-11-05T10:00:00Z", { model: "a" }),
        at("2026-11-06T10:00:00Z", { model: "b" }),
        at("2026-11-07T10:00:00Z", { model: "a" }),
      ]),
    );
    expect(await ledger.changes(query())).toEqual([]);
  });
});
