import type { Principal } from "../auth/principal.ts";
import { formatCount } from "../format/format-count.ts";
import { contentHash } from "../ledger/charge-rows.ts";
import { nowByMinute } from "../queries/now-by-minute.ts";
import { addMs, toInstant, toIso } from "../time/instant.ts";
import { dimensionValueName } from "../url/dimension-name.ts";
import type { LiveFigureRef, LiveMeasure } from "../url/figure-ref.ts";
import { countOf, latencyOf } from "./amount.ts";
import { type NowSources, WINDOW_MS } from "./load-now.ts";
import { askMinutes, type Call, countAll, metricTotal, toCall } from "./now/now-calls.ts";
import { CAUSES_OF, isMeasured, LIVE_LABELS, p95Of } from "./now/now-figures.ts";
import { dataToText, kqlQuestion, metricQuestion, receiptHead } from "./receipt-parts.ts";
import type { MeasureReceiptView } from "./receipt-view.ts";

type Counted = Pick<MeasureReceiptView, "value" | "parts" | "facts" | "questions">;

/** The platform's metrics alone tell who was throttled; the rest stands in the log. */
type LogMeasure = Exclude<LiveMeasure, "throttled">;

const HOW: Readonly<Record<LiveMeasure, string>> = {
  requests:
    "Calls of inference operations in the accounts' own logs, by the minute in which they came in; the two rows of a call are one.",
  throttled:
    "Requests that Azure answered with 429, from the platform metrics: the resource log names no deployment on them.",
  server_errors: "Calls that ended with 500 or above, or with the time-outs 408 and 504.",
  access_denied: "Calls that ended with 401 or 403: a wrong key, a missing role, or a closed public endpoint.",
  client_errors: "Calls that ended with another 4xx. A 400 may be the content filter; the log alone does not prove it.",
  latency: "Nearest rank of answered calls without streaming, out of histograms whose buckets are at most 2.1 % wide.",
};

/** What lies behind a figure of Now: its calls by deployment, the rows that tell of them and the question that was asked. */
export async function loadLiveReceipt(
  principal: Principal,
  figure: LiveFigureRef,
  sources: NowSources,
): Promise<MeasureReceiptView> {
  const { period, zone, measure } = figure;
  const window = { start: addMs(period.end, -WINDOW_MS), end: period.end };
  const counted = measure === "throttled" ? await throttled() : await fromLog(measure);
  const clocks = await sources.ledger.sourceClocks();
  const source = measure === "throttled" ? "metric" : "request_response";
  const reached = clocks.flatMap((clock) => (clock.source === source && clock.dataTo !== null ? [clock.dataTo] : []));
  const dataTo = reached.length === 0 ? null : toInstant(Math.min(...reached));
  return {
    kind: "measure",
    ...receiptHead(figure),
    how: HOW[measure],
    partsTitle: "By deployment",
    ...counted,
    dataTo: dataToText(dataTo, zone),
    isComplete: dataTo !== null && dataTo >= period.end,
    hash: contentHash([
      `${LIVE_LABELS[measure]} ${counted.value.exact}`,
      ...counted.parts.map((part) => `${part.what} ${part.exact}`),
    ]),
  };

  async function throttled(): Promise<Counted> {
    const rows = await sources.ledger.sumMetrics({
      sees: principal.sees,
      period,
      zone,
      grain: "minute",
      series: ["requests", "throttled"],
      groupBy: ["deployment"],
      filter: {},
    });
    const recent = rows.filter((row) => (row.bucket ?? "") >= toIso(period.start));
    const parts = [...Map.groupBy(recent, (row) => dimensionValueName("deployment", row.keys.deployment ?? ""))]
      .map(([what, own]) => ({ what, count: metricTotal(own, "throttled") }))
      .filter(({ count }) => count > 0n)
      .map(({ what, count }) => ({ what, ...countOf(count) }));
    return {
      value: recent.length === 0 ? { shown: "unknown", exact: "" } : countOf(metricTotal(recent, "throttled")),
      parts,
      facts: [
        { name: "of requests", value: recent.length === 0 ? "unknown" : formatCount(metricTotal(recent, "requests")) },
      ],
      questions: [metricQuestion("AzureOpenAIRequests", "StatusCode = 429")],
    };
  }

  async function fromLog(measure: LogMeasure): Promise<Counted> {
    const asked = await askMinutes(sources.logs, window);
    const all = asked.rows.map(toCall).filter((call) => call.isInference && call.minute >= period.start);
    const own = all.filter(countsFor(measure));
    const value =
      measure === "latency"
        ? latencyOf(p95Of(own))
        : asked.failure
          ? { shown: "unknown", exact: "" }
          : countOf(countAll(own));
    return {
      value,
      parts: [...Map.groupBy(own, (call) => call.deployment)]
        .map(([deployment, calls]) => ({ deployment, calls, count: countAll(calls) }))
        .toSorted((a, b) =>
          a.count === b.count ? a.deployment.localeCompare(b.deployment) : a.count < b.count ? 1 : -1,
        )
        .map(({ deployment, calls, count }) =>
          measure === "latency"
            ? {
                what: `${deployment}, ${formatCount(count)} calls`,
                ...latencyOf(p95Of(calls)),
              }
            : { what: deployment, ...countOf(count) },
        ),
      facts: [
        { name: "rows", value: formatCount(sumOf(own, "rows")) },
        { name: "duplicates dropped", value: formatCount(sumOf(own, "duplicates")) },
        ...(asked.failure ? [{ name: "not read", value: asked.failure.happened }] : []),
      ],
      questions: asked.kql === null ? [] : [kqlQuestion(nowByMinute.name, asked.kql)],
    };
  }
}

function countsFor(measure: LogMeasure): (call: Call) => boolean {
  if (measure === "requests") return () => true;
  if (measure === "latency") return isMeasured;
  const causes: readonly string[] = CAUSES_OF[measure];
  return ({ cause }) => causes.includes(cause);
}

function sumOf(calls: readonly Call[], count: "rows" | "duplicates"): bigint {
  return calls.reduce((a, { row }) => a + row[count], 0n);
}
