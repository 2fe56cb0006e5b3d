import { bitAggregates } from "./aggregates-bits.ts";
import { collectAggregates } from "./aggregates-collect.ts";
import { numberAggregates } from "./aggregates-number.ts";
import { pickAggregates } from "./aggregates-pick.ts";
import type { AggregateFunction } from "./function-types.ts";

/** Aggregation functions with one result column; arg_max, arg_min, take_any and percentiles belong to the summarize operator. */
export const aggregateFunctions: readonly AggregateFunction[] = [
  ...numberAggregates,
  ...collectAggregates,
  ...bitAggregates,
  ...pickAggregates,
];
