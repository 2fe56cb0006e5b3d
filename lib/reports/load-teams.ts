import { UNATTRIBUTED } from "../attribution/charge.ts";
import type { Principal } from "../auth/principal.ts";
import { formatChangeSigned, formatCountShort, formatShare } from "../format/format-count.ts";
import { formatMoneyColumn, formatMoneyDifference } from "../format/format-money.ts";
import { type Money, money, sum } from "../money/money.ts";
import { daysIn } from "../time/zone.ts";
import { dimensionValueName } from "../url/dimension-name.ts";
import { toReceiptParam } from "../url/figure-ref.ts";
import { teamPath } from "../url/page-path.ts";
import { type ReportParams, toggleFilter, toHref } from "../url/report-params.ts";
import { loadCategorySlots } from "./category-slots.ts";
import type { ChartModel } from "./chart-model.ts";
import { costCells } from "./cost-cells.ts";
import { costByDay } from "./cost-series.ts";
import { tokensOf } from "./load-deployments.ts";
import { loadPageContext, type PageContext, type ReportSources, sourcesOr } from "./page-context.ts";
import { requestFilter } from "./request-filter.ts";
import type { Cell, Row } from "./table-model.ts";

export type TeamsReport = {
  readonly context: PageContext;
  readonly chart: ChartModel;
  readonly rows: readonly Row[];
  readonly foot: Readonly<Record<string, Cell>>;
};

const NONE: Cell = { text: "–" };

/** Every team with its cost, share, change and dearest deployments; what nobody owns is a row of its own. */
export async function loadTeams(
  principal: Principal,
  params: ReportParams,
  given?: ReportSources,
): Promise<TeamsReport> {
  const sources = await sourcesOr(given);
  const context = await loadPageContext(principal, params, sources);
  const { ledger } = sources;
  const { zone, currency, shown, now } = context;
  const { sees } = principal;
  const ask = { sees, zone, filter: params.filter, period: shown.period };
  const [byDay, byDeployment, before, requests, states, slotOf] = await Promise.all([
    ledger.sumCharges({ ...ask, grain: "day", groupBy: ["team"] }),
    ledger.sumCharges({ ...ask, grain: "total", groupBy: ["team", "deployment"] }),
    context.compared
      ? ledger.sumCharges({ ...ask, period: context.compared.period, grain: "total", groupBy: ["team"] })
      : null,
    ledger.sumRequests({ ...ask, grain: "total", groupBy: ["team"], filter: requestFilter(params), hasLatency: false }),
    ledger.bucketStates(shown.period, now),
    loadCategorySlots(ledger, "team", now),
  ]);
  const costBy = Map.groupBy(byDay, (row) => row.keys.team ?? "");
  const beforeBy = new Map((before ?? []).map((row) => [row.keys.team ?? "", row.contractedCost]));
  const deploymentsBy = Map.groupBy(byDeployment, (row) => row.keys.team ?? "");
  const requestsBy = new Map(requests.map((row) => [row.keys.team ?? "", row.requests]));
  const teams = [...new Set([...costBy.keys(), ...requestsBy.keys()])].toSorted();
  const costs = teams.map((team) => sum((costBy.get(team) ?? []).map((row) => row.contractedCost)));
  const total = sum(costs);
  const texts = formatMoneyColumn(costs, { currency });
  const days = daysIn(shown.period, zone);
  const rows = teams.map((team, index): Row => {
    const own = costBy.get(team) ?? [];
    const cost = costs[index] ?? money(0n);
    const name = dimensionValueName("team", team);
    const dearest = (deploymentsBy.get(team) ?? [])
      .toSorted((a, b) => (a.contractedCost < b.contractedCost ? 1 : -1))
      .slice(0, 1);
    const costed = costCells({
      own,
      cost,
      total,
      text: texts.rows[index] ?? "",
      receipt: toReceiptParam({
        title: name,
        period: shown.period,
        zone,
        filter: toggleFilter(params.filter, "team", team),
      }),
    });
    const byKey = new Map(own.map((row) => [row.bucket, Number(row.contractedCost) / 1e12]));
    return {
      id: team === "" ? UNATTRIBUTED : team,
      cells: {
        name: {
          text: name,
          slot: slotOf(team),
          href: toHref(teamPath(team === "" ? UNATTRIBUTED : team), { ...params, by: undefined }),
        },
        days: { text: "", spark: days.map((day) => byKey.get(day) ?? 0), slot: slotOf(team) },
        cost: costed.cost,
        share: costed.share,
        ...changeCells(cost, before === null ? null : (beforeBy.get(team) ?? money(0n)), currency),
        requests: countCell(requestsBy.get(team) ?? 0n),
        tokens: countCell(own.reduce((a, row) => a + tokensOf(row), 0n)),
        top: {
          text: dearest.map((row) => row.keys.deployment || "(not told)").join(", "),
          note:
            (deploymentsBy.get(team)?.length ?? 0) > dearest.length
              ? `and ${(deploymentsBy.get(team)?.length ?? 0) - dearest.length} more`
              : "",
        },
      },
    };
  });
  const comparedTotal = before === null ? null : sum(before.map((row) => row.contractedCost));
  return {
    context,
    chart: {
      unit: "money",
      unitName: `${currency} per day`,
      currency,
      zoneName: zone,
      pointName: "day",
      ...costByDay({ rows: byDay, by: "team", period: shown.period, zone, now, states, slotOf, currency }),
    },
    rows,
    foot: {
      name: { text: `${teams.length} owners` },
      cost: {
        text: texts.total,
        exact: total.toString(),
        receipt: toReceiptParam({ title: "All teams", period: shown.period, zone, filter: params.filter }),
      },
      share: { text: formatShare(total, total) },
      ...changeCells(total, comparedTotal, currency),
      requests: countCell(requests.reduce((a, row) => a + row.requests, 0n)),
      tokens: countCell(byDay.reduce((a, row) => a + tokensOf(row), 0n)),
    },
  };
}

/** A difference in money and in words; "–" without a comparison. */
export function changeCells(now: Money, before: Money | null, currency: string): Record<"change" | "percent", Cell> {
  if (before === null) return { change: NONE, percent: NONE };
  return {
    change: {
      text: formatMoneyDifference(money(now - before), { currency }),
      sort: Number(now - before),
      exact: (now - before).toString(),
    },
    percent: {
      text: formatChangeSigned(now, before),
      sort: before === 0n ? Number.MAX_VALUE : Number(now - before) / Number(before),
    },
  };
}

function countCell(count: bigint): Cell {
  return {
    text: formatCountShort(count),
    exact: count.toString(),
    sort: Number(count),
    title: count.toLocaleString("en"),
  };
}
