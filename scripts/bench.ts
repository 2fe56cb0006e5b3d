// `npm run bench`: what the product costs, measured on the full demo tenant in `.bench/demo` and a production build.
// Prints server time of each page (outside client, sequential, warm), the workspace calls of Now, and the error of percentiles.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LOCAL_ADMINISTRATOR } from "../lib/auth/principal.ts";
import { parseEnv } from "../lib/env.ts";
import { loadNow } from "../lib/reports/load-now.ts";
import { publishRuntime, type Runtime } from "../lib/runtime.ts";
import { addMs, HOUR_MS, period, toInstant } from "../lib/time/instant.ts";
import { UTC } from "../lib/time/zone.ts";
import { DEFAULT_PARAMS } from "../lib/url/report-params.ts";
import { openRuntime } from "../lib/wiring/open-runtime.ts";

const { values } = parseArgs({
  options: { requests: { type: "string", default: "200" }, demo: { type: "string", default: "full" } },
});
const REQUESTS = Number(values.requests);
const NOW = "2026-11-21T12:00:00Z";
const PORT = 3299;
const dataDir = join(process.cwd(), ".bench", values.demo);
const isNew = !existsSync(join(dataDir, "folder.json"));

console.log(
  `Token Ledger bench · ${new Date().toISOString().slice(0, 10)} · ${cpus().length} cores · Node ${process.versions.node}`,
);
const server = await startServer();
await measurePages();
await stopServer(server);
await measureInProcess();

async function startServer(): Promise<ChildProcess> {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "scripts/start.ts", "--demo", values.demo],
    {
      env: { ...process.env, DATA_DIR: dataDir, DEMO_NOW: NOW, PORT: String(PORT), NODE_ENV: "production" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => (log += text));
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The server ended:\n${log}`);
    const ready = await fetch(`http://127.0.0.1:${PORT}/api/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const made = /Made in (\d+) s/.exec(log)?.[1];
  const served = /ready in ([\d.]+) s/.exec(log)?.[1];
  if (made) line("demo tenant made", `${made} s`);
  line(isNew ? "first start until serving" : "warm start until serving", `${served} s`);
  line(isNew ? "first start until every day is in the ledger" : "warm start until ready", `${seconds(started)} s`);
  line("server memory, peak", `${peakMemoryMb(child.pid)} MB`);
  await untilIdle(child.pid);
  return child;
}

async function measurePages(): Promise<void> {
  const pages: readonly (readonly [string, string, number])[] = [
    ["Overview, 90 days", "/?period=2026-08-24..2026-11-21", REQUESTS],
    ["Overview, this month", "/", REQUESTS],
    ["Teams", "/teams", 40],
    ["Deployments", "/deployments", 40],
    ["Now", "/now", 40],
    ["Budgets", "/budgets", 40],
    ["Prices", "/prices", 40],
    ["Data", "/data", 40],
  ];
  console.log("\npage                         p50 ms   p95 ms   server p95 ms      KB");
  for (const [name, path, requests] of pages) {
    const times: number[] = [];
    const inside: number[] = [];
    let bytes = 0;
    for (let request = -5; request < requests; request++) {
      const started = performance.now();
      const response = await fetch(`http://127.0.0.1:${PORT}${path}`);
      const body = await response.arrayBuffer();
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      if (request < 0) continue;
      times.push(performance.now() - started);
      inside.push(Number(/dur=([\d.]+)/.exec(response.headers.get("server-timing") ?? "")?.[1] ?? Number.NaN));
      bytes = body.byteLength;
    }
    const row = [rank(times, 0.5), rank(times, 0.95), rank(inside, 0.95)]
      .map((ms) => ms.toFixed(1).padStart(8))
      .join(" ");
    console.log(`${name.padEnd(26)} ${row} ${(bytes / 1024).toFixed(0).padStart(13)}`);
  }
}

async function stopServer(child: ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  await once(child, "exit");
}

async function measureInProcess(): Promise<void> {
  const env = parseEnv({ ...process.env, DATA_DIR: dataDir, DEMO_NOW: NOW }, process.cwd());
  const runtime = await openRuntime(env, {
    what: "npm run bench",
    onMissingFolder: "demo",
    onProgress: () => undefined,
  });
  publishRuntime(runtime);
  try {
    console.log("");
    await countNowCalls(runtime);
    await comparePercentiles(runtime);
    const { charges, requests, bytes } = await runtime.ledger.stats();
    line("ledger", `${charges} charges, ${requests} request rows, ${(Number(bytes) / 1e6).toFixed(0)} MB`);
  } finally {
    await runtime.close();
  }
}

/** 200 cold views of Now at once: what reaches the wire, per question. */
async function countNowCalls(runtime: Runtime): Promise<void> {
  const before = new Map([...runtime.logs.status().calls].map(([name, counts]) => [name, counts.upstream]));
  const started = performance.now();
  await Promise.all(Array.from({ length: 200 }, () => loadNow(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS)));
  const after = [...runtime.logs.status().calls].flatMap(([name, counts]) => {
    const calls = counts.upstream - (before.get(name) ?? 0);
    return calls > 0 ? [`${name} ${calls}`] : [];
  });
  line("200 cold views of Now at once", `${after.join(", ")} upstream calls, ${seconds(started)} s in all`);
}

/** Percentiles out of histograms against the exact ones of the workspace, per deployment and day. */
async function comparePercentiles(runtime: Runtime): Promise<void> {
  const end = toInstant(NOW);
  const within = period(addMs(end, -7 * 24 * HOUR_MS - 12 * HOUR_MS), addMs(end, -12 * HOUR_MS));
  const sums = await runtime.ledger.sumRequests({
    sees: { kind: "everything" },
    period: within,
    zone: UTC,
    grain: "day",
    groupBy: ["deployment", "operation"],
    filter: {},
    hasLatency: true,
  });
  const { body } = await runtime.askKql({
    text: `AzureDiagnostics
| where Category == "RequestResponse" and ResourceProvider == "MICROSOFT.COGNITIVESERVICES"
| extend p = parse_json(properties_s)
| extend name = tostring(p.modelDeploymentName), stream = tostring(p.streamType)
| summarize at = min(TimeGenerated), durationMs = max(DurationMs), name = max(name), stream = max(stream), operation = max(OperationName) by CorrelationId, Resource
| where isnotempty(name) and stream == "Non-Streaming" and durationMs >= 0
| summarize n = count(), p50 = percentile(durationMs, 50), p95 = percentile(durationMs, 95), p99 = percentile(durationMs, 99) by day = startofday(at), deployment = strcat(tolower(Resource), "/", name), operation`,
    timespan: `${new Date(within.start).toISOString()}/${new Date(within.end).toISOString()}`,
  });
  const exact = new Map(
    (JSON.parse(body) as { tables: { rows: unknown[][] }[] }).tables[0]?.rows.map((row) => [
      `${String(row[0]).slice(0, 10)} ${row[1]} ${row[2]}`,
      row.slice(3).map(Number),
    ]),
  );
  let compared = 0;
  let worst = 0;
  for (const sum of sums) {
    const expected = exact.get(`${sum.bucket} ${sum.keys.deployment} ${sum.keys.operation}`);
    const latency = sum.latency;
    if (!expected || !latency || Number(latency.measured) !== expected[0]) continue;
    for (const [index, value] of [latency.p50, latency.p95, latency.p99].entries()) {
      const truth = expected[index + 1] ?? 0;
      if (value === null || truth < 1) continue;
      compared++;
      worst = Math.max(worst, Math.abs(value - truth) / truth);
    }
  }
  line(
    "percentiles from histograms",
    `worst error ${(worst * 100).toFixed(2)} % of ${compared} (deployment × operation × day × rank)`,
  );
}

function rank(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function line(name: string, value: string): void {
  console.log(`${name.padEnd(46)} ${value}`);
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}

/** A start checks the last days again; pages are measured when that is done. */
async function untilIdle(pid: number | undefined): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    const before = processorTicks(pid);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    quiet = processorTicks(pid) - before < 10 ? quiet + 1 : 0;
  }
}

/** Hundredths of a second that a process has used. */
function processorTicks(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

function peakMemoryMb(pid: number | undefined): string {
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, "utf8") : "";
  return (Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024).toFixed(0);
}
