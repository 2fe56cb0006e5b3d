import { addMs, HOUR_MS, type Instant, MINUTE_MS, toInstant } from "../time/instant.ts";
import type { SourceClock } from "./ledger.ts";

/**
 * How one source of one resource stands. `quiet`: no row for a while and nothing says that there should be one, which is not
 * being late. `late`: rows are missing. `stopped`: they have been missing for more than a day, which is a gap and not lateness.
 */
export type StandingState = "current" | "quiet" | "late" | "stopped" | "failed" | "not_connected";

export type SourceStanding = {
  readonly clock: SourceClock;
  readonly state: StandingState;
  /** Up to when nineteen of twenty rows that exist have arrived; null when nothing was ever read. */
  readonly completeTo: Instant | null;
};

/** How far all figures of a page are complete: the oldest of the sources that they rest on. */
export type DataReach = {
  readonly state: "current" | "late" | "failed" | "empty";
  readonly dataTo: Instant | null;
  /** The standings that hold it back, in the order of the clocks. */
  readonly behind: readonly SourceStanding[];
};

/** A source is late when it stays this much behind twice its own p95 lag. */
const LATE_AFTER_MS = 20 * MINUTE_MS;
/** While no lag has been measured (azure-telemetry reference, section 1.5: resource logs usually take 3 to 10 minutes). */
const UNMEASURED_LAG_MS = 5 * MINUTE_MS;
const STOPPED_AFTER_MS = 24 * HOUR_MS;

/**
 * How every source stands. A silent resource is late only where something shows that it had traffic: tokens in its platform
 * metrics after its last row, or, without metrics, a whole workspace that fell silent at once.
 */
export function sourceStandings(clocks: readonly SourceClock[], now: Instant): SourceStanding[] {
  return clocks.map((clock) => {
    const state = stateOf(clock, clocks, now);
    return { clock, state, completeTo: completeTo(clock, state, clocks, now) };
  });
}

/** The data clock: the oldest `completeTo` of the sources that figures rest on; a source that stopped is a gap, named on its own. */
export function dataReach(standings: readonly SourceStanding[]): DataReach {
  const known = standings.filter(({ state }) => state !== "not_connected");
  const hasOtherTokens = known.some(({ clock }) => clock.source !== "span");
  const required = known.filter(({ clock }) => clock.source !== "span" || !hasOtherTokens);
  const ends = required.flatMap(({ state, completeTo: end }) => (state === "stopped" || end === null ? [] : [end]));
  const last = required.flatMap(({ completeTo: end }) => (end === null ? [] : [end]));
  const failed = known.filter(({ state }) => state === "failed");
  const late = required.filter(({ state }) => state === "late" || state === "stopped");
  return {
    state: failed.length > 0 ? "failed" : last.length === 0 ? "empty" : late.length > 0 ? "late" : "current",
    dataTo: ends.length > 0 ? toInstant(Math.min(...ends)) : last.length > 0 ? toInstant(Math.max(...last)) : null,
    behind: failed.length > 0 ? failed : late,
  };
}

function stateOf(clock: SourceClock, clocks: readonly SourceClock[], now: Instant): StandingState {
  if (clock.state !== "connected") return clock.state;
  if (clock.source === "metric") return reached(clock, clocks) < addMs(now, -patience(clock)) ? "late" : "current";
  if (reached(clock, clocks) < addMs(now, -patience(clock))) return "late";
  if (clock.lastRow === null) return "quiet";
  if (isFresh(clock, now)) return "current";
  if (!isMissed(clock, clocks, now)) return "quiet";
  return clock.lastRow < now - STOPPED_AFTER_MS ? "stopped" : "late";
}

/** Whether something shows that rows after the last one exist. */
function isMissed(clock: SourceClock, clocks: readonly SourceClock[], now: Instant): boolean {
  if (clock.lastRow === null) return false;
  const lastRow = clock.lastRow;
  const metric = clocks.find(
    (other) => other.source === "metric" && other.resource === clock.resource && other.state === "connected",
  );
  if (metric) return metric.lastRow !== null && metric.lastRow > lastRow + patience(clock);
  const together = clocks.filter(({ source, workspace }) => source !== "metric" && workspace === clock.workspace);
  const isAnybodyWatched = clocks.some(({ source, state }) => source === "metric" && state === "connected");
  return !isAnybodyWatched && !together.some((other) => isFresh(other, now));
}

function completeTo(
  clock: SourceClock,
  state: StandingState,
  clocks: readonly SourceClock[],
  now: Instant,
): Instant | null {
  const asked = clock.source === "metric" ? clock.dataTo : addMs(reached(clock, clocks), -lagOf(clock));
  switch (state) {
    case "not_connected":
      return null;
    case "failed":
      // What the source gave before it failed is still there; a resource that was quiet then does not hold it back.
      return clocks
        .filter(({ source, workspace }) => source === clock.source && workspace === clock.workspace)
        .reduce<Instant | null>((newest, { dataTo }) => later(newest, dataTo), null);
    case "late":
    case "stopped":
      return clock.source !== "metric" && isMissed(clock, clocks, now) ? clock.lastRow : asked;
    case "current":
    case "quiet":
      return asked;
  }
}

/** When the source was last asked: one question covers all resources of a table, so the newest answer counts for each. */
function reached(clock: SourceClock, clocks: readonly SourceClock[]): Instant {
  if (clock.source === "metric") return clock.dataTo ?? clock.checkedAt;
  return clocks
    .filter(({ source, workspace }) => source !== "metric" && workspace === clock.workspace)
    .reduce((newest, { checkedAt }) => later(newest, checkedAt) ?? newest, clock.checkedAt);
}

function isFresh(clock: SourceClock, now: Instant): boolean {
  return clock.lastRow !== null && clock.lastRow >= now - patience(clock);
}

function patience(clock: SourceClock): number {
  return LATE_AFTER_MS + 2 * lagOf(clock);
}

function lagOf(clock: SourceClock): number {
  return clock.lagP95Ms ?? (clock.source === "metric" ? MINUTE_MS : UNMEASURED_LAG_MS);
}

function later(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
