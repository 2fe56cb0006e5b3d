import type { DataGap, DataGapInput } from "./data-gap.ts";
import { figureGaps } from "./figure-gaps.ts";
import { rowGaps } from "./row-gaps.ts";
import { sourceGaps } from "./source-gaps.ts";

const ORDER = { missing: 0, uncertain: 1, handled: 2 } as const;

/** Every gap of the shown period, those that cost figures first; pure. */
export function dataGaps(input: DataGapInput): DataGap[] {
  return [...sourceGaps(input), ...figureGaps(input), ...rowGaps(input)].toSorted(
    (a, b) => ORDER[a.kind] - ORDER[b.kind],
  );
}
