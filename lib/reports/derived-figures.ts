import type { Principal } from "../auth/principal.ts";
import { forecastPeriodEnd, type PeriodForecast } from "../forecast/forecast-period-end.ts";
import { formatCount, formatShare } from "../format/format-count.ts";
import { costMark, formatMoney } from "../format/format-money.ts";
import { formatDay, formatDays } from "../format/format-time.ts";
import type { ChargeFilter } from "../ledger/charge-query.ts";
import { type Money, money, sum } from "../money/money.ts";
import { addDays, dayOf } from "../time/zone.ts";
import type { DerivedMeasure, LedgerFigureRef } from "../url/figure-ref.ts";
import { amountOf, countOf } from "./amount.ts";
import { dailyCosts, loadBudgetLines } from "./budget-lines.ts";
import { createDailyHistory } from "./daily-history.ts";
import type { StatedSources } from "./page-context.ts";
import type { MeasureReceiptView } from "./receipt-view.ts";
import { requestFilter } from "./request-filter.ts";

/** A figure with the figures that it was worked out from. */
export type DerivedFigure = Pick<MeasureReceiptView, "value" | "how" | "partsTitle" | "parts" | "facts">;

const UNKNOWN = { shown: "unknown", exact: "" };

/**
 * What a figure was worked out from that is a sum of nothing: the forecast of the month (`parts` are what is spent and each
 * day to come, and add up to it), what is left of a budget, a share, the cost of 1,000 requests. Money is in the currency that
 * totals are stated in.
 */
export async function derivedFigure(
  principal: Principal,
  figure: LedgerFigureRef,
  measure: DerivedMeasure,
  sources: StatedSources,
): Promise<DerivedFigure> {
  const { ledger } = sources;
  const { period, zone, filter } = figure;
  const currency = sources.stated.currency;
  const cost = async (of: ChargeFilter): Promise<Money> => {
    const rows = await ledger.sumCharges({
      sees: principal.sees,
      period,
      zone,
      grain: "total",
      groupBy: [],
      filter: of,
    });
    return sum(rows.map((row) => row.contractedCost));
  };
  switch (measure) {
    case "forecast":
      return forecast();
    case "budget":
      return budget();
    case "share": {
      const [own, all] = await Promise.all([cost(filter), cost({})]);
      return {
        value: { shown: formatShare(own, all), exact: "" },
        how: "The cost under the filters above, divided by the cost of everything in the same days.",
        partsTitle: "One divided by the other",
        parts: [
          { what: "cost under these filters", ...amountOf(own, currency) },
          { what: "cost of everything", ...amountOf(all, currency) },
        ],
        facts: [],
      };
    }
    case "per_thousand": {
      const [own, [row]] = await Promise.all([
        cost(filter),
        ledger.sumRequests({
          sees: principal.sees,
          period,
          zone,
          grain: "total",
          groupBy: [],
          filter: requestFilter(figure),
          hasLatency: false,
        }),
      ]);
      const requests = row?.requests ?? 0n;
      return {
        value: requests === 0n ? UNKNOWN : amountOf(costOfThousand(own, requests), currency),
        how: "The cost divided by the requests, times 1,000. Failed requests are counted; most of them cost nothing.",
        partsTitle: "One divided by the other",
        parts: [
          { what: "cost", ...amountOf(own, currency) },
          { what: "requests", ...countOf(requests) },
        ],
        facts: [],
      };
    }
  }

  async function forecast(): Promise<DerivedFigure> {
    const now = sources.now();
    const rows = await createDailyHistory(principal, ledger, now).read(zone, "team", filter);
    const daily = dailyCosts(rows);
    const [first, today] = [dayOf(period.start, zone), dayOf(now, zone)];
    const spent = sum(daily.filter(({ day }) => day >= first).map((row) => row.cost));
    const ahead = forecastPeriodEnd({ daily, spent, period, zone, now });
    if (ahead === null) {
      const how = "The period is over, or has no complete day yet: there is nothing to forecast.";
      return { value: UNKNOWN, how, partsTitle: "", parts: [], facts: [] };
    }
    return {
      value: amountOf(ahead.total, currency),
      how: METHODS[ahead.method],
      partsTitle: "What is spent, and each day to come",
      parts: [
        { what: `${formatDays(first, addDays(today, 1))}, in the ledger`, ...amountOf(spent, currency) },
        ...ahead.days.map(({ day, cost: coming }) => ({
          what: day === today ? `the rest of ${formatDay(day)}` : formatDay(day),
          ...amountOf(coming, currency),
        })),
      ],
      facts: forecastFacts(ahead, currency),
    };
  }

  async function budget(): Promise<DerivedFigure> {
    const now = sources.now();
    const lines = await loadBudgetLines(sources, createDailyHistory(principal, ledger, now), now);
    const line = lines.find((known) => known.budget.id === figure.budget);
    if (!line?.isComparable) {
      const how = line
        ? `The budget is in ${line.budget.currency}, and totals are stated in ${currency}.`
        : "The budget does not exist any more.";
      return { value: UNKNOWN, how, partsTitle: "", parts: [], facts: [] };
    }
    const { budget: of, status } = line;
    const ahead = status.forecast;
    return {
      value: amountOf(status.remaining, currency),
      how: "The amount of the budget less what its scope cost in its period so far, in the budget's own zone and at contracted cost.",
      partsTitle: "One less the other",
      parts: [
        { what: `amount, revision ${of.revision}`, ...amountOf(of.amount, currency) },
        { what: ["spent", costMark(status)].filter(Boolean).join(", "), ...amountOf(status.spent, currency) },
      ],
      facts: [
        { name: "of the period over", value: formatPercent(status.elapsed) },
        { name: "of the amount used", value: formatShare(status.spent, of.amount) },
        { name: "forecast", value: ahead ? formatMoney(ahead.total, { currency }) : "too early to say" },
        ...status.thresholds.map(({ threshold, isReached }) => ({
          name: `${threshold.percent}\u00a0% ${threshold.basis === "actual" ? "spent" : "forecast"}`,
          value: isReached ? "passed" : "not passed",
        })),
      ],
    };
  }
}

/** The cost of 1,000 requests in picodollars, cut to whole ones; for display only. `requests` is not 0. */
export function costOfThousand(cost: Money, requests: bigint): Money {
  return money((cost * 1_000n) / requests);
}

const METHODS: Readonly<Record<PeriodForecast["method"], string>> = {
  median_of_four:
    "What is spent, and for each day to come the median of four methods, fitted to the complete days before today: the mean of the same weekdays, theta, damped Holt-Winters, and a trend with weekday factors.",
  same_weekday_mean:
    "What is spent, and for each day to come the mean of the same weekdays: there are fewer than 21 complete days to learn from.",
  mean_of_days:
    "What is spent, and for each day to come the mean of all complete days: there are fewer than seven of them.",
};

function forecastFacts({ lower, upper, errors, completeDays }: PeriodForecast, currency: string) {
  const range =
    lower === null || upper === null
      ? "unknown: too few days"
      : `${formatMoney(lower, { currency })} to ${formatMoney(upper, { currency })}`;
  const misses = errors.map((error) => (error < 0n ? money(-error) : error)).toSorted((a, b) => (a < b ? -1 : 1));
  const typical = misses[Math.floor((misses.length - 1) / 2)];
  return [
    { name: "8 times in 10 between", value: range },
    { name: "complete days of the period", value: formatCount(completeDays) },
    ...(typical === undefined
      ? []
      : [
          {
            name: "a forecast of as many days missed by",
            value: `${formatMoney(typical, { currency })}, the median of ${formatCount(misses.length)}`,
          },
        ]),
  ];
}

function formatPercent(share: number): string {
  return `${Math.round(share * 1_000) / 10}\u00a0%`;
}
