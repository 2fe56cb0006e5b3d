import type { Principal } from "../auth/principal.ts";
import { formatCountShort, formatShare } from "../format/format-count.ts";
import { formatMoneyColumn } from "../format/format-money.ts";
import { formatLatency } from "../format/format-time.ts";
import type { ChargeSum } from "../ledger/charge-query.ts";
import type { DeploymentCoverage, LatencySummary, MetricSum, SeenDeployment } from "../ledger/ledger.ts";
import { sum } from "../money/money.ts";
import { daysIn } from "../time/zone.ts";
import { toReceiptParam } from "../url/figure-ref.ts";
import { deploymentPath } from "../url/page-path.ts";
import { type ReportParams, toggleFilter, toHref } from "../url/report-params.ts";
import { loadCategorySlots } from "./category-slots.ts";
import { costCells } from "./cost-cells.ts";
import { loadPageContext, type PageContext, type ReportSources, sourcesOr } from "./page-context.ts";
import { requestFilter } from "./request-filter.ts";
import type { Cell, Row } from "./table-model.ts";

export type DeploymentsReport = {
  readonly context: PageContext;
  readonly rows: readonly Row[];
  readonly foot: Readonly<Record<string, Cell>>;
  /** Where a figure of some deployments is missing, in words; null when nothing is. */
  readonly note: string | null;
};

const NONE: Cell = { text: "–" };
const UNKNOWN: Cell = { text: "unknown" };

/** Every deployment seen in the period with what it did, what it cost, how it felt and how well it is known. */
export async function loadDeployments(
  principal: Principal,
  params: ReportParams,
  given?: ReportSources,
): Promise<DeploymentsReport> {
  const sources = await sourcesOr(given);
  const context = await loadPageContext(principal, params, sources);
  const { ledger } = sources;
  const { zone, currency, shown } = context;
  const { sees } = principal;
  const period = shown.period;
  const [charges, requests, metrics, coverage, seen, slotOf] = await Promise.all([
    ledger.sumCharges({ sees, period, zone, grain: "day", groupBy: ["deployment"], filter: params.filter }),
    ledger.sumRequests({
      sees,
      period,
      zone,
      grain: "total",
      groupBy: ["deployment"],
      filter: requestFilter(params),
      hasLatency: true,
    }),
    ledger.sumMetrics({
      sees,
      period,
      zone,
      grain: "total",
      series: ["requests", "throttled", "rejectedByFilter"],
      groupBy: ["deployment"],
      filter: {},
    }),
    ledger.coverage({ sees, period }),
    ledger.listDeployments({ sees, period }),
    loadCategorySlots(ledger, "deployment", context.now),
  ]);
  const costBy = Map.groupBy(charges, (row) => row.keys.deployment ?? "");
  const requestsBy = new Map(requests.map((row) => [row.keys.deployment ?? "", row]));
  const metricsBy = Map.groupBy(metrics, (row) => row.keys.deployment ?? "");
  const coverageBy = new Map(coverage.map((row) => [keyOf(row), row]));
  const seenBy = new Map(seen.map((row) => [row.key, row]));
  const keys = [...new Set([...costBy.keys(), ...requestsBy.keys()])].toSorted();
  const costs = keys.map((key) => sum((costBy.get(key) ?? []).map((row) => row.contractedCost)));
  const total = sum(costs);
  const texts = formatMoneyColumn(costs, { currency });
  const days = daysIn(period, zone);
  const rows = keys.map((key, index): Row => {
    const own = costBy.get(key) ?? [];
    const cost = costs[index] ?? sum([]);
    const known = seenBy.get(key);
    const request = requestsBy.get(key);
    const metric = metricsBy.get(key) ?? [];
    const byDay = new Map(own.map((row) => [row.bucket, Number(row.contractedCost) / 1e12]));
    const tokens = own.reduce((a, row) => a + tokensOf(row), 0n);
    const costed = costCells({
      own,
      cost,
      total,
      text: texts.rows[index] ?? "",
      receipt: toReceiptParam({ title: key, period, zone, filter: toggleFilter(params.filter, "deployment", key) }),
    });
    return {
      id: key,
      cells: {
        name: {
          text: key === "" ? "(deployment not told)" : key,
          slot: slotOf(key),
          ...(key === "" ? {} : { href: toHref(deploymentPath(key), { ...params, by: undefined }) }),
        },
        model: {
          text: known?.model || "unknown",
          ...(known?.version ? { title: `${known.model} ${known.version}` } : {}),
        },
        version: { text: known?.version || "unknown" },
        sku: { text: known ? skuText(known) : "unknown" },
        region: { text: known?.region || "unknown" },
        cost: costed.cost,
        share: costed.share,
        days: { text: "", spark: days.map((day) => byDay.get(day) ?? 0), slot: slotOf(key) },
        tokens: countCell(tokens),
        requests: request ? countCell(request.requests) : NONE,
        ...latencyCells(request?.latency ?? null, request?.streamingLatency ?? null),
        throttled: metricShare(metric, "throttled"),
        filtered: metricShare(metric, "rejectedByFilter"),
        ...coverageCells(coverageBy.get(key)),
      },
    };
  });
  const allTokens = charges.reduce((a, row) => a + tokensOf(row), 0n);
  const allRequests = requests.reduce((a, row) => a + row.requests, 0n);
  return {
    context,
    rows,
    foot: {
      name: { text: `${keys.length} deployments` },
      cost: {
        text: texts.total,
        exact: total.toString(),
        receipt: toReceiptParam({ title: "All deployments", period, zone, filter: params.filter }),
      },
      share: { text: formatShare(total, total) },
      tokens: countCell(allTokens),
      requests: countCell(allRequests),
    },
    note:
      metrics.length === 0 && keys.length > 0
        ? "The platform metrics are not connected, so throttling and filters per deployment are unknown."
        : null,
  };
}

function keyOf({ account, deployment }: DeploymentCoverage): string {
  return `${account.split("/").at(-1)}/${deployment}`;
}

function skuText({ scope, mode, isProvisioned }: SeenDeployment): string {
  return `${scope === "unknown" ? "unknown scope" : scope} ${isProvisioned ? "provisioned" : mode}`;
}

/** Tokens of all kinds; the kinds are disjoint. */
export function tokensOf(row: ChargeSum): bigint {
  return row.inputTokens + row.cachedInputTokens + row.cacheWriteTokens + row.outputTokens;
}

function countCell(count: bigint): Cell {
  return {
    text: formatCountShort(count),
    exact: count.toString(),
    sort: Number(count),
    title: count.toLocaleString("en"),
  };
}

function latencyCells(
  latency: LatencySummary | null,
  streaming: LatencySummary | null,
): Record<"p50" | "p95" | "p99" | "p95Streaming", Cell> {
  const none: Cell =
    streaming && streaming.measured > 0n
      ? { ...NONE, title: "only streaming: its latency is a column of its own" }
      : NONE;
  const cell = (ms: number | null | undefined, otherwise: Cell): Cell =>
    ms === null || ms === undefined ? otherwise : { text: formatLatency(ms), sort: ms, exact: String(Math.round(ms)) };
  return {
    p50: cell(latency?.p50, none),
    p95: cell(latency?.p95, none),
    p99: cell(latency?.p99, none),
    p95Streaming: cell(streaming?.p95, NONE),
  };
}

function metricShare(metrics: readonly MetricSum[], series: "throttled" | "rejectedByFilter"): Cell {
  const requests = BigInt(Math.round(metrics.find((row) => row.series === "requests")?.total ?? 0));
  if (requests === 0n) return UNKNOWN;
  const count = BigInt(Math.round(metrics.find((row) => row.series === series)?.total ?? 0));
  const perMille = Number((count * 1_000n) / requests);
  return {
    text: formatShare(count, requests),
    sort: Number(count) / Number(requests),
    exact: count.toString(),
    title: `${count.toLocaleString("en")} of ${requests.toLocaleString("en")} requests that the platform counted`,
    ...(perMille >= 10 ? { state: "watch" as const } : {}),
  };
}

function coverageCells(
  coverage: DeploymentCoverage | undefined,
): Record<"withTokens" | "withPrice" | "withOwner", Cell> {
  const cell = (part: bigint, whole: bigint): Cell =>
    whole === 0n
      ? NONE
      : { text: formatShare(part, whole), sort: Number(part) / Number(whole), exact: part.toString() };
  if (!coverage) return { withTokens: NONE, withPrice: NONE, withOwner: NONE };
  return {
    withTokens: cell(coverage.requestsWithTokens, coverage.requests),
    withPrice: cell(coverage.pricedTokens, coverage.tokens),
    withOwner: cell(coverage.requestsWithOwner, coverage.requests),
  };
}
