import { type Money, money } from "../money/money.ts";
import type { UsageFact } from "../usage/usage-fact.ts";
import type { PriceBook } from "./price-book.ts";
import { priceUsage } from "./price-usage.ts";
import type { Pricing } from "./priced-usage.ts";

/** A charge as it stands: its fact, its pricing, the team that owns it and the calendar month that it belongs to. */
export type StandingCharge = {
  readonly fact: UsageFact;
  readonly pricing: Pricing;
  readonly team: string;
  readonly month: string;
};

/** Contracted cost of one month and team before and after; `unpricedAfter` counts charges that still have no price. */
export type RepricingRow = {
  readonly month: string;
  readonly team: string;
  readonly before: Money;
  readonly after: Money;
  readonly charges: number;
  readonly changed: number;
  readonly unpricedAfter: number;
};

/** What re-pricing would do. `closedMonths` are named and never move: their charges stand as they are. */
export type RepricingPreview = {
  readonly bookVersion: string;
  readonly rows: readonly RepricingRow[];
  readonly before: Money;
  readonly after: Money;
  readonly closedMonths: readonly string[];
};

/** Prices standing charges by another price book and compares, by month and team. Nothing is written. */
export function previewRepricing(
  charges: Iterable<StandingCharge>,
  book: PriceBook,
  closedMonths: ReadonlySet<string>,
): RepricingPreview {
  const repriced = [...charges].map(({ fact, pricing, team, month }): RepricingRow => {
    const after = closedMonths.has(month) || pricing.pricing === "included" ? pricing : priceUsage(fact, book);
    const [costBefore, costAfter] = [contractedOf(pricing), contractedOf(after)];
    return {
      month,
      team,
      before: costBefore,
      after: costAfter,
      charges: 1,
      changed: costBefore !== costAfter || pricing.pricing !== after.pricing ? 1 : 0,
      unpricedAfter: after.pricing === "unpriced" ? 1 : 0,
    };
  });
  return sumRepriced(repriced, book.version, closedMonths);
}

/** Adds up repriced charges by month and team; those of a closed month stay as they stand. */
export function sumRepriced(
  repriced: Iterable<RepricingRow>,
  bookVersion: string,
  closedMonths: ReadonlySet<string>,
): RepricingPreview {
  const rows = new Map<string, { -readonly [Name in keyof RepricingRow]: RepricingRow[Name] }>();
  const closed = new Set<string>();
  for (const { month, team, before, after, charges, changed, unpricedAfter } of repriced) {
    const isClosed = closedMonths.has(month);
    if (isClosed) closed.add(month);
    const id = `${month}|${team}`;
    const row = rows.get(id) ?? {
      month,
      team,
      before: money(0n),
      after: money(0n),
      charges: 0,
      changed: 0,
      unpricedAfter: 0,
    };
    row.before = money(row.before + before);
    row.after = money(row.after + (isClosed ? before : after));
    row.charges += charges;
    row.changed += isClosed ? 0 : changed;
    row.unpricedAfter += unpricedAfter;
    rows.set(id, row);
  }
  const sorted = [...rows.values()].toSorted((a, b) =>
    a.month === b.month ? (a.team < b.team ? -1 : 1) : a.month < b.month ? -1 : 1,
  );
  return {
    bookVersion,
    rows: sorted,
    before: total(sorted, "before"),
    after: total(sorted, "after"),
    closedMonths: [...closed].toSorted(),
  };
}

function contractedOf(pricing: Pricing): Money {
  return "contractedCost" in pricing ? pricing.contractedCost : money(0n);
}

function total(rows: readonly RepricingRow[], side: "before" | "after"): Money {
  return money(rows.reduce((sum, row) => sum + row[side], 0n));
}
