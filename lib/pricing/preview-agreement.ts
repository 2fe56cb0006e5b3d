import { type Money, money } from "../money/money.ts";
import { costOf, discounted } from "../money/unit-price.ts";
import type { Instant } from "../time/instant.ts";
import { readRegion } from "./model-name.ts";
import { type NegotiatedPrice, negotiatedFor } from "./negotiated-price.ts";
import type { PriceBook } from "./price-book.ts";
import type { PriceRow } from "./price-row.ts";

/** What one team used of one meter at one place on one day, as it was charged. `units` are tokens, or PTU (or deployments) × minutes. */
export type ChargedUsage = {
  readonly team: string;
  readonly at: Instant;
  readonly meterName: string;
  readonly scope: string;
  readonly region: string;
  readonly tokenKind: string;
  readonly units: bigint;
  readonly listCost: Money;
  readonly contractedCost: Money;
};

/** The cost of a team before and after. */
export type AgreementEffect = { readonly team: string; readonly before: Money; readonly after: Money };

export type AgreementPreview = {
  readonly teams: readonly AgreementEffect[];
  readonly before: Money;
  readonly after: Money;
  /** The meters whose price moves. */
  readonly meters: readonly string[];
};

/**
 * What charged usage would cost with other agreements than those of the book: only what another agreement covers moves, the
 * rest stands as it was charged. Discounts are taken from the list cost that was charged, prices from the units, each rounded
 * once. Nothing is written.
 */
export function previewAgreements(
  usage: readonly ChargedUsage[],
  book: PriceBook,
  agreements: readonly NegotiatedPrice[],
): AgreementPreview {
  const byMeter = Map.groupBy(book.rows, ({ meterName }) => meterName);
  const meters = new Set<string>();
  const teams = new Map<string, { before: Money; after: Money }>();
  for (const one of usage) {
    const row = rowOf(one, byMeter);
    const region = readRegion(one.region);
    const before = row && negotiatedFor(row, region, one.at, book.negotiated);
    const after = row && negotiatedFor(row, region, one.at, agreements);
    const moves = row !== undefined && !isSame(before, after);
    const cost = moves ? costUnder(after, row, one) : one.contractedCost;
    if (moves && cost !== one.contractedCost) meters.add(one.meterName);
    const team = teams.get(one.team) ?? { before: money(0n), after: money(0n) };
    teams.set(one.team, {
      before: money(team.before + one.contractedCost),
      after: money(team.after + cost),
    });
  }
  const rows = [...teams].map(([team, costs]) => ({ team, ...costs }));
  return {
    teams: rows.toSorted((a, b) => (a.before === b.before ? (a.team < b.team ? -1 : 1) : a.before < b.before ? 1 : -1)),
    before: rows.reduce((total, { before }) => money(total + before), money(0n)),
    after: rows.reduce((total, { after }) => money(total + after), money(0n)),
    meters: [...meters].toSorted(),
  };
}

function rowOf(usage: ChargedUsage, byMeter: ReadonlyMap<string, readonly PriceRow[]>): PriceRow | undefined {
  return byMeter
    .get(usage.meterName)
    ?.find((row) => row.scope === usage.scope && (row.measure !== "token" || row.tokenKind === usage.tokenKind));
}

function isSame(a: NegotiatedPrice | undefined, b: NegotiatedPrice | undefined): boolean {
  if (!a || !b) return a === b;
  if (a.id !== b.id || a.terms.kind !== b.terms.kind) return false;
  if (a.terms.kind === "discount") return b.terms.kind === "discount" && a.terms.percent === b.terms.percent;
  return (
    b.terms.kind === "price" &&
    a.terms.price.numerator === b.terms.price.numerator &&
    a.terms.price.denominator === b.terms.price.denominator
  );
}

function costUnder(agreement: NegotiatedPrice | undefined, row: PriceRow, usage: ChargedUsage): Money {
  if (!agreement) return usage.listCost;
  if (agreement.terms.kind === "price") {
    const { numerator, denominator } = agreement.terms.price;
    // Capacity is counted by the minute and priced by the hour.
    return costOf(usage.units, { numerator, denominator: row.measure === "token" ? denominator : denominator * 60n });
  }
  return costOf(usage.listCost, discounted({ numerator: 1n, denominator: 1n }, agreement.terms.percent));
}
