import type { Principal } from "../auth/principal.ts";
import { type ArchivedMonth, listArchivedMonths } from "../db/archived-months.ts";
import { type ClosedMonth, listClosedMonths } from "../db/closed-months.ts";
import { readBillingStartDay } from "../db/settings.ts";
import { formatCount, NOT_APPLICABLE } from "../format/format-count.ts";
import { formatMoneyAtLeast } from "../format/format-money.ts";
import { formatBillingPeriod, formatInstant } from "../format/format-time.ts";
import { whyNotClosable } from "../ledger/closable-month.ts";
import type {
  AfterClose,
  HeldMonth,
  LedgerMonth,
  LedgerReads,
  LedgerStats,
  ReadBackProgress,
} from "../ledger/ledger.ts";
import { type Money, money } from "../money/money.ts";
import { billingPeriodNamed } from "../time/billing-period.ts";
import { contains, type Instant, type Period, QUARTER_HOUR_MS } from "../time/instant.ts";
import { type LocalDay, startOfDay, UTC, type ZoneId } from "../time/zone.ts";
import type { StatedSources } from "./page-context.ts";
import type { Cell, Row } from "./table-model.ts";

/** A month that can be closed now, and what closing it would freeze. */
export type ClosableMonth = {
  readonly month: string;
  readonly name: string;
  readonly cost: string;
  readonly books: string;
};

/** The billing months of the ledger, newest first; null for an asker who sees single teams only: a month is closed as a whole. */
export type MonthsReport = {
  readonly rows: readonly Row[];
  /** Oldest first. */
  readonly closable: readonly ClosableMonth[];
  readonly canClose: boolean;
  /** Why archived months could not be taken in. */
  readonly failures: readonly string[];
};

/** Every billing month with its cost, whether it is closed or why it cannot be, what came after, and its file in the archive. */
export async function loadMonths(
  principal: Principal,
  sources: StatedSources,
  { zone, now }: { readonly zone: ZoneId; readonly now: Instant },
): Promise<MonthsReport | null> {
  if (principal.sees.kind !== "everything") return null;
  const { charged: ledger, state } = sources;
  // A closed month stands in the currency that it was charged in, whatever totals are stated in.
  const currency = sources.stated.book;
  const startDay = await readBillingStartDay(state.db);
  const [months, closed, allArchived, held, after, stats, readBack] = await Promise.all([
    ledger.months(startDay),
    listClosedMonths(state.db),
    listArchivedMonths(state.db),
    ledger.heldMonths(),
    ledger.afterClose(),
    ledger.stats(),
    ledger.readBack(),
  ]);
  const costs = await costsOf(ledger, principal, months);
  const periods = new Map([...months, ...closed].map(({ month, period }) => [month, period]));
  // What an earlier start day cut at other days is archived once more under the periods of now.
  const archived = allArchived.filter(({ month, period }) => {
    const now = periods.get(month) ?? billingPeriodNamed(month, startDay);
    return now?.start === period.start && now.end === period.end;
  });
  for (const { month, period } of archived) periods.set(month, period);
  const known = await Promise.all(
    [...periods]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(async ([name, period]) => {
        const month = months.find((candidate) => candidate.month === name);
        const close = closed.find((candidate) => candidate.month === name);
        const why = month && !close ? await obstacleOf(month, { ledger, stats, readBack, now }) : null;
        return {
          name,
          period,
          month,
          close,
          why,
          cost: costs.get(name),
          archive: archived.find((candidate) => candidate.month === name),
          held: held.find((candidate) => candidate.month === name),
          after: after.find((late) => late.period.start === period.start),
        };
      }),
  );
  return {
    rows: known.toReversed().map((standing) => rowOf(standing, currency, zone)),
    closable: known.flatMap(({ name, period, month, close, why, cost }) =>
      month === undefined || close !== undefined || why !== null
        ? []
        : [
            {
              month: name,
              name: formatBillingPeriod(period),
              cost: costText(cost, currency),
              books: booksText(month.bookVersions),
            },
          ],
    ),
    canClose: principal.role === "administrator",
    failures: held.flatMap(({ failure }) => (failure === "" ? [] : [failure])),
  };
}

type Cost = { readonly lower: Money; readonly upper: Money; readonly unpricedTokens: bigint };
type Standing = {
  readonly name: string;
  readonly period: Period;
  readonly month: LedgerMonth | undefined;
  readonly close: ClosedMonth | undefined;
  readonly why: string | null;
  readonly cost: Cost | undefined;
  readonly archive: ArchivedMonth | undefined;
  readonly held: HeldMonth | undefined;
  readonly after: AfterClose | undefined;
};

async function costsOf(
  ledger: LedgerReads,
  principal: Principal,
  months: readonly LedgerMonth[],
): Promise<Map<string, Cost>> {
  const [first, last] = [months[0], months.at(-1)];
  if (!first || !last) return new Map();
  const sums = await ledger.sumCharges({
    sees: principal.sees,
    period: { start: first.period.start, end: last.period.end },
    zone: UTC,
    grain: "day",
    groupBy: [],
    filter: {},
  });
  const costs = new Map<string, Cost>();
  for (const { bucket, contractedCost, contractedCostUpper, unpricedTokens } of sums) {
    const at = startOfDay(String(bucket) as LocalDay, UTC);
    const month = months.find(({ period }) => contains(period, at))?.month ?? "";
    const known = costs.get(month);
    costs.set(month, {
      lower: money((known?.lower ?? 0n) + contractedCost),
      upper: money((known?.upper ?? 0n) + contractedCostUpper),
      unpricedTokens: (known?.unpricedTokens ?? 0n) + unpricedTokens,
    });
  }
  return costs;
}

async function obstacleOf(
  { period, quarterHours }: LedgerMonth,
  {
    ledger,
    stats,
    readBack,
    now,
  }: {
    readonly ledger: LedgerReads;
    readonly stats: LedgerStats;
    readonly readBack: ReadBackProgress;
    readonly now: Instant;
  },
): Promise<string | null> {
  const known = Math.max(period.start, stats.firstQuarterHour ?? period.start);
  const isWhole = quarterHours >= (period.end - known) / QUARTER_HOUR_MS;
  const states = isWhole ? [] : await ledger.bucketStates(period, now);
  return whyNotClosable({
    period,
    isClosed: false,
    states,
    firstQuarterHour: stats.firstQuarterHour,
    readBack,
    now,
  });
}

const NONE: Cell = { text: NOT_APPLICABLE };

function rowOf(
  { name, period, month, close, why, cost, archive, held, after }: Standing,
  currency: string,
  zone: ZoneId,
): Row {
  const isMissing = held !== undefined && held.failure !== "";
  return {
    id: name,
    cells: {
      month: { text: formatBillingPeriod(period), sort: name },
      cost:
        cost === undefined || isMissing
          ? NONE
          : { text: costText(cost, currency), sort: Number(cost.lower), exact: cost.lower.toString() },
      state: stateCell(close, why, isMissing, zone),
      after: after === undefined ? NONE : afterCell(after, currency, zone),
      books: booksCell(close?.bookVersions ?? month?.bookVersions ?? []),
      rows: archive ? countCell(archive.rows) : NONE,
      bytes: archive ? { text: bytesText(archive.bytes), sort: archive.bytes, exact: String(archive.bytes) } : NONE,
      hash: archive
        ? {
            text: archive.hash.slice(0, 12),
            title: `SHA-256 ${archive.hash}, archived ${formatInstant(archive.archivedAt, zone, { withYear: true })}`,
          }
        : NONE,
    },
  };
}

function stateCell(close: ClosedMonth | undefined, why: string | null, isMissing: boolean, zone: ZoneId): Cell {
  if (isMissing) return { text: "missing: its archive cannot be used", state: "firing" };
  if (close)
    return {
      text: "closed",
      state: "ok",
      note: `${formatInstant(close.closedAt, zone, { withYear: true })} by ${close.closedBy}`,
    };
  return why === null ? { text: "open; can be closed" } : { text: "open", note: why };
}

/** Late usage of a closed month: it is in no total, so it is said what it would be. */
function afterCell({ requests, tokens, contractedCost, seenAt }: AfterClose, currency: string, zone: ZoneId): Cell {
  return {
    text: `+${formatMoneyAtLeast(contractedCost, false, currency)}`,
    note: `${formatCount(requests)} requests, ${formatCount(tokens)} tokens, in no total; last seen ${formatInstant(seenAt, zone)}`,
    sort: Number(contractedCost),
    exact: contractedCost.toString(),
    state: "watch",
  };
}

function booksCell(versions: readonly string[]): Cell {
  return versions.length === 0
    ? { ...NONE, title: "Priced before versions were kept." }
    : {
        text: versions.length === 1 ? (versions[0] ?? "") : `${versions.length} versions`,
        title: versions.join(", "),
        sort: versions.length,
      };
}

/** By what a month is priced, within a sentence. */
function booksText(versions: readonly string[]): string {
  const [only, ...others] = versions;
  if (only === undefined) return "prices of before versions were kept";
  return others.length === 0 ? `price book ${only}` : `${versions.length} versions of the price book`;
}

function countCell(count: number): Cell {
  return { text: formatCount(count), sort: count, exact: String(count) };
}

function costText(cost: Cost | undefined, currency: string): string {
  const { lower, upper, unpricedTokens } = cost ?? { lower: money(0n), upper: money(0n), unpricedTokens: 0n };
  return formatMoneyAtLeast(lower, upper > lower || unpricedTokens > 0n, currency);
}

function bytesText(bytes: number): string {
  return bytes < 1_048_576 ? `${Math.max(1, Math.round(bytes / 1_024))} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
