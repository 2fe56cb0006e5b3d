import { formatCount } from "../format/format-count.ts";
import { formatMoney, formatMoneyExact } from "../format/format-money.ts";
import type { ChargeFilter, ChargeSum } from "../ledger/charge-query.ts";
import { type Money, sum } from "../money/money.ts";
import type { Row } from "./table-model.ts";

/** What a question about the parts of capacity groups by; `source` tells who pays: the inventory's hour or a reservation. */
export const CAPACITY_SPLIT = ["part", "source"] as const;

/** Everything but tokens, besides what else is filtered. */
export function capacityFilter(filter: ChargeFilter): ChargeFilter {
  return { ...filter, part: { include: ["used", "idle", "unused"] } };
}

const LINES = [
  { part: "used", source: "reservation", name: "Used", paid: "reserved" },
  { part: "used", source: "inventory", name: "Used", paid: "by the hour" },
  { part: "idle", source: "reservation", name: "Idle: deployed, not loaded", paid: "reserved" },
  { part: "idle", source: "inventory", name: "Idle: deployed, not loaded", paid: "by the hour" },
  { part: "unused", source: "reservation", name: "Unused: reserved, not deployed", paid: "reserved" },
] as const;

/** Used, idle and unused capacity as rows, each by who pays for it; the costs add up to the cost of the capacity. */
export function capacityRows(sums: readonly ChargeSum[], currency: string): Row[] {
  const whole = sum(sums.map(({ contractedCost }) => contractedCost));
  return LINES.flatMap(({ part, source, name, paid }): Row[] => {
    const rows = sums.filter(({ keys }) => keys.part === part && keys.source === source);
    if (rows.length === 0) return [];
    const cost = sum(rows.map(({ contractedCost }) => contractedCost));
    const minutes = rows.reduce((total, { capacityUnitMinutes }) => total + capacityUnitMinutes, 0n);
    return [
      {
        id: `${part}-${source}`,
        cells: {
          part: { text: name },
          paid: { text: paid },
          hours: { text: formatCount(minutes / 60n), exact: minutes.toString(), sort: Number(minutes) },
          cost: {
            text: formatMoney(cost, { currency }),
            title: formatMoneyExact(cost, currency),
            exact: cost.toString(),
            sort: Number(cost),
            share: shareOf(cost, whole),
          },
        },
      },
    ];
  });
}

function shareOf(part: Money, whole: Money): number {
  return whole === 0n ? 0 : Number((part * 10_000n) / whole) / 10_000;
}
