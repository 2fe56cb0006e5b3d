import { formatChangeSigned } from "../format/format-count.ts";
import { formatMoney, formatMoneyColumn, formatMoneyDifference } from "../format/format-money.ts";
import { formatDays } from "../format/format-time.ts";
import type { ChargeSum } from "../ledger/charge-query.ts";
import { type Money, money, sum, ZERO } from "../money/money.ts";
import { addDays, daysBetween, type LocalDay } from "../time/zone.ts";
import { dimensionValueName } from "../url/dimension-name.ts";
import { toReceiptParam } from "../url/figure-ref.ts";
import { deploymentPath, teamPath } from "../url/page-path.ts";
import { toggleFilter, toHref } from "../url/report-params.ts";
import type { SlotOf } from "./category-slots.ts";
import { costCells } from "./cost-cells.ts";
import type { OverviewCut } from "./overview-cut.ts";
import type { PageContext } from "./page-context.ts";
import type { Row } from "./table-model.ts";

/** `scaleFrom`: where the bars begin when they do not begin at nothing. */
export type Bridge = { readonly steps: readonly BridgeStep[]; readonly scaleFrom: string | null };

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

/** Costs by group of the shown and the compared period. */
export type Groups = {
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

/** From the compared total to the shown one: the largest differences, the rest as one. */
export function bridgeOf(groups: Groups & { readonly comparedRows: readonly ChargeSum[] }): Bridge {
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
  const base = bridgeBase([before, now, ...levels], top);
  const share = (amount: Money) => Number(amount - base) / Number(top - base || 1n);
  const bars: BridgeStep[] = [
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
  return { steps: bars, scaleFrom: base === 0n ? null : formatMoney(base, { currency, decimals: 0 }) };
}

/** Small steps between large totals cannot be seen from nothing; then the bars begin at half a range below the least level. */
function bridgeBase(levels: readonly Money[], top: Money): Money {
  const least = levels.toSorted((a, b) => (a < b ? -1 : 1))[0] ?? ZERO;
  const base = money(least - (top - least) / 2n);
  const dollar = 10n ** 12n;
  return base > top / 4n ? money((base / dollar) * dollar) : ZERO;
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

/** The groups whose cost moved most, with their days. */
export function moversOf(groups: Groups & { readonly slotOf: SlotOf; readonly total: Money }): Row[] {
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
    const own = rows.filter((row) => (row.keys[by] ?? "") === value);
    const byDay = new Map(own.map((row) => [row.bucket, Number(row.contractedCost) / 1e12]));
    const costed = costCells({
      own,
      cost: now,
      total,
      text: texts[index] ?? "",
      receipt: toReceiptParam({
        title: dimensionValueName(by, value),
        period: context.shown.period,
        zone: context.zone,
        filter: toggleFilter(context.params.filter, by, value),
      }),
    });
    const isUnknown = before === null || (costed.isUnknown && before === 0n);
    return {
      id: value,
      cells: {
        name: { text: dimensionValueName(by, value), href: groupHref(by, value, context), slot: slotOf(value) },
        cost: costed.cost,
        share: costed.share,
        change: isUnknown
          ? { text: "–" }
          : {
              text: formatMoneyDifference(money(now - before), { currency }),
              sort: Number(now - before),
              exact: (now - before).toString(),
            },
        percent: isUnknown
          ? { text: "–" }
          : {
              text: formatChangeSigned(now, before),
              sort: before === 0n ? Number.MAX_VALUE : Number(now - before) / Number(before),
            },
        days: { text: "", spark: days.map((day) => byDay.get(day) ?? 0), slot: slotOf(value) },
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
