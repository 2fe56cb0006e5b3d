import { formatMoney, formatMoneyDifference, formatMoneyExact } from "../format/format-money.ts";
import { formatDay } from "../format/format-time.ts";
import type { ReceiptLine } from "../ledger/ledger.ts";
import { type Money, money, sum } from "../money/money.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { pricingOf } from "../pricing/price-usage.ts";
import { resolveTokenPrice } from "../pricing/resolve-price.ts";
import { RETIREMENT_SOURCE, type Retirement, retirementOf } from "../pricing/retirements.ts";
import type { Instant } from "../time/instant.ts";
import { dayOf, daysBetween, UTC } from "../time/zone.ts";
import { keyedLines } from "./price-difference.ts";
import type { Cell, Row, State } from "./table-model.ts";

/** The models in use that Azure ends, soonest first, with what their successor would cost at the same traffic. */
export type ModelRetirements = {
  readonly rows: readonly Row[];
  /** Where the dates come from, and which models in use have none. */
  readonly note: string;
};

/** Days before a retirement from which on it is marked: Azure gives sixty days' notice. */
const SOON_DAYS = 90;

/**
 * Retirements that meet the usage of the last 30 days. `instead` is the model to compare with where Azure names no successor;
 * empty for none. Token counts are taken as they were: another model may count and answer otherwise.
 */
export function modelRetirements(
  lines: readonly ReceiptLine[],
  book: PriceBook,
  now: Instant,
  instead: string,
): ModelRetirements {
  const tokens = lines.filter(({ unit }) => unit === "token");
  const groups = [...Map.groupBy(tokens, ({ model, version, scope }) => `${model}|${version}|${scope}`).values()];
  const met = groups.flatMap((group) => {
    const first = group[0];
    const retirement = first && retirementOf(first.model, first.version);
    return first && retirement ? [{ group, first, retirement }] : [];
  });
  const without = groups.flatMap(([first]) =>
    first && first.model !== "" && !retirementOf(first.model, first.version) ? [first.model] : [],
  );
  const sorted = met.toSorted((a, b) => (a.retirement.retires < b.retirement.retires ? -1 : 1));
  const read = formatDay(RETIREMENT_SOURCE.readAt, { withYear: true });
  const unknown =
    without.length === 0 ? "" : ` No date is known there for ${[...new Set(without)].toSorted().join(", ")}.`;
  return {
    rows: sorted.map(({ group, first, retirement }) => retirementRow(group, first, retirement, book, now, instead)),
    note: `Dates of ${RETIREMENT_SOURCE.name}, read ${read}; Azure moves them.${unknown}`,
  };
}

function retirementRow(
  group: readonly ReceiptLine[],
  first: ReceiptLine,
  retirement: Retirement,
  book: PriceBook,
  now: Instant,
  instead: string,
): Row {
  const { currency } = book;
  const daysLeft = daysBetween(dayOf(now, UTC), retirement.retires);
  const state: State = daysLeft < 0 ? "firing" : daysLeft <= SOON_DAYS ? "watch" : "ok";
  const successor = retirement.successor ?? (instead === "" || instead === first.model ? null : instead);
  const isCapacity = group.every(({ pricing }) => pricing === "included");
  const stands = sum(group.map(({ contractedCost }) => contractedCost));
  const other = successor === null || isCapacity ? undefined : costOn(successor, group, book, now);
  const shown = (amount: Money, isAtLeast: boolean): Cell => ({
    text: `${isAtLeast ? "at least " : ""}${formatMoney(amount, { currency })}`,
    exact: amount.toString(),
    sort: Number(amount),
    title: formatMoneyExact(amount, currency),
  });
  const difference = other?.kind === "known" ? money(other.cost - other.before) : undefined;
  return {
    id: `${first.model}|${first.version}|${first.scope}`,
    cells: {
      model: { text: first.model, ...(first.version ? { note: first.version } : {}) },
      scope: { text: first.scope },
      retires: {
        text: formatDay(retirement.retires, { withYear: true }),
        sort: daysLeft,
        state,
        note: daysLeft < 0 ? "over: see what Azure serves now" : `in ${daysLeft} days`,
      },
      successor:
        successor === null
          ? { text: "not named" }
          : { text: successor, ...(retirement.successor === null ? { note: "to compare with" } : {}) },
      cost: isCapacity ? { text: "provisioned" } : shown(stands, group.some(isOpen)),
      instead:
        other === undefined
          ? { text: "–" }
          : other.kind === "unknown"
            ? { text: "unknown", title: other.reason }
            : shown(other.cost, other.isAtLeast),
      difference:
        difference === undefined
          ? { text: "–" }
          : {
              text: formatMoneyDifference(difference, { currency }),
              exact: difference.toString(),
              sort: Number(difference),
              ...(other?.kind === "known" && other.isAtLeast ? { note: "at the lower prices" } : {}),
            },
    },
  };
}

function isOpen({ pricing }: ReceiptLine): boolean {
  return pricing === "unpriced" || pricing === "range";
}

type SuccessorCost =
  | { readonly kind: "known"; readonly cost: Money; readonly before: Money; readonly isAtLeast: boolean }
  | { readonly kind: "unknown"; readonly reason: string };

/** What the lines would cost on another model today: same scope, region, mode, kind and modality, band by band. */
function costOn(successor: string, group: readonly ReceiptLine[], book: PriceBook, now: Instant): SuccessorCost {
  const keyed = keyedLines(group, book);
  if (keyed.length === 0) return { kind: "unknown", reason: "its own usage has no price to compare with" };
  let [cost, before] = [0n, 0n];
  let isAtLeast = group.some(isOpen);
  for (const { line, key } of keyed) {
    const asked = {
      ...key,
      model: successor,
      version: "",
      contextBand: key.contextBand === "any" ? "short" : key.contextBand,
    } as const;
    const pricing = pricingOf(line.quantity, resolveTokenPrice(asked, now, book));
    if (!("contractedCost" in pricing)) {
      const kind = key.tokenKind.replace("_", " ");
      return { kind: "unknown", reason: `${successor} has no price for ${kind} at ${key.scope} and ${key.mode}` };
    }
    cost += pricing.contractedCost;
    before += line.contractedCost;
    isAtLeast ||= pricing.pricing === "range";
  }
  return { kind: "known", cost: money(cost), before: money(before), isAtLeast };
}
