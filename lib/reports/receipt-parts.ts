import { formatInstant } from "../format/format-time.ts";
import { CHARGE_DIMENSIONS, type ChargeFilter } from "../ledger/charge-query.ts";
import type { Receipt } from "../ledger/ledger.ts";
import type { Instant } from "../time/instant.ts";
import type { ZoneId } from "../time/zone.ts";
import type { FigureRef } from "../url/figure-ref.ts";
import { queryPath } from "../url/page-path.ts";
import type { ReceiptQuestion } from "./receipt-view.ts";

/** What stands over every receipt: the figure's name, its period in its zone, and its filters in words. */
export function receiptHead({ title, period, zone, filter }: FigureRef): {
  readonly title: string;
  readonly period: string;
  readonly filters: readonly string[];
} {
  const at = (instant: Instant) => formatInstant(instant, zone, { withYear: true });
  return { title, period: `${at(period.start)} to ${at(period.end)}`, filters: filterTexts(filter) };
}

/** A question that anyone can run again. */
export function kqlQuestion(name: string, kql: string): ReceiptQuestion {
  return { name, text: kql, href: queryPath(kql) };
}

/** A question to the metrics API, in the words of Azure's own metrics explorer. */
export function metricQuestion(metric: string, where: string): ReceiptQuestion {
  return {
    name: `platform metric ${metric}`,
    text: `${metric}, aggregation Total, interval PT1M, split by ModelDeploymentName, ${where}`,
    href: null,
  };
}

/** How far the data reaches, in the figure's zone. */
export function dataToText(dataTo: Instant | null, zone: ZoneId): string {
  return dataTo === null ? "no data yet" : formatInstant(dataTo, zone, { withYear: true });
}

/** Where the quarter hours behind a figure were read, in words; nothing where all of them stand in the raw tables. */
export function originTexts(byOrigin: Receipt["byOrigin"], zone: ZoneId): string[] {
  if (byOrigin.every(({ origin }) => origin === "logs")) return [];
  return byOrigin.map(({ origin, from, to }) => {
    const where = origin === "summary" ? "the summary rule, without latency and metrics" : "the raw tables";
    return `${where}: ${formatInstant(from, zone, { withYear: true })} to ${formatInstant(to, zone, { withYear: true })}`;
  });
}

function filterTexts(filter: ChargeFilter): string[] {
  return CHARGE_DIMENSIONS.flatMap((dimension) => [
    ...(filter[dimension]?.include ?? []).map((value) => `${dimension} is ${value}`),
    ...(filter[dimension]?.exclude ?? []).map((value) => `${dimension} is not ${value}`),
  ]);
}
