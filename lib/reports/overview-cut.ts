import type { ChargeDimension } from "../ledger/charge-query.ts";

/** What the main chart of Overview can be stacked by. */
export const OVERVIEW_CUTS = ["deployment", "model", "team"] as const satisfies readonly ChargeDimension[];
export type OverviewCut = (typeof OVERVIEW_CUTS)[number];
