import type { PeriodForecast } from "../forecast/forecast-period-end.ts";
import { formatChangeAgainst } from "../format/format-count.ts";
import { type CostMark, formatMoney, withMark } from "../format/format-money.ts";
import { formatDay, formatDays, formatMonth } from "../format/format-time.ts";
import { type Money, money } from "../money/money.ts";
import type { BudgetLine } from "./budget-lines.ts";
import type { OverviewFigure } from "./load-overview.ts";
import type { PageContext } from "./page-context.ts";
import type { Sentence } from "./sentence.ts";

/** Amounts of a sentence: cents only where they are a noticeable part. */
export function whole(amount: Money, currency: string): string {
  return formatMoney(amount, { currency, decimals: amount >= 100n * 10n ** 12n || amount === 0n ? 0 : 2 });
}

/** The first line of Overview: what was spent, where the month ends, and what that means for the budget. */
export function overviewSentence(input: {
  readonly context: PageContext;
  readonly isThisMonth: boolean;
  readonly total: OverviewFigure;
  readonly totalCost: Money;
  readonly mark: CostMark | undefined;
  readonly forecast: (PeriodForecast & { readonly receipt: string }) | null;
  readonly main: BudgetLine | null;
  /** The budgets besides the main one. */
  readonly others: readonly BudgetLine[];
  readonly comparedTotal: Money | null;
}): Sentence {
  const { context, isThisMonth, total, totalCost, mark, forecast, main, others, comparedTotal } = input;
  const { currency, shown } = context;
  const spent = {
    figure: withMark(mark, whole(totalCost, currency)),
    exact: total.amount.exact,
    receipt: total.receipt,
  };
  const subject = isThisMonth ? formatMonth(shown.from) : formatDays(shown.from, shown.to);
  const against =
    comparedTotal === null || context.compared === null || comparedTotal === 0n
      ? []
      : [`, ${formatChangeAgainst(totalCost, comparedTotal, formatDays(context.compared.from, context.compared.to))}`];
  if (!isThisMonth) return [`${subject} cost `, spent, ...against, "."];
  const end = forecast
    ? [
        " It will end near ",
        { figure: forecastText(forecast, currency), exact: forecast.total.toString(), receipt: forecast.receipt },
        ".",
      ]
    : [];
  return [`${subject} is at `, spent, ...against, ".", ...end, ...budgetWords(main, currency), ...othersPassed(others)];
}

function othersPassed(others: readonly BudgetLine[]): Sentence {
  const passed = others.filter(({ status }) => status.state === "over");
  if (passed.length === 0) return [];
  const names = passed.slice(0, 2).map(({ budget }) => budget.name);
  const rest = passed.length > names.length ? ` and ${passed.length - names.length} more` : "";
  return [" Passed: ", { figure: `${names.join(", ")}${rest}`, href: "/budgets" }, "."];
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
  ].concat(status.mayBeMore && status.state !== "over" ? [" Parts have no exact price, so it may be more."] : []);
}

/** Whether a budget will hold, in words. */
export function budgetOutlook({ status }: BudgetLine): string {
  const { exhaustedOn, overrunChance } = status;
  if (exhaustedOn === "already") return "passed";
  const day = exhaustedOn ? `, around ${formatDay(exhaustedOn)}` : "";
  if (overrunChance !== null) {
    const percent = Math.round(overrunChance * 100);
    if (percent === 0) return "likely to hold";
    return percent === 100 ? `almost certain to pass${day}` : `${percent}\u00a0% likely to pass${day}`;
  }
  return exhaustedOn ? `on course to pass${day}` : status.forecast ? "on course to hold" : "too early to say";
}
