import type { Principal } from "../auth/principal.ts";
import type { BudgetPeriodKind, BudgetScope, ThresholdBasis } from "../budgets/budget.ts";
import { formatMoney } from "../format/format-money.ts";
import { formatDay } from "../format/format-time.ts";
import { toDecimal } from "../money/money.ts";
import type { LocalDay } from "../time/zone.ts";
import { addDays, dayOf, startOfDay, UTC } from "../time/zone.ts";
import type { ReportParams } from "../url/report-params.ts";
import { type BudgetLineView, budgetLineView } from "./budget-line-view.ts";
import { type BudgetLine, loadBudgetLines } from "./budget-lines.ts";
import { createDailyHistory } from "./daily-history.ts";
import { loadPageContext, type PageContext, type ReportSources, sourcesOr } from "./page-context.ts";

export type BudgetsReport = {
  readonly context: PageContext;
  readonly budgets: readonly BudgetDetail[];
  /** What a form offers for the scope. */
  readonly offered: {
    readonly teams: readonly string[];
    readonly deployments: readonly string[];
    readonly models: readonly string[];
  };
};

export type BudgetDetail = BudgetLineView & {
  readonly thresholds: readonly ThresholdView[];
  readonly form: BudgetForm;
};

export type ThresholdView = { readonly text: string; readonly isReached: boolean; readonly detail: string };

/** A budget as its form holds it; the amount is decimal text. */
export type BudgetForm = {
  readonly id: string | null;
  readonly name: string;
  readonly scope: BudgetScope;
  readonly amount: string;
  readonly period: BudgetPeriodKind;
  readonly zone: string;
  readonly fiscalStart: string;
  readonly thresholds: readonly { readonly basis: ThresholdBasis; readonly percent: number }[];
};

const OFFERED_DAYS = 90;

/** Every budget with where it stands, its thresholds, and what its form needs. */
export async function loadBudgets(
  principal: Principal,
  params: ReportParams,
  given?: ReportSources,
): Promise<BudgetsReport> {
  const sources = await sourcesOr(given);
  const context = await loadPageContext(principal, params, sources);
  const { ledger } = sources;
  const from: LocalDay = addDays(dayOf(context.now, UTC), -OFFERED_DAYS);
  const recent = { sees: principal.sees, period: { start: startOfDay(from, UTC), end: context.now } };
  const [lines, teams, deployments, models] = await Promise.all([
    loadBudgetLines(sources, createDailyHistory(principal, ledger, context.now), context.now),
    ledger.listValues({ ...recent, dimension: "team" }),
    ledger.listValues({ ...recent, dimension: "deployment" }),
    ledger.listValues({ ...recent, dimension: "model" }),
  ]);
  const names = (values: readonly { readonly value: string }[]) =>
    values.map(({ value }) => value).filter((value) => value !== "");
  return {
    context,
    budgets: lines.map((line) => detailOf(line, context)),
    offered: { teams: names(teams), deployments: names(deployments), models: names(models) },
  };
}

function detailOf(line: BudgetLine, { currency, clock }: PageContext): BudgetDetail {
  const { budget, status } = line;
  return {
    ...budgetLineView(line, clock.state !== "empty"),
    thresholds: status.thresholds.map(({ threshold, value, isReached }) => ({
      text: `${threshold.percent}\u00a0% ${threshold.basis}`,
      isReached,
      detail:
        value === null
          ? "too early to forecast"
          : `${threshold.basis === "actual" ? "spent" : "forecast"} ${formatMoney(value, { currency })}${
              threshold.basis === "forecast" && status.exhaustedOn && status.exhaustedOn !== "already"
                ? `, passes the amount around ${formatDay(status.exhaustedOn)}`
                : ""
            }`,
    })),
    form: {
      id: budget.id,
      name: budget.name,
      scope: budget.scope,
      amount: toDecimal(budget.amount),
      period: budget.period,
      zone: budget.zone,
      fiscalStart: budget.fiscalStart,
      thresholds: budget.thresholds.map(({ basis, percent }) => ({ basis, percent: Number(percent) })),
    },
  };
}
