import type { LedgerChange } from "../../ledger/changes.ts";
import {
  CHARGE_DIMENSIONS,
  type ChargeDimension,
  type ChargeFilter,
  type ChargeQuery,
  type ChargeSum,
  type Grain,
} from "../../ledger/charge-query.ts";
import type {
  DataFaults,
  DeploymentCoverage,
  LatencySummary,
  LedgerReads,
  MetricSeriesName,
  MetricSum,
  RequestDimension,
  RequestGrain,
  RequestSum,
  SeenDeployment,
  SourceClock,
} from "../../ledger/ledger.ts";
import { rateStretches } from "../../ledger/rate-stretches.ts";
import { convert, type RatePair } from "../../money/exchange-rates.ts";
import { type Money, sum, ZERO } from "../../money/money.ts";
import { addMs, contains, type Instant, MINUTE_MS, toInstant, toIso } from "../../time/instant.ts";
import { addDays, dayOf, firstOfMonth, UTC, weekdayOf, type ZoneId } from "../../time/zone.ts";
import { REQUEST_CAUSES, type RequestCause } from "../../usage/usage-fact.ts";

/** One charge of the ledger in memory; a dimension that is not told is the empty text. */
export type FakeCharge = {
  readonly at: Instant;
  readonly keys: Readonly<Partial<Record<ChargeDimension, string>>>;
  readonly tokens?: bigint;
  readonly cost: Money;
  readonly upper?: Money;
  /** The part of `cost` that may be less. */
  readonly atMost?: Money;
  readonly isUnpriced?: boolean;
};

export type FakeRequest = {
  readonly at: Instant;
  readonly keys: Readonly<Partial<Record<RequestDimension, string>>>;
  readonly cause: RequestCause;
  readonly requests?: bigint;
  readonly latencyMs?: number;
};

export type FakeMetric = {
  readonly at: Instant;
  readonly account: string;
  readonly deployment: string;
  readonly series: MetricSeriesName;
  readonly label?: string;
  readonly value: number;
};

export type FakeContent = {
  readonly now: Instant;
  readonly charges: readonly FakeCharge[];
  readonly requests?: readonly FakeRequest[];
  readonly metrics?: readonly FakeMetric[];
  readonly deployments?: readonly SeenDeployment[];
  readonly clocks?: readonly SourceClock[];
  readonly coverage?: readonly DeploymentCoverage[];
  readonly changes?: readonly LedgerChange[];
  readonly faults?: Partial<DataFaults>;
  /** Everything before is final, everything after still open; the whole past is final without it. */
  readonly finalTo?: Instant;
};

const NO_FAULTS: DataFaults = {
  rows: [],
  faults: [],
  holes: [],
  otherOperations: [],
  withoutDeployment: [],
  callers: { requests: 0n, known: 0n },
  spans: { rows: 0n, requests: 0n },
};

/** A ledger that adds up lists, for the tests of the loaders: the plainest meaning of the port. */
export function inMemoryLedger(content: FakeContent): LedgerReads {
  const { charges, requests = [], metrics = [] } = content;
  const reads: LedgerReads = {
    sumCharges: async (query) => sumCharges(charges, query),
    sumRequests: async (query) => {
      const rows = requests.filter((row) => contains(query.period, row.at) && keeps(query.filter, row.keys));
      return [
        ...Map.groupBy(rows, (row) =>
          JSON.stringify([bucketOf(row.at, query.grain, query.zone), query.groupBy.map((name) => keyOf(row, name))]),
        ),
      ]
        .map(([, group]): RequestSum => {
          const first = group[0];
          if (!first) throw new Error("A group has a row.");
          const count = (list: readonly FakeRequest[]) => list.reduce((a, row) => a + (row.requests ?? 1n), 0n);
          return {
            bucket: bucketOf(first.at, query.grain, query.zone),
            keys: Object.fromEntries(query.groupBy.map((name) => [name, keyOf(first, name)])),
            requests: count(group),
            attempts: 0n,
            byCause: causes((cause) => count(group.filter((row) => row.cause === cause))),
            possiblyFiltered: 0n,
            withTokens: count(group.filter((row) => row.cause === "ok")),
            latency: query.hasLatency ? latencyOf(group) : null,
            streamingLatency: null,
          };
        })
        .toSorted((a, b) => (a.bucket ?? "").localeCompare(b.bucket ?? ""));
    },
    sumMetrics: async (query) => {
      const rows = metrics.filter(
        (row) =>
          contains(query.period, row.at) &&
          query.series.includes(row.series) &&
          (query.filter.deployment?.includes(`${row.account}/${row.deployment}`) ?? true),
      );
      const keyed = (row: FakeMetric) => ({
        ...(query.groupBy.includes("account") ? { account: row.account } : {}),
        ...(query.groupBy.includes("deployment") ? { deployment: `${row.account}/${row.deployment}` } : {}),
        ...(query.groupBy.includes("label") ? { label: row.label ?? "" } : {}),
      });
      return [
        ...Map.groupBy(rows, (row) =>
          JSON.stringify([row.series, bucketOf(row.at, query.grain, query.zone), keyed(row)]),
        ),
      ].flatMap(([, group]): MetricSum[] => {
        const first = group[0];
        const values = group.map((row) => row.value);
        const total = values.reduce((a, b) => a + b, 0);
        return first
          ? [
              {
                bucket: bucketOf(first.at, query.grain, query.zone),
                keys: keyed(first),
                series: first.series,
                total,
                average: total / values.length,
                maximum: Math.max(...values),
                minutes: values.length,
              },
            ]
          : [];
      });
    },
    coverage: async () => [...(content.coverage ?? [])],
    dataFaults: async () => ({ ...NO_FAULTS, ...content.faults }),
    listValues: async ({ sees, period, dimension }) =>
      sumCharges(charges, { sees, period, zone: UTC, grain: "total", groupBy: [dimension], filter: {} }).map((row) => ({
        value: row.keys[dimension] ?? "",
        contractedCost: row.contractedCost,
        tokens: row.outputTokens,
      })),
    listDeployments: async () => [...(content.deployments ?? [])],
    sourceClocks: async () => [...(content.clocks ?? [])],
    bucketStates: async (within) => {
      const finalTo = content.finalTo ?? content.now;
      return [
        { start: within.start, end: toInstant(Math.min(within.end, finalTo)), state: "final" as const },
        { start: toInstant(Math.max(within.start, finalTo)), end: within.end, state: "open" as const },
      ].filter((stretch) => stretch.start < stretch.end);
    },
    changes: async () => [...(content.changes ?? [])],
    reach: async () => [],
    readBack: async () => ({ state: "complete", from: null, readDownTo: null, daysDone: 90, daysTotal: 90, etaMs: 0 }),
    receipt: async (query) => ({
      query,
      lines: sumCharges(charges, { ...query, grain: "total", groupBy: ["model", "tokenKind"] }).map((row) => ({
        line: null,
        unit: "token" as const,
        tokenKind: row.keys.tokenKind ?? "",
        model: row.keys.model ?? "",
        version: "",
        scope: "",
        region: "",
        quantity: row.outputTokens,
        pricing: "included" as const,
        note: "",
        charges: row.charges,
        listCost: row.listCost,
        contractedCost: row.contractedCost,
        contractedCostLower: row.contractedCost,
        contractedCostUpper: row.contractedCostUpper,
      })),
      rowsCounted: BigInt(charges.length),
      byOrigin: [],
      duplicatesDropped: 0n,
      bySource: [],
      byRule: [],
      questions: [],
      dataTo: content.now,
      isComplete: true,
      hash: "0".repeat(64),
    }),
    monthProgress: async () => {
      throw new Error("No loader asks for the month's progress of the ledger in memory.");
    },
    identities: async () => [],
    closedPeriods: async () => [],
    afterClose: async () => [],
    heldMonths: async () => [],
    months: async () => [],
    stats: async () => ({
      charges: BigInt(charges.length),
      dailyRows: 0n,
      requests: BigInt(requests.length),
      minutes: 0n,
      bytes: 0n,
      zones: [UTC],
      firstQuarterHour: null,
      lastQuarterHour: null,
      firstReadQuarterHour: null,
    }),
  };
  return reads;
}

function sumCharges(charges: readonly FakeCharge[], query: ChargeQuery): ChargeSum[] {
  const { rates } = query;
  const rows = (rates ? charges.flatMap((row) => statedCharge(row, rates)) : charges).filter(
    (row) => contains(query.period, row.at) && keeps(query.filter, row.keys),
  );
  return [
    ...Map.groupBy(rows, (row) =>
      JSON.stringify([bucketOf(row.at, query.grain, query.zone), query.groupBy.map((name) => row.keys[name] ?? "")]),
    ),
  ]
    .map(([, group]): ChargeSum => {
      const first = group[0];
      const tokens = (list: readonly FakeCharge[]) => list.reduce((a, row) => a + (row.tokens ?? 0n), 0n);
      const kind = (name: string) => tokens(group.filter((row) => (row.keys.tokenKind ?? "output") === name));
      return {
        bucket: first ? bucketOf(first.at, query.grain, query.zone) : null,
        keys: Object.fromEntries(query.groupBy.map((name) => [name, first?.keys[name] ?? ""])),
        inputTokens: kind("input"),
        cachedInputTokens: kind("cached_input"),
        cacheWriteTokens: kind("cache_write"),
        outputTokens: kind("output"),
        unpricedTokens: tokens(group.filter((row) => row.isUnpriced)),
        listCost: sum(group.map((row) => row.cost)),
        contractedCost: sum(group.map((row) => row.cost)),
        contractedCostUpper: sum(group.map((row) => row.upper ?? row.cost)),
        contractedCostAtMost: sum(group.map((row) => row.atMost ?? ZERO)),
        charges: BigInt(group.length),
        capacityUnitMinutes: 0n,
      };
    })
    .toSorted(
      (a, b) => (a.bucket ?? "").localeCompare(b.bucket ?? "") || (a.contractedCost < b.contractedCost ? 1 : -1),
    );
}

/** A charge in the other currency; nothing of one before the first rate. */
function statedCharge(row: FakeCharge, pair: RatePair): FakeCharge[] {
  return rateStretches({ start: row.at, end: addMs(row.at, 1) }, pair).map(({ rate }) => ({
    ...row,
    cost: convert(row.cost, rate),
    upper: convert(row.upper ?? row.cost, rate),
    ...(row.atMost === undefined ? {} : { atMost: convert(row.atMost, rate) }),
  }));
}

function keeps(filter: ChargeFilter, keys: Readonly<Record<string, string | undefined>>): boolean {
  return CHARGE_DIMENSIONS.every((name) => {
    const rule = filter[name];
    const value = keys[name] ?? "";
    return (rule?.include?.includes(value) ?? true) && !(rule?.exclude?.includes(value) ?? false);
  });
}

function keyOf(row: FakeRequest, name: RequestDimension): string {
  return name === "cause" ? row.cause : (row.keys[name] ?? "");
}

function causes(count: (cause: RequestCause) => bigint): RequestSum["byCause"] {
  const counts = Object.fromEntries(REQUEST_CAUSES.map((cause) => [cause, count(cause)]));
  // Every cause was given a count just above.
  return counts as RequestSum["byCause"];
}

function latencyOf(rows: readonly FakeRequest[]): LatencySummary {
  const values = rows.flatMap((row) => (row.latencyMs === undefined ? [] : [row.latencyMs])).toSorted((a, b) => a - b);
  const rank = (percent: number) => values[Math.max(0, Math.ceil((percent / 100) * values.length) - 1)] ?? null;
  return {
    measured: BigInt(values.length),
    unmeasured: BigInt(rows.length - values.length),
    p50: rank(50),
    p95: rank(95),
    p99: rank(99),
  };
}

function bucketOf(at: Instant, grain: Grain | RequestGrain, zone: ZoneId): string | null {
  const floor = (ms: number) => toIso(toInstant(Math.floor(at / ms) * ms));
  const day = dayOf(at, zone);
  switch (grain) {
    case "total":
      return null;
    case "minute":
      return floor(MINUTE_MS);
    case "quarterHour":
      return floor(15 * MINUTE_MS);
    case "hour":
      return floor(60 * MINUTE_MS);
    case "day":
      return day;
    case "week":
      return addDays(day, 1 - weekdayOf(day));
    case "month":
      return firstOfMonth(day);
  }
}
