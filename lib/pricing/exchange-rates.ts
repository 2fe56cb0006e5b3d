import type { DatedRate, RatePair } from "../money/exchange-rates.ts";
import { readCsv } from "./csv.ts";
import { readDecimal } from "./reconcile/exact-decimal.ts";

/** Exchange rates that cannot be used: the row and why. Nothing of the file is used. */
export class ExchangeRateError extends Error {
  override readonly name = "ExchangeRateError";
}

/** So that a charge times a rate stays within the whole numbers that the ledger sums with. */
const MOST_DIGITS = 18;
const BEYOND_DIGITS = 10n ** BigInt(MOST_DIGITS);

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/**
 * Reads dated exchange rates: a CSV with the columns `date,from,to,rate` and, where somebody noted it, `source`. A rate
 * counts from its UTC day until the next one of its pair. Throws an ExchangeRateError at the first row that cannot be used.
 */
export function readExchangeRates(text: string, name: string): RatePair[] {
  const table = readCsv(text);
  const missing = ["date", "from", "to", "rate"].filter((column) => !table.headers.includes(column));
  if (missing.length > 0) throw new ExchangeRateError(`${name}: the column ${missing.join(", ")} is missing.`);
  const [cut] = table.refused;
  if (cut) throw new ExchangeRateError(`${name}, line ${cut.row}: ${cut.reason}.`);
  const pairs = new Map<string, { from: string; to: string; rates: DatedRate[] }>();
  for (const { line, cells } of table.records) {
    const refuse = (reason: string) => new ExchangeRateError(`${name}, line ${line}: ${reason}.`);
    const { date = "", from = "", to = "", rate = "", source = "" } = cells;
    if (!isDay(date)) throw refuse(`the date "${date}" is none; write it as 2026-11-01`);
    for (const code of [from, to]) if (!CURRENCIES.has(code)) throw refuse(`"${code}" is no currency of ISO 4217`);
    if (from === to) throw refuse(`${from} to itself needs no rate`);
    const exact = readDecimal(rate);
    if (!exact || exact.numerator <= 0n) throw refuse(`the rate "${rate}" is not a positive number`);
    if (exact.numerator >= BEYOND_DIGITS || exact.denominator >= BEYOND_DIGITS)
      throw refuse(`the rate "${rate}" has more than ${MOST_DIGITS} digits, which no published rate has`);
    const pair = pairs.get(`${from}${to}`) ?? { from, to, rates: [] };
    if (pair.rates.some(({ day }) => day === date)) throw refuse(`${from} to ${to} has two rates on ${date}`);
    pair.rates.push({ day: date, ...exact, text: rate, source: source || name });
    pairs.set(`${from}${to}`, pair);
  }
  return [...pairs.values()].map((pair) => ({
    ...pair,
    rates: pair.rates.toSorted((a, b) => (a.day < b.day ? -1 : 1)),
  }));
}

function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text;
}
