import type { LedgerChange } from "../ledger/changes.ts";
import { dayOf, type ZoneId } from "../time/zone.ts";
import type { ChartMark } from "./chart-model.ts";

const NAMED = 2;

/** Changes as marks on the days of a chart: one mark a day, with its words. */
export function changeMarks(changes: readonly LedgerChange[], zone: ZoneId): ChartMark[] {
  return [...Map.groupBy(changes, ({ at }) => dayOf(at, zone))].map(([day, own]) => {
    const words = [...new Set(own.map(wordOf))];
    const rest = words.length - NAMED;
    return { at: day, word: `${words.slice(0, NAMED).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}` };
  });
}

function wordOf(change: LedgerChange): string {
  return change.kind === "price"
    ? `price of ${change.model}`
    : `${change.deployment.split("/").at(-1)} is ${change.model}`;
}
