import { DEMO_WORKSPACE_ID } from "../accounts.ts";
import { literal } from "../stage-calls.ts";

/** Records that reach the workspace after `from` and up to `to`, in epoch milliseconds. */
export type ReceivedWindow = { readonly from: number; readonly to: number };

/** The condition on an SQL expression of epoch milliseconds. */
export function isReceived(window: ReceivedWindow, milliseconds: string): string {
  return `(${milliseconds}) > ${window.from} AND (${milliseconds}) <= ${window.to}`;
}

/** An SQL expression of epoch milliseconds as a UTC timestamp. */
export function timestamp(milliseconds: string): string {
  return `make_timestamp(((${milliseconds}) * 1000)::BIGINT)`;
}

/** The columns that every row of a table has, for `INSERT … BY NAME`. */
export function standardColumns(
  table: string,
  resourceId: string,
  subscription: string,
  received: string,
  billedSize: number,
): string {
  return `
    ${literal(DEMO_WORKSPACE_ID)} AS "TenantId", ${literal(table)} AS "Type", 'Azure' AS "SourceSystem",
    ${resourceId} AS "_ResourceId", ${subscription} AS "_SubscriptionId", ${billedSize}::DOUBLE AS "_BilledSize",
    'True' AS "_IsBillable", ${timestamp(received)} AS "_TimeReceived"`;
}
