import { UNATTRIBUTED } from "../attribution/charge.ts";
import type { Principal } from "../auth/principal.ts";
import { type DailyCost, forecastPeriodEnd, type PeriodForecast } from "../forecast/forecast-period-end.ts";
import { formatChange, formatShare } from "../format/format-count.ts";
import { formatMoney, formatMoneyColumn, formatMoneyDifference } from "../format/format-money.ts";
import { formatDay, formatDays, formatMonth } from "../format/format-time.ts";
import type { ChargeDimension, ChargeQuery, ChargeSum } from "../ledger/charge-query.ts";
import type { RequestSum } from "../ledger/ledger.ts";
import { type Money, money, sum } from "../money/money.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import {
  addDays,
  dayOf,
  daysBetween,
  firstOfMonth,
  type LocalDay,
  monthContaining,
  periodOfDays,
  type ZoneId,
} from "../time/zone.ts";
import { dimensionValueName } from "../url/dimension-name.ts";
import { toReceiptParam } from "../url/figure-ref.ts";
import { deploymentPath, teamPath } from "../url/page-path.ts";
import { type ReportParams, toggleFilter, toHref } from "../url/report-params.ts";
import { type Amount, amountOf, shortCountOf } from "./amount.ts";
import { type BudgetLine, dailyCosts, loadBudgetLines, scopeName } from "./budget-lines.ts";
import { loadCategorySlots, type SlotOf } from "./category-slots.ts";
import type { ChartModel, ChartPoint } from "./chart-model.ts";
import { costByDay, moneyValue, UNKNOWN_VALUE } from "./cost-series.ts";
import { loadPageContext, type PageContext, type ReportSources, sourcesOr } from "./page-context.ts";
import type { Sentence } from "./sentence.ts";
import type { Row } from "./table-model.ts";

/** What the main chart of Overview can be stacked by. */
export const OVERVIEW_CUTS = ["deployment", "model", "team"] as const satisfies readonly ChargeDimension[];
export type OverviewCut = (typeof OVERVIEW_CUTS)[number];

export type OverviewReport = {
  readonly context: PageContext;
  readonly by: OverviewCut;
  readonly sentence: Sentence;
  readonly total: OverviewFigure;
  readonly compared: OverviewFigure | null;
  readonly change: string | null;
  readonly isAtLeast: boolean;
  /** Null outside the month in progress, and before the first complete day. */
  readonly forecast: { readonly total: Amount; readonly range: string | null; readonly note: string } | null;
  readonly budget: BudgetTile | null;
  readonly unpricedTokens: Amount;
  readonly unpricedShare: string;
  readonly unowned: OverviewFigure;
  readonly unownedShare: string;
  readonly daily: readonly (number | null)[];
  readonly chart: ChartModel;
  readonly bridge: readonly BridgeStep[];
  readonly movers: readonly Row[];
  readonly budgets: readonly BudgetLineView[];
  readonly health: HealthStrip;
};

export type OverviewFigure = { readonly amount: Amount; readonly receipt: string };
export type BudgetTile = {
  readonly name: string;
  readonly left: Amount;
  readonly used: string;
  readonly state: "ok" | "warning" | "over";
  readonly note: string;
};

/** One step from the compared total to the shown one; `start` and `end` are shares of the longest bar. */
export type BridgeStep = {
  readonly name: string;
  readonly kind: "total" | "more" | "less";
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly exact: string;
  readonly href: string | null;
};

export type BudgetLineView = {
  readonly id: string;
  readonly name: string;
  readonly scope: string;
  readonly period: string;
  readonly spent: Amount;
  readonly amount: Amount;
  readonly left: Amount;
  readonly isAtLeast: boolean;
  readonly used: number;
  readonly usedText: string;
  readonly elapsed: number;
  readonly elapsedText: string;
  readonly forecast: Amount | null;
  readonly forecastShare: number | null;
  readonly state: "ok" | "warning" | "over";
  readonly note: string;
};

export type HealthStrip = {
  readonly since: string;
  readonly requests: Amount;
  readonly causes: readonly {
    readonly name: string;
    readonly count: Amount;
    readonly share: string;
    readonly isWatch: boolean;
  }[];
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
  const [rows, comparedRows, teams, history, states, slotOf, budgets, requests] = await Promise.all([
    ask({ period: shown.period, grain: "day", groupBy: [by] }),
    context.compared ? ask({ period: context.compared.period, grain: "total", groupBy: [by] }) : null,
    ask({ period: shown.period, grain: "total", groupBy: ["team"] }),
    isThisMonth
      ? ask({ period: periodOfDays(addDays(context.today, -HISTORY_DAYS), shown.to, zone), grain: "day", groupBy: [] })
      : null,
    ledger.bucketStates(shown.period, now),
    loadCategorySlots(ledger, by, now),
    loadBudgetLines(principal, sources, now),
    ledger.sumRequests({
      sees: principal.sees,
      period: { start: dayBefore, end: now },
      zone,
      grain: "total",
      groupBy: [],
      filter: requestFilter(params),
      hasLatency: false,
    }),
  ]);
  const total = sum(rows.map((row) => row.contractedCost));
  const isAtLeast = rows.some((row) => row.unpricedTokens > 0n || row.contractedCostUpper > row.contractedCost);
  const comparedTotal = comparedRows ? sum(comparedRows.map((row) => row.contractedCost)) : null;
  const forecast = history ? monthForecast(history, total, zone, now) : null;
  const unowned = sum(teams.filter((row) => isUnowned(row)).map((row) => row.contractedCost));
  const allTokens = rows.reduce((a, row) => a + tokensOf(row), 0n);
  const unpriced = rows.reduce((a, row) => a + row.unpricedTokens, 0n);
  const stack = costByDay({ rows, by, period: shown.period, zone, now, states, slotOf, currency });
  const main =
    budgets.find(({ budget }) => budget.scope.kind === "everything" && budget.period === "month") ?? budgets[0] ?? null;
  const figure = (title: string, amount: Money, period = shown.period, filter = params.filter): OverviewFigure => ({
    amount: amountOf(amount, currency),
    receipt: toReceiptParam({ title, period, zone, filter }),
  });
  const totalFigure = figure(`Cost of ${formatDays(shown.from, shown.to)}`, total);
  const comparedFigure =
    context.compared && comparedTotal !== null
      ? figure(
          `Cost of ${formatDays(context.compared.from, context.compared.to)}`,
          comparedTotal,
          context.compared.period,
        )
      : null;
  return {
    context,
    by,
    sentence: sentenceOf({
      context,
      isThisMonth,
      total: totalFigure,
      isAtLeast,
      forecast,
      main,
      comparedTotal,
      totalCost: total,
    }),
    total: totalFigure,
    compared: comparedFigure,
    change: comparedTotal === null ? null : formatChange(total, comparedTotal),
    isAtLeast,
    forecast: forecast ? forecastView(forecast, currency) : null,
    budget: main ? budgetTile(main, currency) : null,
    unpricedTokens: shortCountOf(unpriced),
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
      ...(isThisMonth && main?.budget.period === "month" && main.budget.scope.kind === "everything"
        ? { level: evenPace(main, currency) }
        : {}),
    },
    bridge: comparedRows && context.compared ? bridgeOf({ rows, comparedRows, by, context, currency }) : [],
    movers: moversOf({ rows, comparedRows, by, context, slotOf, currency, total }),
    budgets: budgets.map((line) => budgetLineView(line, currency)),
    health: healthOf(requests[0], formatDay(dayOf(dayBefore, zone))),
  };
}

const DAY_MS = 86_400_000;
const HISTORY_DAYS = 120;

function tokensOf(row: ChargeSum): bigint {
  return row.inputTokens + row.cachedInputTokens + row.cacheWriteTokens + row.outputTokens;
}

function isUnowned(row: ChargeSum): boolean {
  return row.keys.team === UNATTRIBUTED || row.keys.team === "";
}

function requestFilter({ filter }: ReportParams) {
  const { team, application, account, deployment, model } = filter;
  return { team, application, account, deployment, model };
}

function monthForecast(history: readonly ChargeSum[], spent: Money, zone: ZoneId, now: Instant): PeriodForecast | null {
  const daily: DailyCost[] = dailyCosts(history);
  return forecastPeriodEnd({ daily, spent, period: monthContaining(now, zone), zone, now });
}

function forecastView(forecast: PeriodForecast, currency: string): OverviewReport["forecast"] {
  const { lower, upper } = forecast;
  return {
    total: amountOf(forecast.total, currency),
    range:
      lower === null || upper === null ? null : `${whole(lower, currency)} to ${whole(upper, currency)}, 8 times in 10`,
    note: forecast.confidence === "low" ? "few days of history" : "",
  };
}

/** Amounts of a sentence: cents only where they are a noticeable part. */
function whole(amount: Money, currency: string): string {
  return formatMoney(amount, { currency, decimals: amount >= 100n * 10n ** 12n || amount === 0n ? 0 : 2 });
}

function sentenceOf(input: {
  readonly context: PageContext;
  readonly isThisMonth: boolean;
  readonly total: OverviewFigure;
  readonly totalCost: Money;
  readonly isAtLeast: boolean;
  readonly forecast: PeriodForecast | null;
  readonly main: BudgetLine | null;
  readonly comparedTotal: Money | null;
}): Sentence {
  const { context, isThisMonth, total, totalCost, isAtLeast, forecast, main, comparedTotal } = input;
  const { currency, shown } = context;
  const spent = {
    figure: `${isAtLeast ? "at least " : ""}${whole(totalCost, currency)}`,
    exact: total.amount.exact,
    receipt: total.receipt,
  };
  const subject = isThisMonth ? formatMonth(shown.from) : formatDays(shown.from, shown.to);
  const against =
    comparedTotal === null || context.compared === null || comparedTotal === 0n
      ? []
      : [
          `, ${formatChange(totalCost, comparedTotal)} ${formatChange(totalCost, comparedTotal) === "the same" ? "as" : "than"} ${formatDays(context.compared.from, context.compared.to)}`,
        ];
  if (!isThisMonth) return [`${subject} cost `, spent, ...against, "."];
  const end = forecast
    ? [" It will end near ", { figure: forecastText(forecast, currency), exact: forecast.total.toString() }, "."]
    : [];
  return [`${subject} is at `, spent, ...against, ".", ...end, ...budgetWords(main, currency)];
}

function forecastText({ total, lower, upper }: PeriodForecast, currency: string): string {
  if (lower === null || upper === null) return whole(total, currency);
  const half = money((upper - lower) / 2n);
  return `${whole(total, currency)} (±${whole(half, currency)})`;
}

function budgetWords(main: BudgetLine | null, currency: string): Sentence {
  if (!main) return [" No budget is set: ", { figure: "create one", href: "/budgets?edit=new" }, "."];
  const { budget, status } = main;
  const name = budget.scope.kind === "everything" ? "Budget" : `Budget ${budget.name},`;
  return [
    ` ${name} `,
    { figure: whole(budget.amount, currency), exact: budget.amount.toString(), href: "/budgets" },
    `: ${budgetOutlook(main)}.`,
  ].concat(status.isAtLeast && status.state !== "over" ? [" Parts have no exact price, so it may be more."] : []);
}

function budgetOutlook({ status }: BudgetLine): string {
  const { exhaustedOn, overrunChance } = status;
  if (exhaustedOn === "already") return "passed";
  const day = exhaustedOn ? `, around ${formatDay(exhaustedOn)}` : "";
  if (overrunChance !== null) return `${Math.round(overrunChance * 100)}\u00a0% likely to pass${day}`;
  return exhaustedOn ? `on course to pass${day}` : status.forecast ? "on course to hold" : "too early to say";
}

function budgetTile(line: BudgetLine, currency: string): BudgetTile {
  const { budget, status } = line;
  return {
    name: budget.name,
    left: amountOf(status.remaining, currency),
    used: `${Math.round(status.used * 1000) / 10}\u00a0% of ${whole(budget.amount, currency)} used`,
    state: status.state,
    note: budgetOutlook(line),
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

type Groups = {
  readonly rows: readonly ChargeSum[];
  readonly comparedRows: readonly ChargeSum[] | null;
  readonly by: OverviewCut;
  readonly context: PageContext;
  readonly currency: string;
};

type Group = { readonly value: string; readonly now: Money; readonly before: Money | null };

function groupsOf({ rows, comparedRows, by }: Groups): Group[] {
  const nowBy = Map.groupBy(rows, (row) => row.keys[by] ?? "");
  const beforeBy = Map.groupBy(comparedRows ?? [], (row) => row.keys[by] ?? "");
  return [...new Set([...nowBy.keys(), ...beforeBy.keys()])].map((value) => ({
    value,
    now: sum((nowBy.get(value) ?? []).map((row) => row.contractedCost)),
    before: comparedRows ? sum((beforeBy.get(value) ?? []).map((row) => row.contractedCost)) : null,
  }));
}

const BRIDGE_STEPS = 7;

function bridgeOf(groups: Groups & { readonly comparedRows: readonly ChargeSum[] }): BridgeStep[] {
  const { by, context, currency } = groups;
  const all = groupsOf(groups).map(({ value, now, before }) => ({ value, difference: money(now - (before ?? 0n)) }));
  const before = sum(groups.comparedRows.map((row) => row.contractedCost));
  const now = sum(groups.rows.map((row) => row.contractedCost));
  const bySize = all
    .filter(({ difference }) => difference !== 0n)
    .toSorted((a, b) => (magnitude(a.difference) < magnitude(b.difference) ? 1 : -1));
  const rest = sum(bySize.slice(BRIDGE_STEPS).map(({ difference }) => difference));
  const steps = [
    ...bySize.slice(0, BRIDGE_STEPS).map(({ value, difference }) => ({
      name: dimensionValueName(by, value),
      difference,
      href: groupHref(by, value, context),
    })),
    ...(bySize.length > BRIDGE_STEPS
      ? [{ name: `${bySize.length - BRIDGE_STEPS} others`, difference: rest, href: null }]
      : []),
  ];
  const levels: Money[] = [];
  for (const { difference } of steps) levels.push(money((levels.at(-1) ?? before) + difference));
  const top = [before, now, ...levels].toSorted((a, b) => (a < b ? 1 : -1))[0] || money(1n);
  const share = (amount: Money) => Number(amount) / Number(top);
  return [
    {
      name: formatDays(context.compared?.from ?? context.shown.from, context.compared?.to ?? context.shown.to),
      kind: "total",
      start: 0,
      end: share(before),
      text: formatMoney(before, { currency }),
      exact: before.toString(),
      href: null,
    },
    ...steps.map(({ name, difference, href }, index): BridgeStep => {
      const from = index === 0 ? before : (levels[index - 1] ?? before);
      return {
        name,
        kind: difference > 0n ? "more" : "less",
        start: share(from),
        end: share(money(from + difference)),
        text: formatMoneyDifference(difference, { currency }),
        exact: difference.toString(),
        href,
      };
    }),
    {
      name: formatDays(context.shown.from, context.shown.to),
      kind: "total",
      start: 0,
      end: share(now),
      text: formatMoney(now, { currency }),
      exact: now.toString(),
      href: null,
    },
  ];
}

function magnitude(amount: Money): bigint {
  return amount < 0n ? -amount : amount;
}

function groupHref(by: OverviewCut, value: string, { params }: PageContext): string {
  const kept = { ...params, by: undefined };
  if (by === "deployment" && value) return toHref(deploymentPath(value), kept);
  if (by === "team" && value) return toHref(teamPath(value), kept);
  return toHref("/", { ...params, filter: toggleFilter(params.filter, by, value) });
}

const MOVERS = 10;

function moversOf(groups: Groups & { readonly slotOf: SlotOf; readonly total: Money }): Row[] {
  const { rows, by, context, slotOf, currency, total } = groups;
  const days = daysOfStretch(context);
  const moved = groupsOf(groups)
    .toSorted((a, b) => {
      const [x, y] = [moveOf(a), moveOf(b)];
      return x === y ? a.value.localeCompare(b.value) : x < y ? 1 : -1;
    })
    .slice(0, MOVERS);
  const texts = formatMoneyColumn(
    moved.map(({ now }) => now),
    { currency },
  ).rows;
  return moved.map(({ value, now, before }, index): Row => {
    const own = new Map(
      rows
        .filter((row) => (row.keys[by] ?? "") === value)
        .map((row) => [row.bucket, Number(row.contractedCost) / 1e12]),
    );
    return {
      id: value,
      cells: {
        name: { text: dimensionValueName(by, value), href: groupHref(by, value, context), slot: slotOf(value) },
        cost: {
          text: texts[index] ?? "",
          exact: now.toString(),
          sort: Number(now),
          receipt: toReceiptParam({
            title: dimensionValueName(by, value),
            period: context.shown.period,
            zone: context.zone,
            filter: toggleFilter(context.params.filter, by, value),
          }),
        },
        share: {
          text: formatShare(now, total),
          sort: Number(now),
          share: total > 0n ? Number(now) / Number(total) : 0,
        },
        change:
          before === null
            ? { text: "–" }
            : {
                text: formatMoneyDifference(money(now - before), { currency }),
                sort: Number(now - before),
                exact: (now - before).toString(),
                note: formatChange(now, before),
              },
        days: { text: "", spark: days.map((day) => own.get(day) ?? 0), slot: slotOf(value) },
      },
    };
  });
}

function moveOf({ now, before }: Group): bigint {
  return magnitude(money(now - (before ?? 0n)));
}

function daysOfStretch({ shown }: PageContext): LocalDay[] {
  return Array.from({ length: daysBetween(shown.from, shown.to) }, (_, index) => addDays(shown.from, index));
}

/** A budget as a line of a list. */
export function budgetLineView(line: BudgetLine, currency: string): BudgetLineView {
  const { budget, status } = line;
  const lastDay = addDays(dayOf(status.period.end, budget.zone), 0);
  return {
    id: budget.id,
    name: budget.name,
    scope: scopeName(budget),
    period: formatDays(dayOf(status.period.start, budget.zone), lastDay),
    spent: amountOf(status.spent, currency),
    amount: amountOf(budget.amount, currency),
    left: amountOf(status.remaining, currency),
    isAtLeast: status.isAtLeast,
    used: status.used,
    usedText: formatShare(status.spent, budget.amount),
    elapsed: status.elapsed,
    elapsedText: `${Math.round(status.elapsed * 100)}\u00a0% of the period is over`,
    forecast: status.forecast ? amountOf(status.forecast.total, currency) : null,
    forecastShare: status.forecast ? Number(status.forecast.total) / Number(budget.amount) : null,
    state: status.state,
    note: budgetOutlook(line),
  };
}

function healthOf(row: RequestSum | undefined, since: string): HealthStrip {
  const requests = row?.requests ?? 0n;
  const causes = row?.byCause;
  const line = (name: string, count: bigint, watchPerMille: bigint) => ({
    name,
    count: shortCountOf(count),
    share: formatShare(count, requests),
    isWatch: requests > 0n && count * 1_000n >= requests * watchPerMille,
  });
  return {
    since,
    requests: shortCountOf(requests),
    causes: causes
      ? [
          line("throttled (429)", causes.throttled, 10n),
          line("server errors", causes.server_error + causes.timeout, 10n),
          line("access denied", causes.access_denied + causes.network_closed, 5n),
          line("client errors", causes.client_error, 20n),
          line("content filter", causes.content_filter, 10n),
        ]
      : [],
  };
}
