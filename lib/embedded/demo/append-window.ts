import type { DuckDBConnection } from "@duckdb/node-api";
import { QUARTER_MS } from "./calendar.ts";
import type { DemoCall } from "./demo-call.ts";
import { expandActivity } from "./expand/activity.ts";
import { expandAzureDiagnostics } from "./expand/azure-diagnostics.ts";
import { expandBackground } from "./expand/background.ts";
import { expandGateway } from "./expand/gateway.ts";
import { expandMetrics } from "./expand/metrics.ts";
import { expandSpans } from "./expand/spans.ts";
import type { ReceivedWindow } from "./expand/window.ts";
import { generateQuarter, LONGEST_LAG_MS } from "./generate-quarter.ts";
import { dropStagedCalls, stageCalls } from "./stage-calls.ts";
import type { DemoTenant } from "./tenant.ts";

/**
 * Generates the calls whose records reach the workspace in the window, into the connection's temporary table. Calls that
 * began before the window are generated again, because their late records may arrive in it.
 */
export async function stageWindow(
  connection: DuckDBConnection,
  tenant: DemoTenant,
  window: ReceivedWindow,
): Promise<void> {
  const first = Math.floor((window.from - LONGEST_LAG_MS) / QUARTER_MS);
  const last = Math.floor(window.to / QUARTER_MS);
  await stageCalls(connection, tenant, callsBetween(tenant, first, last, window.to));
}

/**
 * Appends every record that reaches the workspace in the staged window, in the caller's transaction. `onProgress` is told
 * the share of the window's records that is written.
 */
export async function appendStagedWindow(
  connection: DuckDBConnection,
  tenant: DemoTenant,
  window: ReceivedWindow,
  onProgress: (share: number) => void,
): Promise<void> {
  const steps = [
    () => expandAzureDiagnostics(connection, window),
    () => expandBackground(connection, tenant, window),
    () => expandGateway(connection, window),
    () => expandSpans(connection, window),
    () => expandMetrics(connection, tenant, window),
    () => expandActivity(connection, tenant, window),
  ];
  for (const [index, step] of steps.entries()) {
    await step();
    onProgress((index + 1) / steps.length);
  }
  await dropStagedCalls(connection);
}

function* callsBetween(tenant: DemoTenant, first: number, last: number, until: number): Generator<DemoCall> {
  for (let quarter = first; quarter <= last; quarter++) {
    for (const call of generateQuarter(tenant, quarter)) if (call.startedAt <= until) yield call;
  }
}
