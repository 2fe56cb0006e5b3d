import { formatCount, formatCountShort } from "../format/format-count.ts";
import { formatMoneyDifference, formatMoneyExact } from "../format/format-money.ts";
import { formatDay } from "../format/format-time.ts";
import type { ReceiptLine } from "../ledger/ledger.ts";
import { sum } from "../money/money.ts";
import { readRegion } from "../pricing/model-name.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import {
  diffPrices,
  type MonthlyVolume,
  type PriceChange,
  type PriceDrift,
  priceDrift,
} from "../pricing/price-changes.ts";
import type { TokenPriceRow } from "../pricing/price-row.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import { dayOf, UTC } from "../time/zone.ts";
import type { PriceKey } from "../usage/price-key.ts";
import { type Amount, amountOf } from "./amount.ts";
import { unitPriceCell } from "./price-text.ts";
import type { Cell, Row } from "./table-model.ts";

/** What a change means in words, worst first: `gpt-5.6-sol output Global -20.0 % from 1 Sep 2026`, and the money a month. */
export type DriftSentence = {
  /** Two changes may read alike; this tells them apart. */
  readonly id: string;
  readonly text: string;
  readonly direction: "dearer" | "cheaper";
  readonly monthly: Amount;
  readonly monthlyText: string;
};

export type PriceDifference = {
  readonly rows: readonly Row[];
  readonly changes: number;
  /** Says so when more prices change than there are rows; those in use come first. */
  readonly note: string | null;
  readonly sentences: readonly DriftSentence[];
  /** All changes together at the volume of the last 30 days; null when none of them meets any. */
  readonly total: { readonly amount: Amount; readonly text: string } | null;
};

const MOST_ROWS = 40;
const MOST_SENTENCES = 6;

/** What the price book changes between two days, and what that means a month for the traffic of `lines`. */
export function priceDifference(
  book: PriceBook,
  from: Instant,
  to: Instant,
  lines: readonly ReceiptLine[],
): PriceDifference {
  const changes = diffPrices(book, from, to);
  const drifts = priceDrift(changes, volumesOf(lines, book));
  const byChange = Map.groupBy(drifts, ({ change }) => change);
  const touched = [...byChange].map(([change, group]) => ({ change, ...effectOf(group) }));
  const met = touched.toSorted((a, b) => compareMagnitude(b.monthly, a.monthly));
  const others = changes.filter((change) => !byChange.has(change));
  const total = sum(met.map(({ monthly }) => monthly));
  return {
    rows: [
      ...met.map(({ change, monthly, tokens }, index) => changeRow(change, `m${index}`, book, { monthly, tokens })),
      ...others.map((change, index) => changeRow(change, `o${index}`, book, null)),
    ].slice(0, MOST_ROWS),
    changes: changes.length,
    note:
      changes.length > MOST_ROWS
        ? `${formatCount(changes.length)} prices change; the first ${MOST_ROWS} are shown, those in use before the others.`
        : null,
    sentences: met.slice(0, MOST_SENTENCES).map(({ change, monthly }, index) => ({
      id: `m${index}`,
      text: sentenceOf(change, from, to, byChange.get(change) ?? []),
      direction: monthly < 0n ? "cheaper" : "dearer",
      monthly: amountOf(monthly, book.currency),
      monthlyText: formatMoneyDifference(monthly, { currency: book.currency }),
    })),
    total:
      met.length === 0
        ? null
        : {
            amount: amountOf(total, book.currency),
            text: formatMoneyDifference(total, { currency: book.currency }),
          },
  };
}

/** The tokens of receipt lines under the complete key of the meter that priced them. */
export function volumesOf(lines: readonly ReceiptLine[], book: PriceBook): MonthlyVolume[] {
  const volumes = keyedLines(lines, book).map(({ line, key }): MonthlyVolume => ({ key, tokens: line.quantity }));
  return [...Map.groupBy(volumes, ({ key }) => JSON.stringify(Object.values(key))).values()].flatMap((group) => {
    const first = group[0];
    return first ? [{ key: first.key, tokens: group.reduce((total, { tokens }) => total + tokens, 0n) }] : [];
  });
}

/** The priced token lines of a receipt, each with the complete key of the meter that priced it. */
export function keyedLines(
  lines: readonly ReceiptLine[],
  book: PriceBook,
): { readonly line: ReceiptLine; readonly key: PriceKey }[] {
  const byMeter = Map.groupBy(
    book.rows.filter((row): row is TokenPriceRow => row.measure === "token"),
    (row) => row.meterName,
  );
  return lines.flatMap((line) => {
    if (line.unit !== "token" || line.line === null) return [];
    const region = readRegion(line.region);
    const row = byMeter
      .get(line.line.meterName)
      ?.find((one) => one.scope === line.scope && one.tokenKind === line.tokenKind);
    if (!row) return [];
    const { version, scope, mode, contextBand, tokenKind, modality } = row;
    const model = row.tuning === "base" ? row.model : `${row.model}.ft-`;
    const key = { model, version, scope, mode, contextBand, tokenKind, modality, region: keyRegion(row, region) };
    return [{ line, key }];
  });
}

/** A Global price is the same in every region, so a region that the list does not name takes the first one that it does. */
function keyRegion(row: TokenPriceRow, region: string): string {
  if (row.regions === "everywhere") return "";
  if (row.regions.has(region) || row.scope !== "Global") return region;
  return [...row.regions][0] ?? region;
}

function effectOf(group: readonly PriceDrift[]) {
  return {
    monthly: sum(group.map(({ monthly }) => monthly)),
    tokens: group.reduce((total, { tokens }) => total + tokens, 0n),
  };
}

function changeRow(
  change: PriceChange,
  id: string,
  book: PriceBook,
  effect: { readonly monthly: ReturnType<typeof sum>; readonly tokens: bigint } | null,
): Row {
  const { key, regions, before, after } = change;
  const none: Cell = { text: "none" };
  return {
    id,
    cells: {
      model: { text: key.model, ...(key.version ? { note: key.version } : {}) },
      kind: {
        text: `${key.tokenKind.replace("_", " ")}${key.modality === "text" ? "" : ` ${key.modality}`}`,
        ...(key.contextBand === "any" ? {} : { note: `${key.contextBand} context` }),
      },
      scope: { text: key.scope, ...(key.mode === "standard" ? {} : { note: key.mode }) },
      regions: {
        text: regions.length === 1 ? regions[0] || "everywhere" : `${regions.length} regions`,
        title: regions.join(", "),
      },
      before: before ? unitPriceCell(before.contractedUnitPrice, book.currency) : none,
      after: after ? unitPriceCell(after.contractedUnitPrice, book.currency) : none,
      change: {
        text: change.basisPoints === null ? (before ? "ends" : "new") : percentText(change.basisPoints),
        ...(change.basisPoints === null
          ? {}
          : { sort: Number(change.basisPoints), exact: change.basisPoints.toString() }),
      },
      volume: effect
        ? {
            text: formatCountShort(effect.tokens),
            title: `${formatCount(effect.tokens)} tokens in the last 30 days`,
            exact: effect.tokens.toString(),
            sort: Number(effect.tokens),
          }
        : { text: "not used" },
      monthly: effect
        ? {
            text: formatMoneyDifference(effect.monthly, { currency: book.currency }),
            exact: effect.monthly.toString(),
            sort: Number(effect.monthly),
            title: formatMoneyExact(effect.monthly, book.currency),
          }
        : { text: "–" },
    },
  };
}

function sentenceOf(change: PriceChange, from: Instant, to: Instant, met: readonly PriceDrift[]): string {
  const { key, before, after } = change;
  const parts = [
    key.model,
    ...(key.version === "" ? [] : [key.version]),
    ...(key.contextBand === "any" ? [] : [`${key.contextBand} context`]),
    ...(key.mode === "standard" ? [] : [key.mode]),
    key.tokenKind.replace("_", " "),
    // Global costs the same everywhere, so only other scopes have a place.
    key.scope === "Global" ? key.scope : `${key.scope} in ${[...new Set(met.map(({ region }) => region))].join(", ")}`,
    change.basisPoints === null ? "" : percentText(change.basisPoints),
  ];
  if (after?.layer === "negotiated" || before?.layer === "negotiated")
    return `${parts.filter(Boolean).join(" ")} with the negotiated prices of both days`;
  const begins = after && after.validFrom > from && after.validFrom <= to ? after.validFrom : null;
  const day = begins === null ? "" : ` from ${formatDay(dayOf(toInstant(begins), UTC), { withYear: true })}`;
  return `${parts.filter(Boolean).join(" ")}${day}`;
}

/** `-20.0 %`, `+12.5 %` from hundredths of a percent. */
export function percentText(basisPoints: bigint): string {
  const magnitude = basisPoints < 0n ? -basisPoints : basisPoints;
  const tenths = (magnitude + 5n) / 10n;
  return `${basisPoints < 0n ? "-" : "+"}${tenths / 10n}.${tenths % 10n}\u00a0%`;
}

function compareMagnitude(a: bigint, b: bigint): number {
  const [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  return x < y ? -1 : x > y ? 1 : 0;
}
