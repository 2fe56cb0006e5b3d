import { UNATTRIBUTED } from "../attribution/charge.ts";
import type { ChargeDimension } from "../ledger/charge-query.ts";

const NAMES: Readonly<Record<ChargeDimension, string>> = {
  team: "team",
  application: "application",
  account: "account",
  deployment: "deployment",
  model: "model",
  region: "region",
  scope: "scope",
  mode: "mode",
  tokenKind: "token kind",
  operation: "operation",
  apiVersion: "API version",
  streamType: "stream type",
  spillover: "spillover",
  source: "source",
  meter: "meter",
  rule: "ownership rule",
  confidence: "confidence",
  part: "part of capacity",
};

/** Stands behind an account where a row or a metric names no deployment. */
export const NOT_TOLD = "(deployment not told)";

/** A dimension in plain words. */
export function dimensionName(dimension: ChargeDimension): string {
  return NAMES[dimension];
}

/** The name of a value of a dimension: what the ledger calls by a code or by nothing has a word of its own. */
export function dimensionValueName(dimension: ChargeDimension, value: string): string {
  if (dimension === "team" && (value === UNATTRIBUTED || value === "")) return "Unattributed";
  if (dimension === "deployment" && value.endsWith("/")) return `${value}${NOT_TOLD}`;
  return value === "" ? "(not told)" : value;
}
