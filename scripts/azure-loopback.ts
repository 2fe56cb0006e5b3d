import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { startAzureLoopback } from "../lib/log-analytics/testing/azure-loopback.ts";
import type { WireAnswer } from "../lib/log-analytics/testing/scripted-wire.ts";
import { toInstant } from "../lib/time/instant.ts";
import { openEmbedded } from "../lib/wiring/embedded-clients.ts";
import { createLog } from "../lib/wiring/log.ts";

/**
 * Azure on the loopback for tests: answers the Log Analytics and metrics protocols from the workspace of a data folder that
 * no server holds. `node --conditions=react-server scripts/azure-loopback.ts DATA_DIR` prints one line of JSON, the
 * environment that makes the product ask it, and serves until its standard input ends or it is stopped.
 *
 * Each line on standard input is what goes wrong from then on: null for nothing, or
 * {"kind":"http","status":429,"body":"{}"}, {"kind":"network","code":"ECONNRESET"}, {"kind":"hang"}. `requests` prints how
 * many requests came per kind.
 */
const faultSchema: z.ZodType<WireAnswer | null> = z
  .discriminatedUnion("kind", [
    z.object({
      kind: z.literal("http"),
      status: z.int(),
      body: z.string(),
      headers: z.record(z.string(), z.string()).optional(),
    }),
    z.object({ kind: z.literal("network"), code: z.string() }),
    z.object({ kind: z.literal("hang") }),
  ])
  .nullable();
const WORKSPACE_ID = "11111111-2222-4333-8444-555555555555";

const dataDir = resolve(process.argv[2] ?? "data");
const tempDir = join(dataDir, "temp");
mkdirSync(tempDir, { recursive: true });
const { embedded } = await openEmbedded({ dataDir, tempDir, now: () => toInstant(Date.now()), log: createLog() });
let fault: WireAnswer | null = null;
const azure = await startAzureLoopback({
  engine: embedded.logsHttpClient,
  metricsHttpClient: embedded.metricsHttpClient,
  faults: () => fault,
});
const accounts = await embedded.database.query("SELECT DISTINCT resource_id FROM platform_metrics ORDER BY 1", {
  timeoutMs: 30_000,
  read: (result) => result.getRowsJS(),
});
const env = {
  ...azure.env,
  LOG_ANALYTICS_WORKSPACE_ID: WORKSPACE_ID,
  AZURE_OPENAI_RESOURCE_IDS: accounts.map((row) => String(row[0])).join(","),
};
process.stdout.write(`${JSON.stringify(env)}\n`);

const lines = createInterface({ input: process.stdin });
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => lines.close());
for await (const line of lines) obey(line.trim());
process.stdin.destroy();
await azure.close();
await embedded.close();

function obey(line: string): void {
  if (line === "") return;
  if (line === "requests") {
    const queries = azure.requests.filter((request) => request.path.includes("/query")).length;
    process.stdout.write(`${JSON.stringify({ queries, metrics: azure.requests.length - queries })}\n`);
    return;
  }
  fault = faultSchema.parse(JSON.parse(line));
}
