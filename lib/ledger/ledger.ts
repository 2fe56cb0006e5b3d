import type { Charge } from "../attribution/charge.ts";
import type { Visibility } from "../auth/principal.ts";
import type { Money } from "../money/money.ts";
import type { PriceLine } from "../pricing/priced-usage.ts";
import type { KeyRepricing, StandingKey } from "../pricing/reprice.ts";
import type { BillingStartDay } from "../time/billing-period.ts";
import type { Instant, Period } from "../time/instant.ts";
import type { LocalDay, ZoneId } from "../time/zone.ts";
import type { AccountId, DeploymentName, Identity, IdentityId, RequestCause } from "../usage/usage-fact.ts";
import type { LedgerChange } from "./changes.ts";
import type { ChargeDimension, ChargeFilter, ChargeQuery, ChargeSum, Grain } from "./charge-query.ts";
import type { LatencyHistogram } from "./latency-histogram.ts";

/** Stored charges, requests and metric minutes with their sums. Every read takes what the asker may see. */
export type Ledger = LedgerReads &
  LedgerWrites & {
    readonly close: () => void;
  };

/** A stretch that repriced charges are summed in; `label` names it in the answer. */
export type RepricedStretch = { readonly label: string; readonly within: Period };

/** Contracted cost of one stretch and team before and after; `unpricedAfter` counts the charges that would have no price. */
export type RepricedSum = {
  readonly label: string;
  readonly team: string;
  readonly before: Money;
  readonly after: Money;
  readonly charges: number;
  readonly changed: number;
  readonly unpricedAfter: number;
};

export type LedgerReads = {
  /** Charges summed by grain and dimensions, ordered by bucket and then by contracted cost, dearest first. */
  readonly sumCharges: (query: ChargeQuery) => Promise<ChargeSum[]>;
  /** Requests summed by grain and dimensions with their merged latency. `minute` reaches back 35 days. */
  readonly sumRequests: (query: RequestQuery) => Promise<RequestSum[]>;
  /** Platform-metric series per deployment; the 429, filter and PTU figures of a deployment come from here. */
  readonly sumMetrics: (query: MetricQuery) => Promise<MetricSum[]>;
  /** Per deployment: the share of requests with tokens, with a price and with an owner, and the three counts side by side. */
  readonly coverage: (query: CoverageQuery) => Promise<DeploymentCoverage[]>;
  /** What is incomplete or odd in the data of a period, and where; nothing of it for an asker who sees single teams only. */
  readonly dataFaults: (query: DataFaultsQuery) => Promise<DataFaults>;
  /** The values that a picker offers for a dimension, dearest first. */
  readonly listValues: (query: ValuesQuery) => Promise<DimensionValue[]>;
  /** The deployments seen in a period with what is known of them (latest fact). */
  readonly listDeployments: (query: {
    readonly sees: Visibility;
    readonly period: Period;
  }) => Promise<SeenDeployment[]>;
  /** Per source and resource: newest row, lag and watermark; the data clock is the oldest `dataTo` of the connected ones. */
  readonly sourceClocks: () => Promise<SourceClock[]>;
  /** What the quarter hours of a period are worth: open (may still grow), settling, final or not read yet. */
  readonly bucketStates: (within: Period, now: Instant) => Promise<BucketStretch[]>;
  readonly readBack: () => Promise<ReadBackProgress>;
  readonly reach: () => Promise<SourceReach[]>;
  /** What lies behind a figure: price lines × quantities, rows, duplicates dropped, questions, data-to and a hash. */
  readonly receipt: (query: ChargeQuery) => Promise<Receipt>;
  /** Month to date beside the same days of the month before, with the cost of every day of both. */
  readonly monthProgress: (query: MonthQuery) => Promise<MonthProgress>;
  /** Prices and models that changed under the charges of a period, oldest first. */
  readonly changes: (query: Pick<ChargeQuery, "sees" | "period" | "filter">) => Promise<LedgerChange[]>;
  readonly identities: (ids: readonly IdentityId[]) => Promise<Identity[]>;
  /** The closed periods, oldest first. */
  readonly closedPeriods: () => Promise<Period[]>;
  /** The months that were archived from this ledger or taken in from the archive. */
  readonly heldMonths: () => Promise<HeldMonth[]>;
  /** The billing periods from this start day on that the ledger holds quarter hours of, oldest first. */
  readonly months: (startDay: BillingStartDay) => Promise<LedgerMonth[]>;
  /** What arrived for each closed period after it was closed; periods for which nothing came are left out. */
  readonly afterClose: () => Promise<AfterClose[]>;
  /** Facts of the ledger itself: rows per table, bytes on disk, zones with daily sums. */
  readonly stats: () => Promise<LedgerStats>;
};

/** What requests can be grouped and filtered by. `statusClass` is `2xx`, `4xx`, `5xx`; `throttled` stands in `cause`. */
export const REQUEST_DIMENSIONS = [
  "team",
  "application",
  "account",
  "deployment",
  "model",
  "operation",
  "apiVersion",
  "streamType",
  "spillover",
  "status",
  "cause",
] as const;
export type RequestDimension = (typeof REQUEST_DIMENSIONS)[number];

/** Kept and dropped values per dimension; a deployment is written `account/deployment` with the account's short name. */
export type RequestFilter = {
  readonly [D in RequestDimension]?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] };
};

export type RequestGrain = Grain | "minute" | "quarterHour";

/**
 * A question about requests. `minute` reads the last 35 days only, and there team, application, apiVersion, model and
 * spillover cannot be mixed with latency: percentiles by minute are per account, deployment, operation, stream type,
 * status and cause. `hasLatency: false` leaves the histograms unread.
 */
export type RequestQuery = {
  readonly sees: Visibility;
  readonly period: Period;
  readonly zone: ZoneId;
  readonly grain: RequestGrain;
  readonly groupBy: readonly RequestDimension[];
  readonly filter: RequestFilter;
  readonly hasLatency: boolean;
};

/** One row of an answer; only inference operations, attempts apart. `bucket` as in `ChargeSum` (UTC ISO below a day). */
export type RequestSum = {
  readonly bucket: string | null;
  readonly keys: Readonly<Partial<Record<RequestDimension, string>>>;
  readonly requests: bigint;
  readonly attempts: bigint;
  /** Requests per cause; every cause is present. `client_error` of 400 may be a filter: see `possiblyFiltered`. */
  readonly byCause: Readonly<Record<RequestCause, bigint>>;
  readonly possiblyFiltered: bigint;
  readonly withTokens: bigint;
  /** Latency of non-streaming requests that have one; streaming apart. Null when the query did not ask. */
  readonly latency: LatencySummary | null;
  readonly streamingLatency: LatencySummary | null;
};

/** Milliseconds, each within 2.1 % of the exact nearest rank; null without any measured request. */
export type LatencySummary = {
  readonly measured: bigint;
  readonly unmeasured: bigint;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
};

/** Per-minute series of the platform metrics that logs cannot give per deployment. */
export const METRIC_SERIES = [
  "requests",
  "throttled",
  "serverErrors",
  "clientErrors",
  "spilledOver",
  "promptTokens",
  "generatedTokens",
  "rejectedByFilter",
  "harmful",
  "ptuUtilization",
  "latencyMs",
] as const;
export type MetricSeriesName = (typeof METRIC_SERIES)[number];

export type MetricQuery = {
  readonly sees: Visibility;
  readonly period: Period;
  readonly zone: ZoneId;
  readonly grain: RequestGrain;
  readonly series: readonly MetricSeriesName[];
  readonly groupBy: readonly ("account" | "deployment" | "label")[];
  readonly filter: { readonly deployment?: readonly string[] };
};

/**
 * One row of an answer. `total` is the sum of counts; `average`, `maximum` are of the minutes that have a value
 * (PTU use in per cent, latency in ms); null where no minute has one. `label` is the filter category or status.
 */
export type MetricSum = {
  readonly bucket: string | null;
  readonly keys: { readonly account?: string; readonly deployment?: string; readonly label?: string };
  readonly series: MetricSeriesName;
  readonly total: number | null;
  readonly average: number | null;
  readonly maximum: number | null;
  readonly minutes: number;
};

export type CoverageQuery = { readonly sees: Visibility; readonly period: Period };

export type DeploymentCoverage = {
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly requests: bigint;
  readonly requestsWithTokens: bigint;
  readonly requestsWithOwner: bigint;
  readonly tokens: bigint;
  readonly pricedTokens: bigint;
  readonly ownedTokens: bigint;
  readonly metricOnlyTokens: bigint;
  readonly estimatedTokens: bigint;
  /** The same requests as each source counts them in the quarter hours of the raw tables; null where it has none of them. */
  readonly requestsByLog: bigint | null;
  readonly requestsByMetric: bigint | null;
  readonly requestsByGateway: bigint | null;
};

export type DataFaultsQuery = { readonly sees: Visibility; readonly period: Period; readonly now: Instant };

/** Where the data of a period is incomplete or odd, as counted; words and remedies are made of it elsewhere. */
export type DataFaults = {
  /** Rows read per account and source, those dropped as duplicates, and the requests they tell. */
  readonly rows: readonly {
    readonly account: AccountId;
    readonly source: Source;
    readonly rows: bigint;
    readonly duplicates: bigint;
    readonly requests: bigint;
  }[];
  readonly faults: readonly {
    readonly account: AccountId;
    readonly deployment: DeploymentName;
    readonly fault: RowFaultName;
    readonly count: bigint;
    readonly first: Instant;
    readonly last: Instant;
  }[];
  /** Stretches of at least three metered quarter hours in which an account's metrics count tokens and no log row exists. */
  readonly holes: readonly (Period & { readonly account: AccountId; readonly tokens: bigint })[];
  /** Operations that are no inference, and those that nobody knows, by account. */
  readonly otherOperations: readonly {
    readonly account: AccountId;
    readonly operation: string;
    readonly requests: bigint;
  }[];
  /** Inference requests whose deployment no row tells, by cause. */
  readonly withoutDeployment: readonly { readonly cause: RequestCause; readonly requests: bigint }[];
  /** Inference requests of the accounts' own logs, and those of them whose caller is known. */
  readonly callers: { readonly requests: bigint; readonly known: bigint };
  /** Spans read, and the calls that they stand for. */
  readonly spans: { readonly rows: bigint; readonly requests: bigint };
};

export type ValuesQuery = { readonly sees: Visibility; readonly period: Period; readonly dimension: ChargeDimension };
export type DimensionValue = { readonly value: string; readonly contractedCost: Money; readonly tokens: bigint };

export type SeenDeployment = {
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  /** `account/deployment` with the account's short name: the value of the deployment dimension. */
  readonly key: string;
  readonly model: string;
  readonly version: string;
  readonly scope: string;
  readonly mode: string;
  readonly region: string;
  readonly isProvisioned: boolean;
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
};

/** The telemetry that figures come from. */
export const SOURCES = ["usage_log", "request_response", "gateway", "gateway_log", "span", "metric"] as const;
export type Source = (typeof SOURCES)[number];

/** Where a source stands for one resource. `not_connected`: the table has no row of it; never the same as zero. */
export type SourceClock = {
  readonly source: Source;
  readonly workspace: string;
  readonly resource: string;
  readonly state: "connected" | "not_connected" | "failed";
  readonly lastRow: Instant | null;
  readonly watermark: Instant | null;
  readonly dataTo: Instant | null;
  readonly lagP50Ms: number | null;
  readonly lagP95Ms: number | null;
  /** The latest that a row of the probed day came; null where nothing was measured. */
  readonly lagMaxMs: number | null;
  readonly failure: string | null;
  readonly checkedAt: Instant;
};

export type BucketState = "open" | "settling" | "final" | "unread";
export type BucketStretch = Period & { readonly state: BucketState };

/** Since when (and until when) the quarter hours of the ledger rest on rows of a source, by where they were read. */
export type SourceReach = {
  readonly source: Source;
  readonly origin: BucketOrigin;
  readonly from: Instant;
  readonly to: Instant;
};

/** How far the first read-back is; `etaMs` is null until a day has been read. */
export type ReadBackProgress = {
  readonly state: "none" | "running" | "complete";
  readonly from: Instant | null;
  readonly readDownTo: Instant | null;
  readonly daysDone: number;
  readonly daysTotal: number;
  readonly etaMs: number | null;
};

export type ReceiptLine = {
  readonly line: PriceLine | null;
  /** `usage` tokens of one kind, or PTU-minutes of capacity. */
  readonly unit: "token" | "ptu-minute";
  readonly tokenKind: string;
  readonly model: string;
  readonly version: string;
  readonly scope: string;
  readonly region: string;
  readonly quantity: bigint;
  readonly pricing: "priced" | "range" | "unpriced" | "included";
  /** The unknown part of a range, or the reason why a line is unpriced. */
  readonly note: string;
  readonly charges: bigint;
  readonly listCost: Money;
  readonly contractedCost: Money;
  /** What the line would cost at the cheap end of its range; `contractedCost` where nothing could make it less. */
  readonly contractedCostLower: Money;
  readonly contractedCostUpper: Money;
};

export type Receipt = {
  readonly query: ChargeQuery;
  readonly lines: readonly ReceiptLine[];
  /** Rows of the source tables that the figure rests on, and rows dropped as duplicates, in the quarter hours of the period. */
  readonly rowsCounted: bigint;
  readonly duplicatesDropped: bigint;
  /** The quarter hours of the period by where they were read; unread ones are not among them. */
  readonly byOrigin: readonly {
    readonly origin: BucketOrigin;
    readonly quarterHours: number;
    readonly from: Instant;
    readonly to: Instant;
  }[];
  readonly bySource: readonly { readonly source: string; readonly confidence: string; readonly tokens: bigint }[];
  readonly byRule: readonly { readonly rule: string; readonly tokens: bigint }[];
  /** The questions with the period filled in: KQL that anyone can run again. */
  readonly questions: readonly { readonly name: string; readonly kql: string }[];
  readonly dataTo: Instant | null;
  readonly isComplete: boolean;
  /** SHA-256 over the canonical text of the lines: the same figure has the same hash. */
  readonly hash: string;
};

export type MonthQuery = {
  readonly sees: Visibility;
  readonly zone: ZoneId;
  readonly now: Instant;
  readonly filter: ChargeFilter;
};

export type MonthProgress = {
  readonly month: LocalDay;
  readonly daysElapsed: number;
  readonly daysInMonth: number;
  readonly toDate: CostFigure;
  /** The same stretch of the month before: its first `daysElapsed` days, the last cut at the same time of day. */
  readonly sameDaysLastMonth: CostFigure;
  readonly lastMonth: CostFigure;
  /** Every day of this month so far; today is part of a day. */
  readonly days: readonly { readonly day: LocalDay; readonly cost: CostFigure }[];
  readonly daysLastMonth: readonly { readonly day: LocalDay; readonly cost: CostFigure }[];
};

export type CostFigure = {
  readonly listCost: Money;
  readonly contractedCost: Money;
  readonly contractedCostUpper: Money;
  readonly unpricedTokens: bigint;
};

export type LedgerStats = {
  readonly charges: bigint;
  readonly dailyRows: bigint;
  readonly requests: bigint;
  readonly minutes: bigint;
  readonly bytes: bigint;
  readonly zones: readonly ZoneId[];
  readonly firstQuarterHour: Instant | null;
  /** The oldest quarter hour that was read from the workspace; older ones came from the archive. */
  readonly firstReadQuarterHour: Instant | null;
  readonly lastQuarterHour: Instant | null;
};

/**
 * What the workspace tells of a closed period beyond what the ledger holds of it: usage that came late. `contractedCost` is by
 * the prices that stand in the period.
 */
export type AfterClose = {
  readonly period: Period;
  readonly quarterHours: number;
  readonly requests: bigint;
  readonly tokens: bigint;
  readonly contractedCost: Money;
  /** When it was last found to be more. */
  readonly seenAt: Instant;
};

/** A billing period named 2026-10 by the month that it starts in: the quarter hours that the ledger holds of it and the price books that priced them. */
export type LedgerMonth = {
  readonly month: string;
  readonly period: Period;
  readonly quarterHours: number;
  readonly bookVersions: readonly string[];
};

/** What a month's file holds. `bookVersions` are the price books that its quarter hours were priced by. */
export type MonthContents = {
  readonly rows: number;
  readonly quarterHours: number;
  readonly bookVersions: readonly string[];
  readonly contractedCost: Money;
  readonly contractedCostUpper: Money;
};

/** Which archived month the ledger holds, by the hash of its file, or why it could not be taken in (else empty). */
export type HeldMonth = { readonly month: string; readonly hash: string; readonly failure: string };

/** The owner of requests; requests carry no price. */
export type OwnedRequests = {
  readonly quarterHour: Instant;
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly model: string;
  readonly operation: string;
  readonly apiVersion: string;
  readonly streamType: string;
  readonly isSpillover: boolean;
  readonly status: string;
  readonly cause: RequestCause;
  readonly team: string;
  readonly application: string;
  readonly identityId: IdentityId;
  readonly isInference: boolean;
  readonly requests: bigint;
  readonly attempts: bigint;
  readonly withTokens: bigint;
  /** In any order, a bucket perhaps more than once: the ledger adds them. */
  readonly latency: LatencyHistogram;
};

/** Requests by minute of one key: parallel lists of minutes since 1970, latency buckets (-1: no latency) and counts, in any order. */
export type MinuteRequests = {
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly operation: string;
  readonly streamType: string;
  readonly status: string;
  readonly cause: RequestCause;
  readonly isInference: boolean;
  readonly minutes: readonly number[];
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
};

/** Inference requests by minute of one team: parallel lists of minutes since 1970 and counts, in any order. */
export type MinuteTeamRequests = {
  readonly team: string;
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly status: string;
  readonly cause: RequestCause;
  readonly minutes: readonly number[];
  readonly counts: readonly number[];
};

export type MetricMinute = {
  readonly minute: Instant;
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly series: MetricSeriesName;
  readonly label: string;
  readonly value: number;
};

/** Rows behind one quarter hour, for receipts: how many were read, how many were duplicates, and the requests that they tell. */
export type RowCount = {
  readonly quarterHour: Instant;
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly source: Source;
  readonly rows: bigint;
  readonly duplicates: bigint;
  readonly requests: bigint;
};

/**
 * What is odd about rows that were read. `odd_array`: token counts in an array whose length is not one, summed ·
 * `added_row`: usage rows of one call that differ, added up · `without_usage`: answered calls that have no usage row ·
 * `without_tokens`: answered calls of which no row tells a token · `sampled_span`: spans that stand for several calls.
 */
export const ROW_FAULTS = ["odd_array", "added_row", "without_usage", "without_tokens", "sampled_span"] as const;
export type RowFaultName = (typeof ROW_FAULTS)[number];

/** How many rows of one deployment and quarter hour show a fault. */
export type RowFault = {
  readonly quarterHour: Instant;
  readonly account: AccountId;
  readonly deployment: DeploymentName;
  readonly fault: RowFaultName;
  readonly count: bigint;
};

/** Where the content of a quarter hour was read: the raw tables, or the rows of the summary rule (no latency, no metrics). */
export type BucketOrigin = "logs" | "summary";

/** The whole content of some quarter hours. What is not in it is gone after the replacement. */
export type BucketBatch = {
  readonly quarterHours: readonly Instant[];
  readonly charges: readonly Charge[];
  readonly requests: readonly OwnedRequests[];
  readonly minutes: readonly MinuteRequests[];
  readonly teamMinutes: readonly MinuteTeamRequests[];
  readonly rowCounts: readonly RowCount[];
  readonly rowFaults: readonly RowFault[];
  readonly identities: readonly Identity[];
  /** Left out, the raw tables. */
  readonly origin?: BucketOrigin;
  /** The price book that the charges were priced by; quarter hours that are stored already keep theirs. */
  readonly bookVersion?: string;
  /** A workspace did not answer: accounts of which the ledger holds more rows keep what it holds. */
  readonly isLacking?: boolean;
  readonly readAt: Instant;
};

export type LedgerWrites = {
  /**
   * Replaces whole quarter hours and their daily sums in one transaction; buckets with the same content are left alone. Charges
   * of quarter hours that are stored already keep their prices: only `repriceCharges` changes those. What comes for a closed
   * period is noted in `afterClose` and changes nothing else.
   */
  readonly replaceBuckets: (batch: BucketBatch) => Promise<{ readonly changed: number; readonly unchanged: number }>;
  /** Every charge key of a period once, with the terms that its charges stand by. */
  readonly standingKeys: (within: Period) => Promise<StandingKey[]>;
  /** What charges cost by team as they stand and would by other terms; nothing is written. Stretches do not overlap. */
  readonly repricedSums: (
    changes: readonly KeyRepricing[],
    stretches: readonly RepricedStretch[],
  ) => Promise<RepricedSum[]>;
  /**
   * Gives the charges of a period other terms, with their daily sums, in one transaction; how many were priced again.
   * Charges of closed periods stay as they are.
   */
  readonly repriceCharges: (changes: readonly KeyRepricing[], within: Period, bookVersion: string) => Promise<number>;
  /** Closes exactly these periods: no later write changes what the ledger holds of them. */
  readonly setClosed: (periods: readonly Period[]) => Promise<void>;
  /** Writes what the ledger holds of a month to a Parquet file in a folder of its own; the same content gives the same bytes. */
  readonly writeMonthFile: (within: Period, path: string) => Promise<MonthContents>;
  /**
   * Takes a month in from such a file, whole or not at all: in place of what is held of it (`replace`), or only the quarter hours
   * that are not held (`fill`). Throws a MonthFileError.
   */
  readonly readMonthFile: (within: Period, path: string, how?: "replace" | "fill") => Promise<MonthContents>;
  /** Notes that the ledger holds what an archived month holds, or why it does not. */
  readonly saveHeldMonth: (held: HeldMonth) => Promise<void>;
  /** Replaces the metric minutes of accounts in a period in one transaction. */
  readonly replaceMetricMinutes: (
    within: Period,
    accounts: readonly AccountId[],
    minutes: readonly MetricMinute[],
  ) => Promise<void>;
  /** Forgets a clock that stood for no resource: nothing could be asked yet. */
  readonly dropSourceClock: (clock: Pick<SourceClock, "source" | "workspace" | "resource">) => Promise<void>;
  readonly saveSourceClocks: (clocks: readonly SourceClock[]) => Promise<void>;
  readonly watermark: (workspace: string) => Promise<Instant | null>;
  readonly saveWatermark: (workspace: string, at: Instant) => Promise<void>;
  readonly saveReadBack: (progress: ReadBackProgress) => Promise<void>;
  /** Keyed hashes of the gateways' own identities that have been seen so far. */
  readonly gatewayCallers: () => Promise<ReadonlySet<string>>;
  /** Quarter hours from an instant on that hold charges or requests of callers with these hashes, ascending. */
  readonly quarterHoursOfCallers: (from: Instant, callerHashes: ReadonlySet<string>) => Promise<readonly Instant[]>;
  /** Lower-case ARM ids of every account that was ever stored, ascending. */
  readonly knownAccounts: () => Promise<readonly AccountId[]>;
  /** Quarter hours from an instant on whose gateway or spans named an account that was unknown then and is known now, ascending. */
  readonly quarterHoursOfUnknownHosts: (from: Instant) => Promise<readonly Instant[]>;
  readonly addGatewayCallers: (hashes: Iterable<string>) => Promise<void>;
  /** Drops minute rows older than 35 days before `now`. */
  readonly prune: (now: Instant) => Promise<void>;
};
