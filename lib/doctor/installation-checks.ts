import { randomUUID } from "node:crypto";
import { readFile, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lastEvaluatedAt } from "../db/evaluation-slots.ts";
import { countOutbox } from "../db/outbox.ts";
import { readSettings } from "../db/settings.ts";
import { formatAgo } from "../format/format-time.ts";
import { addMs, HOUR_MS, MINUTE_MS, period, toInstant } from "../time/instant.ts";
import type { Check, DoctorSources, Finding } from "./check.ts";

/** The product's own stores, evaluator, outbox, version and settings. */
export const INSTALLATION_CHECKS: readonly Check[] = [
  { id: "D17", title: "Data folder and database", needs: [], run: storage },
  { id: "D18", title: "Evaluation of budgets", needs: ["D17"], run: evaluation },
  { id: "D19", title: "Outbox", needs: ["D17"], run: outbox },
  { id: "D23", title: "Version", needs: [], run: version },
  { id: "D24", title: "Zone, fiscal start and prices", needs: ["D17"], run: prices },
];

const LEAST_FREE_BYTES = 1024 ** 3;
/** `f_type` of file systems that live on another machine: NFS, SMB, SMB2, CIFS (statfs(2)). */
const NETWORK_TYPES = new Set([0x6969, 0x517b, 0xfe534d42, 0xff534d42]);

async function storage({ dataDir, state }: DoctorSources): Promise<Finding> {
  const probe = join(dataDir, `.doctor-${randomUUID()}`);
  try {
    await writeFile(probe, "", { flag: "wx" });
    await rm(probe);
  } catch (error) {
    return {
      status: "fail",
      seen: `The data folder cannot be written: ${error instanceof Error ? error.message.split(",")[0] : ""}.`,
      means: "Nothing that is read can be kept.",
      next: "Give the folder to the user that runs the server, or choose another DATA_DIR.",
    };
  }
  await state.db.selectFrom("lease").select("name").limit(1).execute();
  const { bavail, bsize, type } = await statfs(dataDir);
  const free = bavail * bsize;
  if (NETWORK_TYPES.has(type) && state.dialect === "sqlite")
    return {
      status: "warn",
      seen: "The embedded database lies on a network share.",
      means: "Its locks are not to be trusted there.",
      next: "Use PostgreSQL, or a local disk.",
      command: "export DATABASE_URL=postgres://USER:PASSWORD@HOST:5432/DATABASE",
    };
  if (free < LEAST_FREE_BYTES)
    return {
      status: "warn",
      seen: `${Math.round(free / 1024 ** 2)} MiB are free on the disk of the data folder.`,
      means: "The ledger will stop growing.",
      next: "Free at least 1 GiB.",
      command: "df -h",
    };
  return { status: "ok", seen: `Writable, ${state.dialect}, ${Math.round(free / 1024 ** 3)} GiB free.` };
}

async function evaluation({ state, now }: DoctorSources): Promise<Finding> {
  const [last, budgets] = await Promise.all([
    lastEvaluatedAt(state.db),
    state.db.selectFrom("budget").select("id").limit(1).execute(),
  ]);
  if (budgets.length === 0) return { status: "skipped", seen: "There is no budget to evaluate." };
  const next = "Start the server, or let a scheduler run the evaluation every minute.";
  const command = "npm run evaluate";
  if (last === null)
    return { status: "warn", seen: "No evaluation was ever made.", means: "No budget alert can fire.", next, command };
  const at = toInstant(last);
  if (now() - at > 5 * MINUTE_MS)
    return {
      status: "warn",
      seen: `The last evaluation was ${formatAgo(at, now())}.`,
      means: "Budget alerts come late.",
      next,
      command,
    };
  return { status: "ok", seen: `The last evaluation was ${formatAgo(at, now())}.` };
}

async function outbox({ state }: DoctorSources): Promise<Finding> {
  const counts = await countOutbox(state.db);
  const seen =
    Object.entries(counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(", ") || "empty";
  if (counts.dead > 0)
    return {
      status: "warn",
      seen: `${seen}.`,
      means: "Dead deliveries were given up; somebody was not told.",
      next: "Open Settings, correct the webhook and send them again.",
    };
  return { status: "ok", seen: `${seen}.` };
}

/** Below 16.0.7, React Server Components of Next.js 16 can be made to run code (CVE-2025-66478). */
const SAFE_NEXT = [16, 0, 7] as const;

async function version({ productDir }: DoctorSources): Promise<Finding> {
  const text = await readFile(join(productDir, "package.json"), "utf8");
  const { version: own = "", dependencies = {} } = JSON.parse(text) as {
    version?: string;
    dependencies?: Record<string, string>;
  };
  const next = dependencies.next ?? "";
  const parts = next.split(".").map(Number);
  const order =
    SAFE_NEXT.map((least, index) => (parts[index] ?? 0) - least).find((difference) => difference !== 0) ?? 0;
  if (order < 0)
    return {
      status: "fail",
      seen: `Next.js ${next}.`,
      means: "Known remote code execution (CVE-2025-66478).",
      next: "Upgrade the product.",
      command: "git pull && npm start",
    };
  return {
    status: "ok",
    seen: `Token Ledger ${own}, Next.js ${next}, Node.js ${process.versions.node}. Nobody was called to see whether there is a newer one.`,
  };
}

async function prices({ state, env, ledger, now }: DoctorSources): Promise<Finding> {
  const settings = await readSettings(state.db, {
    zone: env.REPORT_TIME_ZONE,
    fiscalStart: env.FISCAL_YEAR_START,
    theme: "system",
  });
  const end = now();
  const coverage = await ledger.coverage({
    sees: { kind: "everything" },
    period: period(addMs(end, -30 * 24 * HOUR_MS), end),
  });
  const unpriced = coverage
    .filter((row) => row.pricedTokens < row.tokens && row.deployment !== "")
    .map(({ deployment }) => deployment);
  const base = `Zone ${settings.zone}.`;
  if (unpriced.length === 0) return { status: "ok", seen: `${base} Every token of the last 30 days has a price.` };
  const names = [...new Set(unpriced)];
  return {
    status: "warn",
    seen: `${base} ${names.length} deployment(s) with tokens without price: ${names.slice(0, 5).join(", ")}.`,
    means: "The cost is incomplete: totals say “at least”.",
    next: "Give the model a price, or the deployment its SKU in deployments.yaml.",
    command: "npm run prices -- sync",
  };
}
