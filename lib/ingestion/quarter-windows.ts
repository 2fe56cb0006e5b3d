import { type Period, period, QUARTER_HOUR_MS, toInstant } from "../time/instant.ts";

type Window = { readonly from: number; readonly to: number };

/** Gaps of up to an hour between quarter hours are read along. */
const READ_ALONG_QUARTERS = 4;
const DAY_QUARTERS = 96;
/** A gap that costs less to read along than a question more. */
const SHORT_GAP_QUARTERS = 24;
const FEW = 2;

/** Quarter hours (numbered since 1970, in any order) as windows inside one UTC day each, ascending. */
export function windowsOf(quarters: readonly number[]): Period[] {
  const isSameDay = (a: number, b: number) => Math.floor(a / DAY_QUARTERS) === Math.floor(b / DAY_QUARTERS);
  return clusters(quarters, (last, next) => isSameDay(last.from, next) && next - last.to <= READ_ALONG_QUARTERS).map(
    periodOf,
  );
}

/**
 * The same as two windows at most, over days where need be: apart where the longest gap is, and one where that gap is
 * shorter than six hours. What lies between is read along and found unchanged.
 */
export function fewWindowsOf(quarters: readonly number[]): Period[] {
  const apart = clusters(quarters, (last, next) => next - last.to < SHORT_GAP_QUARTERS);
  const gapAfter = (index: number) => (apart[index + 1]?.from ?? 0) - (apart[index]?.to ?? 0);
  const gaps = apart.slice(1).map((_window, index) => index);
  const cuts = new Set(gaps.toSorted((a, b) => gapAfter(b) - gapAfter(a)).slice(0, FEW - 1));
  const joined: Window[] = [];
  for (const [index, window] of apart.entries()) {
    const last = joined.at(-1);
    if (last && !cuts.has(index - 1)) joined[joined.length - 1] = { from: last.from, to: window.to };
    else joined.push(window);
  }
  return joined.map(periodOf);
}

function clusters(quarters: readonly number[], belongs: (last: Window, next: number) => boolean): Window[] {
  const found: { from: number; to: number }[] = [];
  for (const quarter of [...new Set(quarters)].toSorted((a, b) => a - b)) {
    const last = found.at(-1);
    if (last && belongs(last, quarter)) last.to = quarter + 1;
    else found.push({ from: quarter, to: quarter + 1 });
  }
  return found;
}

function periodOf({ from, to }: Window): Period {
  return period(toInstant(from * QUARTER_HOUR_MS), toInstant(to * QUARTER_HOUR_MS));
}
