import { UNATTRIBUTED } from "../attribution/charge.ts";
import type { Principal } from "../auth/principal.ts";
import { forecastPeriodEnd, type PeriodForecast } from "../forecast/forecast-period-end.ts";
import { formatChangeAgainst, formatShare } from "../format/format-count.ts";
import { type CostMark, formatMoney } from "../format/format-money.ts";
import { formatDay, formatDays } from "../format/format-time.ts";
import type { ChargeQuery, ChargeSum } from "../ledger/charge-query.ts";
import { type Money, money, sum } from "../money/money.ts";
import { toInstant } from "../time/instant.ts";
import { addDays, dayOf, daysBetween, firstOfMonth, monthContaining } from "../time/zone.ts";
import { toReceiptParam } from "../url/figure-ref.ts";
import type { ReportParams } from "../url/report-params.ts";
import { type Amount, amountOf, shortCountOf } from "./amount.ts";
import { type BudgetLineView, budgetLineView, budgetReceipts } from "./budget-line-view.ts";
import { type BudgetLine, dailyCosts, loadBudgetLines } from "./budget-lines.ts";
import { loadCategorySlots } from "./category-slots.ts";
import { changeMarks } from "./change-marks.ts";
import type { ChartModel, ChartPoint } from "./chart-model.ts";
import { markOf } from "./cost-mark.ts";
import { costByDay, moneyValue, UNKNOWN_VALUE } from "./cost-series.ts";
import { createDailyHistory } from "./daily-history.ts";
import { type HealthStrip, healthStrip } from "./health-strip.ts";
import { tokensOf } from "./load-deployments.ts";
import { type Bridge, bridgeOf, moversOf } from "./overview-changes.ts";
import { OVERVIEW_CUTS, type OverviewCut } from "./overview-cut.ts";
import { budgetOutlook, overviewSentence, whole } from "./overview-sentence.ts";
import { type DayStretch, loadPageContext, type PageContext, type ReportSources, sourcesOr } from "./page-context.ts";
import { requestFilter } from "./request-filter.ts";
import { runningTotal } from "./running-total.ts";
import type { Sentence } from "./sentence.ts";
import type { Row } from "./table-model.ts";

export type OverviewReport = {
  readonly context: PageContext;
  readonly by: OverviewCut;
  readonly sentence: Sentence;
  readonly total: OverviewFigure;
  readonly compared: (OverviewFigure & { readonly days: DayStretch }) | null;
  readonly change: string | null;
  readonly mark: CostMark | undefined;
  /** Null outside the month in progress, and before the first complete day. */
  readonly forecast: (OverviewFigure & { readonly range: string | null; readonly note: string }) | null;
  readonly budget: BudgetTile | null;
  readonly unpricedTokens: OverviewFigure;
  readonly unpricedShare: string;
  readonly unowned: OverviewFigure;
  readonly unownedShare: string;
  readonly daily: readonly (number | null)[];
  readonly chart: ChartModel;
  /** Null outside the month in progress. */
  readonly running: ChartModel | null;
  readonly bridge: Bridge;
  readonly movers: readonly Row[];
  readonly budgets: readonly BudgetLineView[];
  readonly health: HealthStrip;
};

export type OverviewFigure = { readonly amount: Amount; readonly receipt: string };
export type BudgetTile = {
  readonly label: string;
  readonly left: OverviewFigure;
  readonly used: string;
  readonly state: "ok" | "warning" | "over";
  readonly note: string;
};

/** Everything that Overview draws. */
export async function loadOverview(
  principal: Principal,
  params: ReportParams,
  given?: ReportSources,
): Promise<OverviewReport> {
  const sources = await sourcesOr(given);
  const context = await loadPageContext(principal, params, sources);
  const { ledger } = sources;
  const { zone, now, currency, shown } = context;
  const by = OVERVIEW_CUTS.find((cut) => cut === params.by) ?? "deployment";
  const ask = (change: Pick<ChargeQuery, "period" | "grain" | "groupBy">) =>
    ledger.sumCharges({ sees: principal.sees, zone, filter: params.filter, ...change });
  const isThisMonth = shown.from === firstOfMonth(context.today) && shown.to === addDays(context.today, 1);
  const dayBefore = toInstant(now - DAY_MS);
  const history = createDailyHistory(principal, ledger, now);
  const isInHistory = shown.from >= history.from(zone) && shown.to <= addDays(context.today, 1);
  const [rows, comparedRows, teamDays, states, slotOf, budgets, requests, changes] = await Promise.all([
    ask({ period: shown.period, grain: "day", groupBy: [by] }),
    context.compared ? ask({ period: context.compared.period, grain: "total", groupBy: [by] }) : null,
    isInHistory
      ? history.read(zone, "team", params.filter)
      : ask({ period: shown.period, grain: "day", groupBy: ["team"] }),
    ledger.bucketStates(shown.period, now),
    loadCategorySlots(ledger, by, now),
    loadBudgetLines(sources, history, now),
    ledger.sumRequests({
      sees: principal.sees,
      period: { start: dayBefore, end: now },
      zone,
      grain: "total",
      groupBy: [],
      filter: requestFilter(params),
      hasLatency: false,
    }),
    ledger.changes({ sees: principal.sees, period: shown.period, filter: params.filter }),
  ]);
  const forecastReceipt = toReceiptParam({
    title: "Forecast of the month",
    period: monthContaining(now, zone),
    zone,
    filter: params.filter,
    measure: "forecast",
  });
  const total = sum(rows.map((row) => row.contractedCost));
  const mark = markOf(rows);
  const comparedTotal = comparedRows ? sum(comparedRows.map((row) => row.contractedCost)) : null;
  const daily = isThisMonth ? dailyCosts(teamDays) : null;
  const forecast = daily
    ? forecastPeriodEnd({ daily, spent: total, period: monthContaining(now, zone), zone, now })
    : null;
  const unowned = sum(teamDays.filter((row) => isUnowned(row) && isShown(row, shown)).map((row) => row.contractedCost));
  const allTokens = rows.reduce((a, row) => a + tokensOf(row), 0n);
  const unpriced = rows.reduce((a, row) => a + row.unpricedTokens, 0n);
  const stack = costByDay({ rows, by, period: shown.period, zone, now, states, slotOf, currency });
  const comparable = budgets.filter(({ isComparable }) => isComparable);
  const main =
    comparable.find(({ budget }) => budget.scope.kind === "everything" && budget.period === "month") ??
    comparable[0] ??
    null;
  const figure = (title: string, amount: Money, period = shown.period, filter = params.filter): OverviewFigure => ({
    amount: amountOf(amount, currency),
    receipt: toReceiptParam({ title, period, zone, filter }),
  });
  const totalFigure = figure(`Cost of ${formatDays(shown.from, shown.to)}`, total);
  const comparedFigure =
    context.compared && comparedTotal !== null
      ? {
          ...figure(
            `Cost of ${formatDays(context.compared.from, context.compared.to)}`,
            comparedTotal,
            context.compared.period,
          ),
          days: context.compared,
        }
      : null;
  return {
    context,
    by,
    sentence: overviewSentence({
      context,
      isThisMonth,
      total: totalFigure,
      mark,
      forecast: forecast && { ...forecast, receipt: forecastReceipt },
      main,
      others: comparable.filter((line) => line !== main),
      comparedTotal,
      totalCost: total,
    }),
    total: totalFigure,
    compared: comparedFigure,
    change:
      comparedTotal === null
        ? null
        : formatChangeAgainst(total, comparedTotal, formatMoney(comparedTotal, { currency })),
    mark,
    forecast: forecast ? forecastView(forecast, currency, forecastReceipt) : null,
    budget: main && isThisMonth ? budgetTile(main, currency) : null,
    unpricedTokens: {
      amount: shortCountOf(unpriced),
      receipt: toReceiptParam({
        title: "Tokens without a price",
        period: shown.period,
        zone,
        filter: params.filter,
        measure: "unpriced",
      }),
    },
    unpricedShare: formatShare(unpriced, allTokens),
    unowned: figure("Cost that nobody owns", unowned, shown.period, {
      ...params.filter,
      team: { ...params.filter.team, include: [UNATTRIBUTED] },
    }),
    unownedShare: formatShare(unowned, total),
    daily: stack.points.map((point) => point.total?.n ?? null),
    chart: {
      unit: "money",
      unitName: `${currency} per day`,
      currency,
      zoneName: zone,
      pointName: "day",
      ...withForecast(stack, forecast, currency),
      marks: changeMarks(changes, zone),
      ...(isThisMonth && main?.budget.period === "month" && main.budget.scope.kind === "everything"
        ? { level: evenPace(main, currency) }
        : {}),
    },
    running: daily
      ? runningTotal({
          daily,
          forecast,
          context,
          budget:
            main?.budget.period === "month" && main.budget.scope.kind === "everything" ? main.budget.amount : null,
        })
      : null,
    bridge:
      comparedRows && context.compared
        ? bridgeOf({ rows, comparedRows, by, context, currency })
        : { steps: [], scaleFrom: null },
    movers: moversOf({ rows, comparedRows, by, context, slotOf, currency, total }),
    budgets: budgets.map((line) => budgetLineView(line, context.clock.state !== "empty")),
    health: healthStrip(requests[0], formatDay(dayOf(dayBefore, zone))),
  };
}

const DAY_MS = 86_400_000;

function isUnowned(row: ChargeSum): boolean {
  return row.keys.team === UNATTRIBUTED || row.keys.team === "";
}

function isShown({ bucket }: ChargeSum, { from, to }: DayStretch): boolean {
  return bucket !== null && bucket >= from && bucket < to;
}

function forecastView(forecast: PeriodForecast, currency: string, receipt: string): OverviewReport["forecast"] {
  const { lower, upper } = forecast;
  return {
    amount: amountOf(forecast.total, currency),
    receipt,
    range:
      lower === null || upper === null ? null : `${whole(lower, currency)} – ${whole(upper, currency)} (80\u00a0%)`,
    note: forecast.confidence === "low" ? "few days of history" : "",
  };
}

/** The stack with the days to come: one dashed line and the 80 % range of each coming day's own cost. */
function withForecast(
  stack: { readonly series: ChartModel["series"]; readonly points: readonly ChartPoint[] },
  forecast: PeriodForecast | null,
  currency: string,
): Pick<ChartModel, "series" | "points"> {
  if (!forecast || forecast.days.length === 0) return stack;
  const nothing = { n: null, text: "–", exact: "" };
  const today = stack.points.at(-1);
  const known = stack.points.map((point): ChartPoint => ({ ...point, values: [...point.values, nothing] }));
  const coming = forecast.days
    .filter(({ day }) => day !== today?.key)
    .map(
      (day): ChartPoint => ({
        key: day.day,
        label: formatDay(day.day),
        state: "forecast",
        values: [...stack.series.map(() => nothing), moneyValue(day.cost, currency)],
        total: UNKNOWN_VALUE,
      }),
    );
  return {
    series: [...stack.series, { key: "(forecast)", name: "Forecast", slot: "other", line: "dashed" }],
    points: [...known, ...coming],
  };
}

function evenPace({ budget, status }: BudgetLine, currency: string): NonNullable<ChartModel["level"]> {
  const days = daysBetween(dayOf(status.period.start, budget.zone), dayOf(status.period.end, budget.zone));
  const pace = money(budget.amount / BigInt(Math.max(1, days)));
  return { value: Number(pace) / 1e12, word: "even pace of the budget", text: `${whole(pace, currency)} a day` };
}

function budgetTile(line: BudgetLine, currency: string): BudgetTile {
  const { budget, status } = line;
  return {
    label: status.remaining < 0n ? `Over ${budget.name} by` : `Left of ${budget.name}`,
    left: {
      amount: amountOf(status.remaining < 0n ? money(-status.remaining) : status.remaining, currency),
      receipt: budgetReceipts(line).left,
    },
    used: `${Math.round(status.used * 1000) / 10}\u00a0% of ${whole(budget.amount, currency)} used`,
    state: status.state,
    note: budgetOutlook(line),
  };
}
