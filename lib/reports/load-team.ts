import type { Principal } from "../auth/principal.ts";
import { formatChangeAgainst, formatShare } from "../format/format-count.ts";
import { type CostMark, formatMoney } from "../format/format-money.ts";
import { type Money, sum } from "../money/money.ts";
import { dimensionValueName } from "../url/dimension-name.ts";
import { type DerivedMeasure, type Measure, toReceiptParam } from "../url/figure-ref.ts";
import type { ReportParams } from "../url/report-params.ts";
import { type Amount, amountOf, shortCountOf } from "./amount.ts";
import { type BudgetLineView, budgetLineView } from "./budget-line-view.ts";
import { loadBudgetLines } from "./budget-lines.ts";
import { loadCategorySlots } from "./category-slots.ts";
import { changeMarks } from "./change-marks.ts";
import type { ChartModel } from "./chart-model.ts";
import { markOf } from "./cost-mark.ts";
import { costByDay } from "./cost-series.ts";
import { createDailyHistory } from "./daily-history.ts";
import { costOfThousand } from "./derived-figures.ts";
import { tokensOf } from "./load-deployments.ts";
import { type Bridge, bridgeOf, moversOf } from "./overview-changes.ts";
import { loadPageContext, type PageContext, type ReportSources, sourcesOr } from "./page-context.ts";
import { isKnownToRequests, requestFilter } from "./request-filter.ts";
import type { Row } from "./table-model.ts";

export type TeamReport = {
  readonly context: PageContext;
  readonly name: string;
  readonly cost: { readonly amount: Amount; readonly receipt: string; readonly mark: CostMark | undefined };
  readonly change: string | null;
  readonly share: { readonly shown: string; readonly receipt: string };
  readonly tokens: Amount & { readonly receipt: string };
  readonly requests: Amount & { readonly receipt: string };
  /** Cost ÷ requests; null without a request, and under filters that requests do not know. */
  readonly costPerThousand: (Amount & { readonly receipt: string }) | null;
  readonly chart: ChartModel;
  readonly bridge: Bridge;
  readonly deployments: readonly Row[];
  readonly budgets: readonly BudgetLineView[];
};

/** What one team spent, on what, and against which budget. */
export async function loadTeam(
  principal: Principal,
  params: ReportParams,
  team: string,
  given?: ReportSources,
): Promise<TeamReport> {
  const sources = await sourcesOr(given);
  const context = await loadPageContext(principal, params, sources);
  const { ledger } = sources;
  const { zone, currency, shown, now } = context;
  const { sees } = principal;
  const filter = { ...params.filter, team: { include: [team] } };
  const [rows, comparedRows, everyone, requests, states, slotOf, budgets, changes] = await Promise.all([
    ledger.sumCharges({ sees, zone, filter, period: shown.period, grain: "day", groupBy: ["deployment"] }),
    context.compared
      ? ledger.sumCharges({
          sees,
          zone,
          filter,
          period: context.compared.period,
          grain: "total",
          groupBy: ["deployment"],
        })
      : null,
    ledger.sumCharges({ sees, zone, filter: {}, period: shown.period, grain: "total", groupBy: [] }),
    ledger.sumRequests({
      sees,
      zone,
      period: shown.period,
      grain: "total",
      groupBy: [],
      filter: requestFilter({ filter }),
      hasLatency: false,
    }),
    ledger.bucketStates(shown.period, now),
    loadCategorySlots(ledger, "deployment", now),
    loadBudgetLines(sources, createDailyHistory(principal, ledger, now), now),
    ledger.changes({ sees, period: shown.period, filter }),
  ]);
  const total = sum(rows.map((row) => row.contractedCost));
  const before: Money | null = comparedRows ? sum(comparedRows.map((row) => row.contractedCost)) : null;
  const requestCount = requests[0]?.requests ?? 0n;
  const teamContext = { ...context, params: { ...params, filter } };
  const opens = (measure: Measure | DerivedMeasure, what: string) =>
    toReceiptParam({
      title: `${what} of ${dimensionValueName("team", team)}`,
      period: shown.period,
      zone,
      filter,
      measure,
    });
  const groups = { rows, comparedRows, by: "deployment" as const, context: teamContext, currency };
  return {
    context,
    name: dimensionValueName("team", team),
    cost: {
      amount: amountOf(total, currency),
      receipt: toReceiptParam({ title: dimensionValueName("team", team), period: shown.period, zone, filter }),
      mark: markOf(rows),
    },
    change: before === null ? null : formatChangeAgainst(total, before, formatMoney(before, { currency })),
    share: {
      shown: formatShare(total, sum(everyone.map((row) => row.contractedCost))),
      receipt: opens("share", "Share"),
    },
    tokens: { ...shortCountOf(rows.reduce((a, row) => a + tokensOf(row), 0n)), receipt: opens("tokens", "Tokens") },
    requests: { ...shortCountOf(requestCount), receipt: opens("requests", "Requests") },
    costPerThousand:
      requestCount === 0n || !isKnownToRequests(filter)
        ? null
        : {
            ...amountOf(costOfThousand(total, requestCount), currency),
            receipt: opens("per_thousand", "Cost of 1,000 requests"),
          },
    chart: {
      unit: "money",
      unitName: `${currency} per day`,
      currency,
      zoneName: zone,
      pointName: "day",
      ...costByDay({ rows, by: "deployment", period: shown.period, zone, now, states, slotOf, currency }),
      marks: changeMarks(changes, zone),
    },
    bridge: comparedRows ? bridgeOf({ ...groups, comparedRows }) : { steps: [], scaleFrom: null },
    deployments: moversOf({ ...groups, slotOf, total }),
    budgets: budgets
      .filter(({ budget }) => budget.scope.kind === "team" && budget.scope.team === team)
      .map((line) => budgetLineView(line, context.clock.state !== "empty")),
  };
}
