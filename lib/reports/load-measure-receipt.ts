import type { Principal } from "../auth/principal.ts";
import { formatCount } from "../format/format-count.ts";
import { contentHash } from "../ledger/charge-rows.ts";
import type { LatencySummary, MetricSum, ReceiptLine, RequestSum } from "../ledger/ledger.ts";
import { requestsByQuarterHour } from "../queries/requests-by-quarter-hour.ts";
import { dimensionValueName } from "../url/dimension-name.ts";
import type { DerivedMeasure, LedgerFigureRef, Measure } from "../url/figure-ref.ts";
import { REQUEST_CAUSES } from "../usage/usage-fact.ts";
import { countOf, latencyOf } from "./amount.ts";
import { derivedFigure } from "./derived-figures.ts";
import type { StatedSources } from "./page-context.ts";
import { dataToText, kqlQuestion, metricQuestion, originTexts, receiptHead } from "./receipt-parts.ts";
import type { MeasureReceiptView, ReceiptQuestion } from "./receipt-view.ts";
import { requestFilter } from "./request-filter.ts";

type Counted = Pick<MeasureReceiptView, "value" | "how" | "partsTitle" | "parts"> & {
  readonly facts?: MeasureReceiptView["facts"];
  readonly questions?: readonly ReceiptQuestion[];
};

/** What lies behind a figure of the ledger that is no sum of charges. The parts of a count or a forecast add up to it. */
export async function loadMeasureReceipt(
  principal: Principal,
  figure: LedgerFigureRef,
  measure: Exclude<Measure, "cost"> | DerivedMeasure,
  sources: StatedSources,
): Promise<MeasureReceiptView> {
  const { ledger } = sources;
  const { period, zone, filter } = figure;
  const { sees } = principal;
  const behind = await ledger.receipt({ sees, period, zone, grain: "total", groupBy: [], filter });
  const counted = await count();
  return {
    kind: "measure",
    ...receiptHead(figure),
    value: counted.value,
    how: counted.how,
    partsTitle: counted.partsTitle,
    parts: counted.parts,
    facts: [
      { name: "rows", value: formatCount(behind.rowsCounted) },
      { name: "duplicates dropped", value: formatCount(behind.duplicatesDropped) },
      ...originTexts(behind.byOrigin, figure.zone).map((value) => ({ name: "read from", value })),
      ...(counted.facts ?? []),
    ],
    questions: counted.questions ?? behind.questions.map(({ name, kql }) => kqlQuestion(name, kql)),
    dataTo: dataToText(behind.dataTo, zone),
    isComplete: behind.isComplete,
    hash: contentHash([
      `${measure} ${counted.value.exact}`,
      ...counted.parts.map((part) => `${part.what} ${part.exact}`),
    ]),
  };

  async function count(): Promise<Counted> {
    switch (measure) {
      case "tokens":
        return tokens(behind.lines);
      case "unpriced":
        return unpriced(behind.lines);
      case "requests":
      case "latency": {
        const [sum] = await ledger.sumRequests({
          sees,
          period,
          zone,
          grain: "total",
          groupBy: [],
          filter: requestFilter(figure),
          hasLatency: measure === "latency",
        });
        const sources = { gateway: true, gatewayLlm: true, spans: true };
        const question = kqlQuestion(
          requestsByQuarterHour.name,
          requestsByQuarterHour.text({ window: period, sources }),
        );
        return { ...(measure === "requests" ? requests(sum) : latency(sum)), questions: [question] };
      }
      case "throttled":
      case "filtered": {
        const series = measure === "throttled" ? "throttled" : "rejectedByFilter";
        const rows = await ledger.sumMetrics({
          sees,
          period,
          zone,
          grain: "total",
          series: ["requests", series],
          groupBy: ["deployment", "label"],
          filter: { deployment: filter.deployment?.include },
        });
        return fromMetrics(measure, rows, series);
      }
      default:
        return derivedFigure(principal, figure, measure, sources);
    }
  }
}

function tokens(lines: readonly ReceiptLine[]): Counted {
  const own = lines.filter(({ unit }) => unit === "token");
  return {
    value: countOf(own.reduce((a, { quantity }) => a + quantity, 0n)),
    how: "Tokens of every call, each counted once, by the source that tells most of it. Input does not contain the cached tokens.",
    partsTitle: "By model and kind",
    parts: byName(own),
    facts: [],
  };
}

function unpriced(lines: readonly ReceiptLine[]): Counted {
  const own = lines.filter(({ unit, pricing }) => unit === "token" && pricing === "unpriced");
  return {
    value: countOf(own.reduce((a, { quantity }) => a + quantity, 0n)),
    how: "Tokens of models for which no layer of the price book has a price. They are in no sum of money.",
    partsTitle: "By model, kind and reason",
    parts: byName(own),
  };
}

function byName(lines: readonly ReceiptLine[]): Counted["parts"] {
  const groups = Map.groupBy(
    lines,
    ({ model, version, tokenKind, pricing, note }) =>
      `${model}${version ? ` ${version}` : ""} · ${tokenKind.replace("_", " ")}${pricing === "unpriced" ? ` · ${note || "no price"}` : ""}`,
  );
  return [...groups].map(([what, group]) => ({
    what,
    ...countOf(group.reduce((a, { quantity }) => a + quantity, 0n)),
  }));
}

function requests(sum: RequestSum | undefined): Counted {
  return {
    value: countOf(sum?.requests ?? 0n),
    how: "Calls of inference operations, each counted once however many rows tell of it. Polls, lists and other operations are not requests.",
    partsTitle: "By how they ended",
    parts: REQUEST_CAUSES.flatMap((cause) => {
      const count = sum?.byCause[cause] ?? 0n;
      return count === 0n ? [] : [{ what: cause.replaceAll("_", " "), ...countOf(count) }];
    }),
    facts: [
      { name: "with tokens", value: formatCount(sum?.withTokens ?? 0n) },
      { name: "attempts at the gateway", value: formatCount(sum?.attempts ?? 0n) },
    ],
  };
}

function latency(sum: RequestSum | undefined): Counted {
  const isStreaming = (sum?.latency?.measured ?? 0n) === 0n;
  const shown = isStreaming ? sum?.streamingLatency : sum?.latency;
  return {
    value: latencyOf(shown?.p95 ?? null),
    how: "Nearest rank out of histograms whose buckets are at most 2.1 % wide, so percentiles of any period merge exactly. Time to the whole answer, as the account logged it.",
    partsTitle: "Percentiles",
    parts: [...ranks("whole answers", sum?.latency), ...ranks("streaming, to the last token", sum?.streamingLatency)],
    facts: [
      { name: "measured", value: formatCount(shown?.measured ?? 0n) },
      { name: "without a latency", value: formatCount(shown?.unmeasured ?? 0n) },
    ],
  };
}

function ranks(of: string, summary: LatencySummary | null | undefined): Counted["parts"] {
  if (!summary || summary.measured === 0n) return [];
  return (["p50", "p95", "p99"] as const).map((rank) => ({
    what: `${rank} of ${formatCount(summary.measured)} ${of}`,
    ...latencyOf(summary[rank]),
  }));
}

function fromMetrics(
  measure: "throttled" | "filtered",
  rows: readonly MetricSum[],
  series: MetricSum["series"],
): Counted {
  const total = (name: MetricSum["series"]) =>
    rows.filter((row) => row.series === name).reduce((a, row) => a + BigInt(Math.round(row.total ?? 0)), 0n);
  const asked = total("requests");
  return {
    value: asked === 0n ? { shown: "unknown", exact: "" } : countOf(total(series)),
    how:
      measure === "throttled"
        ? "Requests that Azure answered with 429, from the platform metrics: the resource log names no deployment on them."
        : "Requests that the content filter rejected, from the platform metrics. In the log they are 400s like any other.",
    partsTitle: measure === "throttled" ? "By deployment" : "By deployment and category",
    parts: rows
      .filter((row) => row.series === series && (row.total ?? 0) > 0)
      .map((row) => ({
        what: [
          dimensionValueName("deployment", row.keys.deployment ?? ""),
          measure === "filtered" ? row.keys.label : "",
        ]
          .filter(Boolean)
          .join(" · "),
        ...countOf(BigInt(Math.round(row.total ?? 0))),
      })),
    facts: [{ name: "of requests", value: asked === 0n ? "unknown" : formatCount(asked) }],
    questions: [
      measure === "throttled"
        ? metricQuestion("AzureOpenAIRequests", "StatusCode = 429")
        : metricQuestion("RAIRejectedRequests", "Category"),
    ],
  };
}
