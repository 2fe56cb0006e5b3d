// `npm run bench:ingest`: how long and how much memory a new ledger takes over ten million requests of 30 days in the embedded
// workspace, and then one cycle with a minute's new calls. `--calls 1000000` takes fewer. The workspace is kept in
// `.bench/ingest-CALLS` and filled once. Exit code 1 when a limit is missed or a request is.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fillLoggedCalls } from "../lib/embedded/bench/fill-logged-calls.ts";
import { openEmbeddedWorkspace } from "../lib/embedded/workspace.ts";
import { createIngestion } from "../lib/ingestion/ingestion.ts";
import { nothingConfigured } from "../lib/ingestion/testing/nothing-configured.ts";
import { openLedger } from "../lib/ledger/open-ledger.ts";
import { createLogAnalytics } from "../lib/log-analytics/create-log-analytics.ts";
import { EMBEDDED_QUERY_LIMITS } from "../lib/log-analytics/query-limits.ts";
import { loadBundledCatalogue } from "../lib/pricing/catalogue.ts";
import { addMs, HOUR_MS, type Instant, MINUTE_MS, period, toInstant } from "../lib/time/instant.ts";
import { UTC } from "../lib/time/zone.ts";

const LIMITS = { rebuildS: 90, rssMb: 2_048, cycleMs: 1_000 };
const DAYS = 30;
const CYCLES = 5;
const END = toInstant("2026-03-10T12:00:00Z");
const START = addMs(END, -DAYS * 24 * HOUR_MS);

const { values } = parseArgs({ options: { calls: { type: "string", default: "10000000" } } });
const calls = Number(values.calls);
const home = join(process.cwd(), ".bench", `ingest-${calls}`);
await mkdir(home, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), "bench-ingest-"));
let clock: Instant = addMs(END, 3 * MINUTE_MS);
const workspace = await openEmbeddedWorkspace({
  path: join(home, "workspace.duckdb"),
  tempDir: folder,
  now: () => clock,
  onFault: ({ sql, error }) => console.error(error, sql.slice(0, 500)),
});
const ledger = await openLedger({
  path: join(folder, "ledger.duckdb"),
  tempDir: folder,
  zones: [UTC],
  questions: () => [],
});
try {
  await fillOnce();
  const ingestion = ingestionOver();
  let peakMb = 0;
  const watch = setInterval(() => {
    peakMb = Math.max(peakMb, process.memoryUsage().rss / 1_048_576);
  }, 100);
  const began = { at: performance.now(), cpu: process.cpuUsage() };
  failOn((await ingestion.runCycle(clock)).failures);
  const progress = await ingestion.readBack(clock, ({ daysDone, daysTotal }) =>
    process.stderr.write(`${daysDone} of ${daysTotal} days, ${Math.round((performance.now() - began.at) / 1_000)} s\n`),
  );
  const rebuildS = (performance.now() - began.at) / 1_000;
  const used = process.cpuUsage(began.cpu);
  if (progress.state !== "complete") throw new Error("The read-back is not complete.");
  const rebuilt = await requests();
  const cycles: number[] = [];
  for (let index = 0; index < CYCLES; index++) {
    await fillMinute(index);
    const started = performance.now();
    failOn((await ingestion.runCycle(clock)).failures);
    cycles.push(performance.now() - started);
  }
  clearInterval(watch);
  const cycleMs = Math.round(cycles.toSorted((a, b) => a - b)[Math.floor(CYCLES / 2)] ?? 0);
  const missing = BigInt(calls) - rebuilt;
  const result = {
    calls,
    rebuildS: Number(rebuildS.toFixed(1)),
    processorS: Number(((used.user + used.system) / 1e6).toFixed(1)),
    peakMb: Math.round(peakMb),
    cycleMs,
    cycles: cycles.map(Math.round),
    missing: String(missing),
    ledger: await ledger.stats(),
  };
  process.stdout.write(
    `${JSON.stringify(result, (_name, value: unknown) => (typeof value === "bigint" ? String(value) : value))}\n`,
  );
  if (missing !== 0n || rebuildS > LIMITS.rebuildS || peakMb > LIMITS.rssMb || cycleMs > LIMITS.cycleMs)
    process.exitCode = 1;
} finally {
  ledger.close();
  await workspace.close();
  await rm(folder, { recursive: true, force: true });
}

async function fillOnce(): Promise<void> {
  const count = 'SELECT count(*)::INTEGER FROM stored."AzureDiagnostics"';
  const known = await workspace.database.query(count, { timeoutMs: 60_000, read: (result) => result.getRows() });
  if (Number(known[0]?.[0]) > 0) {
    await workspace.database.withConnection((connection) =>
      connection.run(`DELETE FROM stored."AzureDiagnostics" WHERE "_TimeReceived" >= TIMESTAMP '2026-03-10 12:03:00'`),
    );
    return;
  }
  const started = performance.now();
  for (let day = 0; day < DAYS; day++) {
    const of = { calls: Math.floor(calls / DAYS), first: day * Math.floor(calls / DAYS) };
    if (day === DAYS - 1) of.calls = calls - of.first;
    const start = new Date(addMs(START, day * 24 * HOUR_MS));
    await fillLoggedCalls(workspace.database, {
      ...of,
      start,
      end: new Date(addMs(start.getTime() as Instant, 24 * HOUR_MS)),
    });
  }
  await workspace.database.withConnection((connection) => connection.run("CHECKPOINT"));
  process.stderr.write(`filled in ${Math.round((performance.now() - started) / 1_000)} s\n`);
}

/** The calls of one minute more, and the clock a minute on. */
async function fillMinute(index: number): Promise<void> {
  const start = new Date(addMs(END, (index + 1) * MINUTE_MS));
  const end = new Date(addMs(END, (index + 2) * MINUTE_MS));
  const perMinute = Math.max(1, Math.round(calls / (DAYS * 24 * 60)));
  await fillLoggedCalls(workspace.database, { calls: perMinute, first: calls + index * perMinute, start, end });
  clock = addMs(END, (index + 4) * MINUTE_MS);
}

async function requests(): Promise<bigint> {
  const within = period(START, addMs(END, HOUR_MS));
  const of = {
    sees: { kind: "everything" },
    period: within,
    zone: UTC,
    grain: "total",
    groupBy: [],
    filter: {},
  } as const;
  const sums = await ledger.sumRequests({ ...of, hasLatency: false });
  return sums.reduce((sum, row) => sum + row.requests, 0n);
}

function ingestionOver() {
  const book = loadBundledCatalogue();
  return createIngestion({
    logs: createLogAnalytics({
      workspaces: [{ workspaceId: "00000000-0000-4000-8000-00000000e3bd", roles: ["logs"] }],
      credential: { getToken: async () => ({ token: "embedded", expiresOnTimestamp: Date.now() + HOUR_MS }) },
      httpClient: workspace.logsHttpClient,
      now: () => clock,
      limits: EMBEDDED_QUERY_LIMITS,
    }),
    ...nothingConfigured(book),
    ledger,
  });
}

function failOn(failures: readonly string[]): void {
  if (failures.length > 0) throw new Error(failures.join(" "));
}
