import { afterEach, describe, expect, test } from "vitest";
import type { Charge } from "../attribution/charge.ts";
import { toDecimal } from "../money/money.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { priceUsage } from "../pricing/price-usage.ts";
import { keyRepricings } from "../pricing/reprice.ts";
import { period, toInstant } from "../time/instant.ts";
import { UTC, type ZoneId } from "../time/zone.ts";
import type { AccountId, DeploymentName } from "../usage/usage-fact.ts";
import { batchOf, ownedRequests, TEST_ACCOUNT, usageCharge } from "./ledger.testing.ts";
import { type OpenedLedger, openLedger } from "./open-ledger.ts";

const opened: OpenedLedger[] = [];
afterEach(() => {
  for (const ledger of opened.splice(0)) ledger.close();
});

const LIST = loadBundledCatalogue();
const LESS_TEN: PriceBook = {
  ...LIST,
  version: "less ten",
  negotiated: [
    {
      id: "a",
      about: {},
      terms: { kind: "discount", percent: "10" },
      validFrom: toInstant("2026-01-01"),
      validTo: null,
      source: "entered",
    },
  ],
};
const SEPTEMBER = period(toInstant("2026-09-01"), toInstant("2026-10-01"));
const AROUND = period(toInstant("2026-08-31"), toInstant("2026-10-02"));
/** The quarter hours on both sides of both ends of September, and one inside. */
const EDGES = [
  "2026-08-31T23:45:00Z",
  "2026-09-01T00:00:00Z",
  "2026-09-15T10:00:00Z",
  "2026-09-30T23:45:00Z",
  "2026-10-01T00:00:00Z",
] as const;

function priced(at: string, given: Parameters<typeof usageCharge>[1] = {}, book = LIST): Charge {
  const { fact, owner } = usageCharge(at, { tokens: 1_000_000n, ...given });
  return { kind: "usage", fact, owner, pricing: priceUsage(fact, book) };
}

/** One call of a million tokens, 2 USD, in each of the five quarter hours. */
async function ledgerOfEdges(zones: readonly string[] = []): Promise<OpenedLedger> {
  const ledger = await openLedger({ path: ":memory:", zones: zones as ZoneId[], questions: () => [] });
  opened.push(ledger);
  await ledger.replaceBuckets(
    batchOf(
      EDGES.map((at) => priced(at)),
      EDGES.map((at) => ownedRequests(at)),
    ),
  );
  return ledger;
}

async function costsByDay(ledger: OpenedLedger, zone = UTC) {
  const rows = await ledger.sumCharges({
    sees: { kind: "everything" },
    period: AROUND,
    zone,
    grain: "day",
    groupBy: [],
    filter: {},
  });
  return rows.map((row) => `${row.bucket} ${toDecimal(row.contractedCost)}`);
}

const ALL_AT_TWO = ["2026-08-31 2", "2026-09-01 2", "2026-09-15 2", "2026-09-30 2", "2026-10-01 2"];

describe("a closed month", () => {
  test("does not move under a re-pricing, its neighbours do, to the quarter hour", async () => {
    const ledger = await ledgerOfEdges(["Asia/Kolkata"]);
    await ledger.setClosed([SEPTEMBER]);
    // The caller names no closed month: the ledger itself keeps it.
    const changes = keyRepricings(await ledger.standingKeys(AROUND), LESS_TEN, []);
    expect(await ledger.repriceCharges(changes, AROUND, LESS_TEN.version)).toBe(2);
    const moved = ["2026-08-31 1.8", "2026-09-01 2", "2026-09-15 2", "2026-09-30 2", "2026-10-01 1.8"];
    expect(await costsByDay(ledger)).toEqual(moved);
    // In India both ends of the month lie within a day that is half open, half closed.
    expect(await costsByDay(ledger, "Asia/Kolkata" as ZoneId)).toEqual([
      "2026-09-01 3.8",
      "2026-09-15 2",
      "2026-10-01 3.8",
    ]);
  });

  test("a preview does not move it either", async () => {
    const ledger = await ledgerOfEdges();
    await ledger.setClosed([SEPTEMBER]);
    const changes = keyRepricings(await ledger.standingKeys(AROUND), LESS_TEN, []);
    const [row] = await ledger.repricedSums(changes, [{ label: "2026-09", within: SEPTEMBER }]);
    expect(row && [toDecimal(row.before), toDecimal(row.after), row.changed]).toEqual(["6", "6", 0]);
  });

  test("late rows are counted as after close and change nothing, those beside it are taken in", async () => {
    const ledger = await ledgerOfEdges();
    await ledger.setClosed([SEPTEMBER]);
    const late = batchOf(
      EDGES.flatMap((at) => [priced(at), priced(at, { tokens: 500_000n, team: "search" })]),
      EDGES.map((at) => ownedRequests(at, { requests: 3n })),
    );
    expect(await ledger.replaceBuckets(late)).toEqual({ changed: 2, unchanged: 3 });
    expect(await costsByDay(ledger)).toEqual([
      "2026-08-31 3",
      "2026-09-01 2",
      "2026-09-15 2",
      "2026-09-30 2",
      "2026-10-01 3",
    ]);
    expect(await ledger.afterClose()).toEqual([
      {
        period: SEPTEMBER,
        quarterHours: 3,
        requests: 6n,
        tokens: 1_500_000n,
        contractedCost: 3_000_000_000_000n,
        seenAt: late.readAt,
      },
    ]);
    const requests = await ledger.sumRequests({
      sees: { kind: "everything" },
      period: SEPTEMBER,
      zone: UTC,
      grain: "total",
      groupBy: [],
      filter: {},
      hasLatency: false,
    });
    expect(requests.map((row) => row.requests)).toEqual([3n]);
  });

  test("reading the same late rows again counts them once, and what the workspace forgot stays counted", async () => {
    const ledger = await ledgerOfEdges();
    await ledger.setClosed([SEPTEMBER]);
    const at = EDGES[2];
    const late = batchOf([priced(at, { tokens: 1_500_000n })], [ownedRequests(at, { requests: 2n })]);
    await ledger.replaceBuckets(late);
    await ledger.replaceBuckets(late);
    await ledger.replaceBuckets(batchOf([], [], [toInstant(at)]));
    const counted = (await ledger.afterClose()).map(({ quarterHours, requests, tokens }) => [
      quarterHours,
      requests,
      tokens,
    ]);
    expect(counted).toEqual([[1, 1n, 500_000n]]);
    expect(await costsByDay(ledger)).toEqual(ALL_AT_TWO);
  });

  test("a re-check under another book, another owner or a fallen metric is no late row", async () => {
    const ledger = await ledgerOfEdges();
    const at = EDGES[2];
    const remainder = { source: "metric", confidence: "metric_only", tokens: 70n } as const;
    await ledger.replaceBuckets(batchOf([priced(at), priced(at, remainder)], [ownedRequests(at)]));
    const before = await costsByDay(ledger);
    await ledger.setClosed([SEPTEMBER]);
    await ledger.replaceBuckets(batchOf([priced(at, { team: "search" }, LESS_TEN)], [ownedRequests(at)]));
    expect(await ledger.afterClose()).toEqual([]);
    expect(await costsByDay(ledger)).toEqual(before);
  });

  test("a quarter hour of it that the ledger does not hold is not filled: the archive is where it comes from", async () => {
    const ledger = await ledgerOfEdges();
    await ledger.setClosed([SEPTEMBER]);
    expect(await ledger.replaceBuckets(batchOf([priced("2026-09-20T10:00:00Z")]))).toEqual({
      changed: 0,
      unchanged: 1,
    });
    expect(await costsByDay(ledger)).toEqual(ALL_AT_TWO);
    expect(await ledger.afterClose()).toEqual([]);
  });

  test("its minutes go on being told as they are", async () => {
    const ledger = await ledgerOfEdges();
    await ledger.setClosed([SEPTEMBER]);
    const at = toInstant("2026-09-30T23:47:00Z");
    const minutes = [
      {
        account: TEST_ACCOUNT as AccountId,
        deployment: "chat" as DeploymentName,
        operation: "chatcompletions_create",
        streamType: "Non-Streaming",
        status: "200",
        cause: "ok" as const,
        isInference: true,
        minutes: [at / 60_000],
        buckets: [100],
        counts: [2],
      },
    ];
    await ledger.replaceBuckets({ ...batchOf([priced(EDGES[3])], [ownedRequests(EDGES[3])]), minutes });
    const rows = await ledger.sumRequests({
      sees: { kind: "everything" },
      period: period(toInstant("2026-09-30T23:00:00Z"), toInstant("2026-10-01T00:00:00Z")),
      zone: UTC,
      grain: "minute",
      groupBy: [],
      filter: {},
      hasLatency: false,
    });
    expect(rows.map((row) => [row.bucket, row.requests])).toEqual([["2026-09-30T23:47:00.000Z", 2n]]);
  });
});
