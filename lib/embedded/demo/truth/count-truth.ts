import { QUARTER_MS } from "../calendar.ts";
import type { DemoCall } from "../demo-call.ts";
import { generateQuarter } from "../generate-quarter.ts";
import type { DemoTenant } from "../tenant.ts";
import { capacityTallies, expectedTallies } from "./expected-tallies.ts";
import { historyTallies } from "./history-tallies.ts";
import { sourceTallies, witnessed } from "./source-tallies.ts";
import { added, emptyTally, type Tally, type TallyKey } from "./tally.ts";

/** The zones in which days are counted: whole hours, half hours, quarter hours, and a daylight-saving step of half an hour. */
export const TRUTH_ZONES = [
  "UTC",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "America/New_York",
  "Australia/Lord_Howe",
] as const;
export type TruthZone = (typeof TRUTH_ZONES)[number];

/** One number of the truth: a zone, a day there, and what is counted. */
export type TruthRow = {
  readonly zone: TruthZone;
  readonly day: string;
  readonly key: TallyKey;
  readonly tally: Tally;
};

/**
 * Counts the quarter hours from `from` up to `to` (both counted since 1970) from the calls themselves, as far as their
 * records were received by `receivedBy` (epoch ms). A day that begins or ends elsewhere is only counted in part.
 */
export function countTruth(tenant: DemoTenant, from: number, to: number, receivedBy: number): TruthRow[] {
  const open = new Map<TruthZone, { day: string; tallies: Map<TallyKey, Tally> }>();
  const rows: TruthRow[] = [];
  const close = (zone: TruthZone) => {
    const { day, tallies } = open.get(zone) ?? { day: "", tallies: [] };
    for (const [key, tally] of tallies) rows.push({ zone, day, key, tally });
  };
  let earlier: DemoCall[] = generateQuarter(tenant, from - 1);
  for (let quarter = from; quarter < to; quarter++) {
    const calls = generateQuarter(tenant, quarter);
    const tallies = quarterTallies(tenant, quarter, [...earlier, ...calls], receivedBy);
    earlier = calls;
    for (const zone of TRUTH_ZONES) {
      const day = DAY_FORMATS[zone].format(quarter * QUARTER_MS);
      if (open.get(zone)?.day !== day) {
        close(zone);
        open.set(zone, { day, tallies: new Map() });
      }
      const into = open.get(zone)?.tallies;
      if (into !== undefined) for (const [key, tally] of tallies) addTo(into, key, tally);
    }
  }
  for (const zone of TRUTH_ZONES) close(zone);
  return rows;
}

/** No call takes longer than a quarter hour, so those of this and of the earlier one are all that can end in it. */
function quarterTallies(
  tenant: DemoTenant,
  quarter: number,
  calls: readonly DemoCall[],
  receivedBy: number,
): Map<TallyKey, Tally> {
  const tallies = new Map<TallyKey, Tally>();
  if (quarter * QUARTER_MS < tenant.start) {
    for (const [key, tally] of historyTallies(tenant, quarter)) addTo(tallies, key, tally);
    return tallies;
  }
  const seen = calls.filter((call) => call.startedAt <= receivedBy).map((call) => witnessed(call, receivedBy));
  for (const one of seen) for (const [key, tally] of sourceTallies(one, quarter)) addTo(tallies, key, tally);
  for (const [key, tally] of expectedTallies(seen, quarter)) addTo(tallies, key, tally);
  for (const [key, tally] of capacityTallies(tenant, quarter, receivedBy)) addTo(tallies, key, tally);
  return tallies;
}

function addTo(tallies: Map<TallyKey, Tally>, key: TallyKey, tally: Tally): void {
  const known = tallies.get(key) ?? emptyTally();
  added(known, tally);
  tallies.set(key, known);
}

const DAY_FORMATS = Object.fromEntries(
  TRUTH_ZONES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }),
  ]),
) as Record<TruthZone, Intl.DateTimeFormat>;
