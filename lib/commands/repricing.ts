import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import {
  advanceRepricing,
  beginRepricing,
  finishRepricing,
  type Repricing,
  unfinishedRepricing,
} from "../db/repricings.ts";
import { formatMoney, formatMoneyBetween } from "../format/format-money.ts";
import { formatBillingPeriod, formatMonth } from "../format/format-time.ts";
import type { RepricedStretch, RepricedSum } from "../ledger/ledger.ts";
import { type Money, money, sum, toDecimal } from "../money/money.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { type KeyRepricing, keyRepricings } from "../pricing/reprice.ts";
import type { Runtime } from "../runtime.ts";
import { billingPeriodName } from "../time/billing-period.ts";
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
import { monthContaining, UTC, type ZoneId } from "../time/zone.ts";
import { audit } from "./audit.ts";

/** What re-pricing reads and writes. */
export type RepricingRoom = Pick<Runtime, "ledger" | "state" | "now" | "priceBook" | "zones" | "archive">;

/** Contracted cost of the ledger's whole past by month and team, as it stands and by the price book of now. */
export type RepricingPreview = {
  readonly bookVersion: string;
  readonly currency: string;
  readonly period: Period;
  readonly zone: ZoneId;
  /** `label` is the month, as 2026-10. */
  readonly rows: readonly RepricedSum[];
  readonly before: Money;
  readonly after: Money;
  readonly changed: number;
  /** The closed billing periods, oldest first: their charges stay as they are. */
  readonly closed: readonly Period[];
};

/** How far an act of re-pricing is. */
export type RepricingProgress = { readonly daysDone: number; readonly daysTotal: number };

export type AppliedRepricing = {
  readonly id: string;
  readonly bookVersion: string;
  readonly currency: string;
  readonly period: Period;
  readonly before: Money;
  readonly after: Money;
  /** How many charges were priced again by this call. */
  readonly changed: number;
};

const DAY_MS = 24 * HOUR_MS;
/** Days that are priced again in one transaction: short enough to be told as progress and to be stopped between. */
const DAYS_AT_ONCE = 7;

/** What the price book of now would make of the past, or null while the ledger has no usage. Nothing is written. */
export async function previewRepricing(principal: Principal, room: RepricingRoom): Promise<RepricingPreview | null> {
  requireAdministrator(principal, "change prices");
  const whole = await wholePast(room);
  if (whole === null) return null;
  const book = await room.priceBook();
  const zone = room.zones()[0] ?? UTC;
  const rows = await room.ledger.repricedSums(await changesOf(room, whole, book), monthsOf(whole, zone));
  return {
    bookVersion: book.version,
    currency: book.currency,
    period: whole,
    zone,
    rows,
    before: sum(rows.map(({ before }) => before)),
    after: sum(rows.map(({ after }) => after)),
    changed: rows.reduce((total, { changed }) => total + changed, 0),
    closed: await room.ledger.closedPeriods(),
  };
}

/**
 * Prices the whole past by the price book of now, week by week, and writes it to the audit log. What was interrupted goes on
 * where it stopped when it is asked for again. Throws when there is nothing to price or when `signal` stops it.
 */
export async function applyRepricing(
  principal: Principal,
  room: RepricingRoom,
  onProgress: (progress: RepricingProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<AppliedRepricing> {
  requireAdministrator(principal, "change prices");
  const whole = await wholePast(room);
  if (whole === null) throw new Error("The ledger has no usage yet, so there is nothing to price again.");
  const book = await room.priceBook();
  const begun = (await unfinishedRepricing(room.state.db, book.version)) ?? (await begin(room, whole, book));
  const changes = await changesOf(room, begun.period, book);
  const weeks = weeksOf(begun.period).filter(({ end }) => end > begun.doneTo);
  const daysTotal = daysIn(begun.period);
  let changed = 0;
  for (const week of weeks) {
    signal?.throwIfAborted();
    changed += await room.ledger.repriceCharges(changes, week, book.version);
    await room.state.transaction((tx) => advanceRepricing(tx, begun.id, week.end));
    onProgress({ daysDone: daysIn({ start: begun.period.start, end: week.end }), daysTotal });
  }
  await archiveAgain(room);
  const after = await costOf(principal, room, begun.period);
  await finish(principal, room, begun, after);
  const { id, period, before } = begun;
  return { id, bookVersion: book.version, currency: book.currency, period, before, after, changed };
}

type Shown = { readonly shown: string; readonly exact: string };

/** A preview as a page draws it: one line per month and team that moves, and the sums of all. */
export type RepricingPreviewView = {
  readonly months: readonly {
    readonly id: string;
    readonly month: string;
    readonly team: string;
    readonly before: Shown;
    readonly after: Shown;
    readonly difference: Shown;
  }[];
  readonly total: { readonly before: Shown; readonly after: Shown; readonly difference: Shown };
  readonly changed: number;
  readonly standing: number;
  readonly isAtLeast: boolean;
  /** Which billing periods stay as they are because they are closed, in words; null when none is. */
  readonly closed: string | null;
};

/** The texts of a preview; rows that do not move are counted and not listed. */
export function repricingView(preview: RepricingPreview): RepricingPreviewView {
  const { currency } = preview;
  const shown = (amount: Money): Shown => ({ shown: formatMoney(amount, { currency }), exact: amount.toString() });
  const sides = ({ before, after }: { readonly before: Money; readonly after: Money }) => {
    const difference = money(after - before);
    return {
      before: shown(before),
      after: shown(after),
      difference: { shown: formatMoneyBetween(before, after, { currency }), exact: difference.toString() },
    };
  };
  const moving = preview.rows.filter(({ changed }) => changed > 0);
  return {
    months: moving.map((row) => ({
      id: `${row.label} ${row.team}`,
      month: monthText(row.label),
      team: row.team || "(nobody)",
      ...sides(row),
    })),
    total: sides(preview),
    changed: preview.changed,
    standing: preview.rows.length - moving.length,
    isAtLeast: preview.rows.some(({ unpricedAfter }) => unpricedAfter > 0),
    closed: closedText(preview.closed),
  };
}

/** Closed periods in words; null for none. More than two that follow each other are told by the first and the last. */
export function closedText(closed: readonly Period[]): string | null {
  const [first, last] = [closed[0], closed.at(-1)];
  if (!first || !last) return null;
  const isUnbroken = closed.every(({ start }, index) => index === 0 || closed[index - 1]?.end === start);
  if (closed.length > 2 && isUnbroken)
    return `${formatBillingPeriod(first)} to ${formatBillingPeriod(last)}, ${closed.length} billing periods`;
  return closed.map(formatBillingPeriod).join(", ");
}

function monthText(month: string): string {
  return formatMonth(`${month}-01` as Parameters<typeof formatMonth>[0], { withYear: true });
}

async function changesOf(room: RepricingRoom, within: Period, book: PriceBook): Promise<KeyRepricing[]> {
  return keyRepricings(await room.ledger.standingKeys(within), book, await room.ledger.closedPeriods());
}

/** The closed billing periods by name, as 2026-10. */
async function closedMonths({ ledger }: RepricingRoom): Promise<string[]> {
  return (await ledger.closedPeriods()).map(billingPeriodName);
}

/** Open months that were archived before the workspace forgot them: the archive holds what they cost now. */
async function archiveAgain(room: RepricingRoom): Promise<void> {
  const closed = await closedMonths(room);
  for (const { month, period } of await room.archive.list())
    if (!closed.includes(month)) await room.archive.store(month, period);
}

async function wholePast({ ledger, now }: RepricingRoom): Promise<Period | null> {
  const { firstQuarterHour } = await ledger.stats();
  if (firstQuarterHour === null) return null;
  return { start: firstQuarterHour, end: addMs(quarterHourOf(now()), QUARTER_HOUR_MS) };
}

async function begin(room: RepricingRoom, period: Period, book: PriceBook): Promise<Repricing> {
  const stands = await room.ledger.repricedSums([], [{ label: "", within: period }]);
  const repricing: Repricing = {
    id: uuidV7(toInstant(Date.now())),
    bookVersion: book.version,
    period,
    doneTo: period.start,
    before: sum(stands.map(({ before }) => before)),
    startedAt: room.now(),
  };
  await room.state.transaction((tx) => beginRepricing(tx, repricing));
  return repricing;
}

async function finish(principal: Principal, room: RepricingRoom, begun: Repricing, after: Money): Promise<void> {
  const now = room.now();
  const leftAlone = await closedMonths(room);
  await room.state.transaction(async (tx) => {
    await finishRepricing(tx, begun.id, after, now);
    await audit(tx, principal, now, {
      action: "price_book.apply",
      id: begun.bookVersion,
      before: { cost: toDecimal(begun.before) },
      after: {
        cost: toDecimal(after),
        from: toIso(begun.period.start),
        to: toIso(begun.period.end),
        closedMonths: leftAlone,
      },
    });
  });
}

async function costOf(principal: Principal, { ledger }: RepricingRoom, period: Period): Promise<Money> {
  const sums = await ledger.sumCharges({
    sees: principal.sees,
    period,
    zone: UTC,
    grain: "total",
    groupBy: [],
    filter: {},
  });
  return sum(sums.map(({ contractedCost }) => contractedCost));
}

/** The calendar months of a zone that a period touches, each cut to the period. */
function monthsOf({ start, end }: Period, zone: ZoneId): RepricedStretch[] {
  const months: RepricedStretch[] = [];
  for (let at: Instant = start; at < end; ) {
    const month = monthContaining(at, zone);
    const to = toInstant(Math.min(end, month.end));
    months.push({ label: labelOf(month), within: { start: at, end: to } });
    at = to;
  }
  return months;
}

/** The month that lies in the middle of a month's period has its name in every zone. */
function labelOf({ start, end }: Period): string {
  return toIso(toInstant((start + end) / 2)).slice(0, 7);
}

/** A period cut at every seventh UTC midnight. */
function weeksOf({ start, end }: Period): Period[] {
  const weeks: Period[] = [];
  for (let from: Instant = start; from < end; ) {
    const to = toInstant(Math.min(end, (Math.floor(from / DAY_MS) + DAYS_AT_ONCE) * DAY_MS));
    weeks.push({ start: from, end: to });
    from = to;
  }
  return weeks;
}

function daysIn({ start, end }: Period): number {
  return Math.ceil(end / DAY_MS) - Math.floor(start / DAY_MS);
}
