import type { Principal } from "../auth/principal.ts";
import { readSettings, type Theme } from "../db/settings.ts";
import { formatDay } from "../format/format-time.ts";
import { convertedLedger } from "../ledger/converted-ledger.ts";
import type { LedgerReads, ReadBackProgress, SourceClock } from "../ledger/ledger.ts";
import { dataReach, sourceStandings } from "../ledger/source-standing.ts";
import type { Reporting } from "../money/exchange-rates.ts";
import { getRuntime, type Runtime } from "../runtime.ts";
import { type Instant, type Period, quarterHourOf, toInstant } from "../time/instant.ts";
import {
  addDays,
  dayOf,
  type FiscalStart,
  type LocalDay,
  periodOfDays,
  startOfDay,
  type ZoneId,
} from "../time/zone.ts";
import { comparedDays, daysOf, type ReportParams } from "../url/report-params.ts";
import { sourceName } from "./source-name.ts";

/** What a loader reads from; a test hands in its own. */
export type ReportSources = Pick<Runtime, "state" | "now" | "mode" | "env" | "zones" | "reporting"> & {
  readonly ledger: LedgerReads;
};

/** A stretch of whole days in the page's zone: `from` inside, `to` outside, and the same as instants. */
export type DayStretch = { readonly from: LocalDay; readonly to: LocalDay; readonly period: Period };

/** What every page knows before it asks its own question. */
export type PageContext = {
  readonly params: ReportParams;
  readonly now: Instant;
  readonly today: LocalDay;
  readonly zone: ZoneId;
  readonly reportingZone: ZoneId;
  readonly zones: readonly ZoneId[];
  readonly fiscalStart: FiscalStart;
  readonly theme: Theme;
  /** What totals are stated in; `currencyNote` says why it is not the one that somebody wanted. */
  readonly currency: string;
  readonly currencyNote: string | null;
  readonly mode: Runtime["mode"];
  readonly shown: DayStretch;
  readonly compared: DayStretch | null;
  /** Why days that were asked for are not compared with; null when they are, and when nobody asked. */
  readonly comparedNote: string | null;
  /** What is missing in the shown days because the ledger does not reach them; null when nothing is. */
  readonly shownNote: string | null;
  readonly clock: DataClock;
};

/** How far the figures of a page are complete: the oldest source that they rest on; `late` names those that hold them back. */
export type DataClock = {
  readonly state: "current" | "late" | "failed" | "empty";
  readonly dataTo: Instant | null;
  readonly late: readonly string[];
  readonly readBack: ReadBackProgress;
};

/** Sources whose ledger sums in the reporting currency; `charged` is the ledger in the currency of the charges. */
export type StatedSources = ReportSources & { readonly charged: LedgerReads; readonly stated: Reporting };

/** The runtime, unless a test hands in its own sources, with its sums in the currency that totals are stated in. */
export async function sourcesOr(given: ReportSources | undefined): Promise<StatedSources> {
  const sources = given ?? (await getRuntime());
  const stated = await sources.reporting();
  const { ledger: charged } = sources;
  return { ...sources, stated, charged, ledger: stated.pair ? convertedLedger(charged, stated.pair) : charged };
}

/** Resolves the period, the zone, the comparison and the data clock for one request; `now` is read here, once. */
export async function loadPageContext(
  _principal: Principal,
  params: ReportParams,
  sources: ReportSources,
): Promise<PageContext> {
  const now = sources.now();
  const [reporting, settings, clocks, readBack] = await Promise.all([
    sources.reporting(),
    readSettings(sources.state.db, {
      zone: sources.env.REPORT_TIME_ZONE,
      fiscalStart: sources.env.FISCAL_YEAR_START,
      theme: "system",
    }),
    sources.ledger.sourceClocks(),
    sources.ledger.readBack(),
  ]);
  const zone = params.zone ?? settings.zone;
  const shown = stretch(daysOf(params.period, now, zone), zone);
  const days = comparedDays(params.period, params.compare, now, zone);
  const compared = days ? comparedStretch(days, shown, now, zone) : null;
  const since = readSince(readBack, now);
  const isRead = ({ period }: DayStretch) => since === null || period.start >= since;
  const sinceText = since === null ? "" : formatDay(dayOf(since, zone), { withYear: true });
  return {
    params,
    now,
    today: dayOf(now, zone),
    zone,
    reportingZone: settings.zone,
    zones: sources.zones(),
    fiscalStart: settings.fiscalStart,
    theme: settings.theme,
    currency: reporting.currency,
    currencyNote: reporting.note,
    mode: sources.mode,
    shown,
    compared: compared && isRead(compared) ? compared : null,
    comparedNote: compared && !isRead(compared) ? `no comparison: read from ${sinceText}` : null,
    shownNote: isRead(shown) ? null : unreadText(readBack, sinceText),
    clock: dataClock(clocks, readBack, now),
  };
}

/** The compared days; while the shown period is in progress, its last day is cut at the same time of day. */
function comparedStretch(
  days: { readonly from: LocalDay; readonly to: LocalDay },
  shown: DayStretch,
  now: Instant,
  zone: ZoneId,
): DayStretch {
  const whole = stretch(days, zone);
  if (now >= shown.period.end || now < shown.period.start) return whole;
  const lastDay = startOfDay(addDays(days.to, -1), zone);
  const elapsed = now - startOfDay(dayOf(now, zone), zone);
  // Charges are kept by the quarter hour, so a cut inside one would take all of it or nothing.
  const end = quarterHourOf(toInstant(Math.min(whole.period.end, lastDay + elapsed)));
  return { ...whole, period: { start: whole.period.start, end: toInstant(Math.max(whole.period.start, end)) } };
}

/** Days as a stretch in a zone. */
export function stretch({ from, to }: { readonly from: LocalDay; readonly to: LocalDay }, zone: ZoneId): DayStretch {
  return { from, to, period: periodOfDays(from, to, zone) };
}

/** The first instant of which the ledger knows what there was; null where nothing says so. */
function readSince({ state, from, readDownTo }: ReadBackProgress, now: Instant): Instant | null {
  if (state === "running") return readDownTo ?? now;
  return state === "complete" ? from : null;
}

function unreadText({ state }: ReadBackProgress, since: string): string {
  return state === "running"
    ? `Read back to ${since} so far: the days before it are still missing here.`
    : `Read from ${since}: what was before is unknown, not zero.`;
}

function dataClock(clocks: readonly SourceClock[], readBack: ReadBackProgress, now: Instant): DataClock {
  const { state, dataTo, behind } = dataReach(sourceStandings(clocks, now));
  return { state, dataTo, late: [...new Set(behind.map(({ clock }) => sourceName(clock.source)))], readBack };
}
