import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { appendAudit } from "../db/audit-log.ts";
import {
  advanceRepricing,
  beginRepricing,
  finishRepricing,
  type Repricing,
  unfinishedRepricing,
} from "../db/repricings.ts";
import type { StandingRow } from "../ledger/ledger.ts";
import { type Money, sum, toDecimal } from "../money/money.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { pricingOf } from "../pricing/price-usage.ts";
import type { Pricing } from "../pricing/priced-usage.ts";
import { type RepricingPreview, type RepricingRow, sumRepriced } from "../pricing/reprice.ts";
import { resolveHourPrice, resolveTokenPrice } from "../pricing/resolve-price.ts";
import type { Runtime } from "../runtime.ts";
import {
  addMs,
  HOUR_MS,
  type Instant,
  type Period,
  QUARTER_HOUR_MS,
  quarterHourOf,
  toInstant,
  toIso,
} from "../time/instant.ts";
import { uuidV7 } from "../time/uuid-v7.ts";
import { dayOf, UTC, type ZoneId } from "../time/zone.ts";
import type { CommandIo, ExitCode } from "./command.ts";

const DAY_MS = 24 * HOUR_MS;

/** No month can be closed yet. A closed month would stand here, and its charges would stay as they are. */
const CLOSED_MONTHS: ReadonlySet<string> = new Set();

/**
 * Prices the whole past by the price book of today: a preview by month and team, and with `isApplied` the act itself, day
 * by day. An act that was interrupted goes on where it stopped when the same command runs again.
 */
export async function reprice(isApplied: boolean, io: CommandIo): Promise<ExitCode> {
  const runtime = await io.runtime();
  const book = await runtime.priceBook();
  const { firstQuarterHour } = await runtime.ledger.stats();
  if (firstQuarterHour === null) {
    io.err("The ledger has no usage yet, so there is nothing to price again.\n");
    return 1;
  }
  const period = { start: firstQuarterHour, end: addMs(quarterHourOf(runtime.now()), QUARTER_HOUR_MS) };
  const zone = runtime.zones()[0] ?? UTC;
  const preview = await previewOf(runtime, period, book, zone, io);
  if (!isApplied) {
    await io.out(`${JSON.stringify({ applied: false, ...report(preview, book, period, zone) }, null, 2)}\n`);
    io.err("No month can be closed yet, so every month is open and would move.\n");
    io.err("Nothing was changed. Apply it with npm run prices -- reprice --apply.\n");
    return 0;
  }
  const begun = (await unfinishedRepricing(runtime.state.db, book.version)) ?? (await begin(runtime, period, preview));
  const failure = await applyTo(begun, runtime, io);
  if (failure !== undefined) {
    io.err(`${failure}\nRun npm run prices -- reprice --apply again to go on from there.\n`);
    return 1;
  }
  const after = await costOf(runtime, begun.period);
  const now = runtime.now();
  await runtime.state.transaction(async (tx) => {
    await finishRepricing(tx, begun.id, after, now);
    await appendAudit(tx, {
      at: now,
      actorId: LOCAL_ADMINISTRATOR.id,
      actorName: LOCAL_ADMINISTRATOR.name,
      action: "price_book.apply",
      subjectKind: "price_book",
      subjectId: book.version,
      before: { cost: toDecimal(begun.before) },
      after: {
        cost: toDecimal(after),
        from: toIso(begun.period.start),
        to: toIso(begun.period.end),
        closedMonths: [...CLOSED_MONTHS],
      },
    });
  });
  const applied = { id: begun.id, before: toDecimal(begun.before), after: toDecimal(after) };
  await io.out(
    `${JSON.stringify({ ...report(preview, book, begun.period, zone), applied: true, ...applied }, null, 2)}\n`,
  );
  return 0;
}

/** The charges of one UTC day as they would be; the sums of a quarter hour are rounded once. */
export function repricedRows(rows: readonly StandingRow[], book: PriceBook, zone: ZoneId): RepricingRow[] {
  return rows.map((row) => {
    const pricing = pricingAgain(row, book);
    const after = pricing === undefined ? row.contractedCost : lowerCost(pricing);
    return {
      month: dayOf(row.quarterHour, zone).slice(0, 7),
      team: row.team,
      before: row.contractedCost,
      after,
      charges: row.charges,
      changed:
        after !== row.contractedCost || (pricing !== undefined && pricing.pricing !== row.pricing) ? row.charges : 0,
      unpricedAfter: (pricing?.pricing ?? row.pricing) === "unpriced" ? row.charges : 0,
    };
  });
}

/** Sources that tell a prompt without its cached part. */
const UNSPLIT_SOURCES: ReadonlySet<string> = new Set(["metric", "request_response", "gateway"]);

/** Undefined for what stands whatever the prices: included tokens, and the unused part of a reservation. */
function pricingAgain(row: StandingRow, book: PriceBook): Pricing | undefined {
  const { key, part, quantity, quarterHour } = row;
  if (row.pricing === "included" || part === "unused") return undefined;
  if (part === "usage") {
    const isShareUnknown = key.tokenKind === "input" && (row.note === "cachedShare" || UNSPLIT_SOURCES.has(row.source));
    return pricingOf(quantity, resolveTokenPrice(key, quarterHour, book, isShareUnknown));
  }
  const { model, version, scope, region } = key;
  const measure = /hosting/i.test(row.meter) ? "hosting_hour" : "ptu_hour";
  return pricingOf(quantity, resolveHourPrice({ model, version, scope, region, measure }, quarterHour, book), 60n);
}

function lowerCost(pricing: Pricing): Money {
  return "contractedCost" in pricing ? pricing.contractedCost : sum([]);
}

async function previewOf(
  runtime: Runtime,
  period: Period,
  book: PriceBook,
  zone: ZoneId,
  io: CommandIo,
): Promise<RepricingPreview> {
  const repriced: RepricingRow[] = [];
  for (const day of daysOf(period)) {
    io.signal.throwIfAborted();
    const rows = repricedRows(await runtime.ledger.standingCharges(day), book, zone);
    // A day's rows by team are few; keeping every charge of ninety days would not be.
    repriced.push(...sumRepriced(rows, book.version, CLOSED_MONTHS).rows);
  }
  return sumRepriced(repriced, book.version, CLOSED_MONTHS);
}

async function begin(runtime: Runtime, period: Period, preview: RepricingPreview): Promise<Repricing> {
  const repricing: Repricing = {
    id: uuidV7(toInstant(Date.now())),
    bookVersion: preview.bookVersion,
    period,
    doneTo: period.start,
    before: preview.before,
    startedAt: runtime.now(),
  };
  await runtime.state.transaction((tx) => beginRepricing(tx, repricing));
  return repricing;
}

/** Recomputes day after day; what happened when a day could not be, or undefined. */
async function applyTo(repricing: Repricing, runtime: Runtime, io: CommandIo): Promise<string | undefined> {
  const days = daysOf({ start: repricing.doneTo, end: repricing.period.end });
  if (repricing.doneTo > repricing.period.start) io.err(`Going on at ${toIso(repricing.doneTo)}.\n`);
  for (const [index, day] of days.entries()) {
    if (io.signal.aborted) return `Stopped before ${toIso(day.start)}.`;
    const { failures } = await runtime.ingestion.recompute(day, runtime.now(), io.signal);
    if (failures[0] !== undefined) return `${toIso(day.start).slice(0, 10)} could not be priced again: ${failures[0]}`;
    await runtime.state.transaction((tx) => advanceRepricing(tx, repricing.id, day.end));
    io.err(`${toIso(day.start).slice(0, 10)} priced again (${index + 1} of ${days.length} days)\n`);
  }
  return undefined;
}

async function costOf(runtime: Runtime, period: Period): Promise<Money> {
  const sums = await runtime.ledger.sumCharges({
    sees: LOCAL_ADMINISTRATOR.sees,
    period,
    zone: UTC,
    grain: "total",
    groupBy: [],
    filter: {},
  });
  return sum(sums.map(({ contractedCost }) => contractedCost));
}

/** A period cut at every UTC midnight. */
function daysOf({ start, end }: Period): Period[] {
  const days: Period[] = [];
  for (let from: Instant = start; from < end; ) {
    const to = toInstant(Math.min(end, (Math.floor(from / DAY_MS) + 1) * DAY_MS));
    days.push({ start: from, end: to });
    from = to;
  }
  return days;
}

function report(preview: RepricingPreview, { currency, version }: PriceBook, period: Period, zone: ZoneId) {
  return {
    bookVersion: version,
    currency,
    from: toIso(period.start),
    to: toIso(period.end),
    monthsOf: zone,
    before: toDecimal(preview.before),
    after: toDecimal(preview.after),
    closedMonths: preview.closedMonths,
    rows: preview.rows.map((row) => ({ ...row, before: toDecimal(row.before), after: toDecimal(row.after) })),
  };
}
