import { isAbsolute, join } from "node:path";
import { parseArgs } from "node:util";
import type { Runtime } from "../runtime.ts";
import { addMs, type Instant, period, QUARTER_HOUR_MS, quarterHourOf, toInstant, toIso } from "../time/instant.ts";
import type { DeploymentSku, InventoryRow } from "../usage/inventory.ts";
import { readInventory, writeInventory } from "../usage/inventory-file.ts";
import type { AccountId, DeploymentName } from "../usage/usage-fact.ts";
import { type Command, type CommandIo, UsageError } from "./command.ts";

type ImportFiles = NonNullable<Runtime["embedded"]>["importFiles"];
type ImportSummary = Awaited<ReturnType<ImportFiles>>;
type ImportedFile = ImportSummary["files"][number];
type TracePlacement = NonNullable<Parameters<ImportFiles>[0]["trace"]>;

const USAGE = `npm run import -- FILE-OR-FOLDER… [--json]
  Loads exported logs into the data folder: PT1H.json files of a storage account (or a folder of them), also gzipped,
  and {"records":[…]} as Event Hubs delivers them. Takes the logs and metrics of Azure OpenAI accounts, the gateway logs
  of API Management, the activity log, AppDependencies and AppMetrics. Importing again changes nothing.

npm run import -- TRACE.csv… --deployment NAME --model NAME [--model-version V] [--scope global|datazone|regional]
                  [--region NAME] [--start INSTANT] [--account ARM-ID] [--json]
  Loads a request trace (TIMESTAMP,ContextTokens,GeneratedTokens) as calls of that deployment and writes the deployment
  into the inventory. --start moves the first row of the trace to that instant.

  A line that cannot be read is reported with file and line, put aside in DATA_DIR/rejects, and never stops the rest.`;

/** Where a trace's deployment lives when nobody names an account. */
const TRACE_ACCOUNT =
  "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/imported/providers/microsoft.cognitiveservices/accounts/request-traces";
const ACCOUNT =
  /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.cognitiveservices\/accounts\/[^/]+$/i;
const SKUS: Readonly<Record<string, DeploymentSku>> = {
  global: "GlobalStandard",
  datazone: "DataZoneStandard",
  regional: "Standard",
};
const TOLD_LINES = 20;

/** `npm run import`: offline logs and request traces into the embedded workspace and the ledger. Exit 1 when a line was rejected. */
export const importCommand: Command = {
  name: "import",
  usage: USAGE,
  onMissingFolder: "empty",
  run: async (args, io) => {
    const wanted = parse(args, io.cwd);
    const runtime = await io.runtime();
    const embedded = workspaceOf(runtime, io);
    if (!embedded) return 1;
    const receivedAt = runtime.now();
    const rejectsFile = join(runtime.dataDir, "rejects", `import-${toIso(receivedAt).replaceAll(/[:.]/g, "-")}.jsonl`);
    const summary = await embedded.importFiles(
      { paths: wanted.paths, trace: wanted.trace, rejectsFile, receivedAt },
      { ...progressOn(io), signal: io.signal },
    );
    if (wanted.trace && summary.files.some((file) => file.kind === "trace")) {
      await enterDeployment(runtime, wanted.trace, wanted.sku, summary);
    }
    const failures = await bringToLedger(runtime, summary, io);
    await io.out(wanted.isJson ? `${JSON.stringify(asJson(summary), null, 2)}\n` : asText(summary));
    for (const failure of failures) io.err(`${failure}\n`);
    return summary.rejectedCount > 0 || failures.length > 0 ? 1 : 0;
  },
};

type Wanted = {
  readonly paths: readonly string[];
  readonly trace: TracePlacement | null;
  readonly sku: DeploymentSku;
  readonly isJson: boolean;
};

function parse(args: readonly string[], cwd: string): Wanted {
  const text = { type: "string" } as const;
  const { values, positionals } = parsed(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        deployment: text,
        model: text,
        "model-version": text,
        scope: text,
        region: text,
        start: text,
        account: text,
        json: { type: "boolean" },
      },
    }),
  );
  if (positionals.length === 0) throw new UsageError("Name at least one file or folder to import.");
  const scope = values.scope?.toLowerCase();
  const sku = scope === undefined ? "unknown" : SKUS[scope];
  if (!sku) throw new UsageError(`--scope is ${values.scope}; write global, datazone or regional.`);
  return {
    paths: positionals.map((path) => (isAbsolute(path) ? path : join(cwd, path))),
    trace: placementOf(values),
    sku,
    isJson: values.json ?? false,
  };
}

function parsed<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function placementOf(values: Readonly<Record<string, string | boolean | undefined>>): TracePlacement | null {
  const text = (name: string): string => (typeof values[name] === "string" ? values[name] : "");
  const placing = ["deployment", "model", "model-version", "scope", "region", "start", "account"];
  if (!placing.some((name) => values[name] !== undefined)) return null;
  if (text("deployment") === "" || text("model") === "") {
    throw new UsageError("A request trace needs both --deployment and --model to say whose calls these are.");
  }
  const account = text("account") || TRACE_ACCOUNT;
  if (!ACCOUNT.test(account)) {
    throw new UsageError(
      `--account is ${account}; write /subscriptions/…/resourceGroups/…/providers/Microsoft.CognitiveServices/accounts/NAME.`,
    );
  }
  const start = text("start") === "" ? null : Date.parse(text("start"));
  if (start !== null && !Number.isFinite(start)) {
    throw new UsageError(`--start is ${text("start")}; write an instant such as 2026-11-01T09:00:00Z.`);
  }
  return {
    account: account.toLowerCase(),
    deployment: text("deployment"),
    model: text("model"),
    modelVersion: text("model-version"),
    region: text("region"),
    start,
  };
}

function workspaceOf(runtime: Runtime, io: CommandIo): Runtime["embedded"] {
  if (runtime.mode === "imported") return runtime.embedded;
  const what = runtime.mode === "demo" ? "the demo tenant" : "figures of a real workspace";
  const unset = runtime.mode === "demo" ? "" : " and unset LOG_ANALYTICS_WORKSPACE_ID";
  io.err(
    `The data folder ${runtime.dataDir} holds ${what}, which imported logs must not mix with. Set DATA_DIR to another folder${unset}.\n`,
  );
  return undefined;
}

/** Counts on a terminal rewrite one line; elsewhere one line per file. Rejected lines are told one by one at first. */
function progressOn(io: CommandIo) {
  let told = 0;
  return {
    onProgress: (at: { file: string; files: number; fileCount: number; lines: number; added: number }) => {
      const text = `${at.files} of ${at.fileCount} files · ${at.lines.toLocaleString("en")} lines of ${at.file} · ${at.added.toLocaleString("en")} new`;
      io.err(io.isTerminal ? `\r\u001b[K${text}` : `${text}\n`);
    },
    onRejected: ({ file, line, reason }: { file: string; line: number; reason: string }) => {
      told++;
      if (told > TOLD_LINES + 1) return;
      const place = line === 0 ? file : `${file}:${line}`;
      io.err(
        told > TOLD_LINES
          ? "More lines are rejected; all of them are in the rejects file.\n"
          : `${io.isTerminal ? "\n" : ""}${place}: ${reason}\n`,
      );
    },
  };
}

/** A trace's deployment, from its first call on; the same deployment is entered once and its start moved back when needed. */
async function enterDeployment(
  runtime: Runtime,
  trace: TracePlacement,
  sku: DeploymentSku,
  summary: ImportSummary,
): Promise<void> {
  if (summary.firstAt === null) return;
  const from = quarterHourOf(toInstant(summary.firstAt));
  const rows = await readInventory(runtime.dataDir);
  const isSame = (row: InventoryRow): boolean =>
    row.account === trace.account && row.deployment === trace.deployment && row.to === null;
  const known = rows.find(isSame);
  const entered: InventoryRow = {
    account: trace.account as AccountId,
    deployment: trace.deployment as DeploymentName,
    sku,
    model: trace.model,
    version: trace.modelVersion,
    region: trace.region,
    ptu: null,
    tpm: null,
    rpm: null,
    spilloverTo: null,
    from: known && known.from < from ? known.from : from,
    to: null,
  };
  await writeInventory(runtime.dataDir, [...rows.filter((row) => !isSame(row)), entered]);
}

/** The quarter hours that got records are counted into the ledger at once, however long ago they are. */
async function bringToLedger(runtime: Runtime, summary: ImportSummary, io: CommandIo): Promise<readonly string[]> {
  if (summary.firstAt === null || summary.lastAt === null) return [];
  io.err(`${io.isTerminal ? "\n" : ""}Counting the new records into the ledger…\n`);
  const start = quarterHourOf(toInstant(summary.firstAt));
  const end = addMs(quarterHourOf(toInstant(summary.lastAt)), QUARTER_HOUR_MS);
  const cycle = await runtime.ingestion.recompute(period(start, end), nowOrLater(runtime.now(), end), io.signal);
  return cycle.failures;
}

/** Records with a clock that runs ahead still count. */
function nowOrLater(now: Instant, end: Instant): Instant {
  return now > end ? now : end;
}

function asText(summary: ImportSummary): string {
  const lines = summary.files.map((file) => `${file.file}: ${fileText(file)}`);
  const kinds = [...summary.addedByCategory].sort().map(([name, count]) => `${name} ${count}`);
  const added = summary.files.reduce((sum, file) => sum + file.added, 0);
  const known = summary.files.reduce((sum, file) => sum + file.known, 0);
  lines.push(
    `${added} records new${kinds.length > 0 ? ` (${kinds.join(", ")})` : ""}, ${known} already there, ${summary.rejectedCount} lines rejected`,
  );
  if (summary.firstAt !== null && summary.lastAt !== null) {
    lines.push(`new records from ${toIso(toInstant(summary.firstAt))} to ${toIso(toInstant(summary.lastAt))}`);
  }
  if (summary.rejectsFile) lines.push(`rejected lines: ${summary.rejectsFile}`);
  return `${lines.join("\n")}\n`;
}

function fileText(file: ImportedFile): string {
  const counts = `${file.added} new, ${file.known} already there, ${file.rejected} rejected`;
  const trace = file.trace;
  return trace
    ? `${trace.requests} requests, ${trace.inputTokens} input tokens, ${trace.outputTokens} output tokens (${counts})`
    : `${file.lines} lines (${counts})`;
}

function asJson(summary: ImportSummary) {
  const instant = (at: number | null): string | null => (at === null ? null : toIso(toInstant(at)));
  return {
    files: summary.files.map((file) => ({
      ...file,
      trace: file.trace && {
        requests: file.trace.requests,
        inputTokens: String(file.trace.inputTokens),
        outputTokens: String(file.trace.outputTokens),
      },
    })),
    addedByCategory: Object.fromEntries(summary.addedByCategory),
    rejected: summary.rejectedCount,
    rejectsFile: summary.rejectsFile,
    firstAt: instant(summary.firstAt),
    lastAt: instant(summary.lastAt),
  };
}
