import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** How the last nightly reading of a billing source went; `next` says what to do about it. */
export type BillingRead = {
  readonly state: "ok" | "no_right" | "throttled" | "failed";
  /** ISO 8601. */
  readonly at: string;
  readonly message: string;
  readonly next: string | null;
};

/** The two sources that are read when the identity may: costs of the subscriptions, reservations of the tenant. */
export type BillingReads = { readonly costs: BillingRead | null; readonly reservations: BillingRead | null };

const readSchema = z
  .object({
    state: z.enum(["ok", "no_right", "throttled", "failed"]),
    at: z.string(),
    message: z.string(),
    next: z.string().nullable(),
  })
  .nullable()
  .default(null);
const fileSchema = z.object({ costs: readSchema, reservations: readSchema });

/** How billing was last read in a data folder; both null before the first night. */
export async function readBillingReads(dataDir: string): Promise<BillingReads> {
  const text = await readFile(pathOf(dataDir), "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? { costs: null, reservations: null } : fileSchema.parse(JSON.parse(text));
}

/** Keeps how a reading went; the other source stays as it was. */
export async function saveBillingRead(dataDir: string, change: Partial<BillingReads>): Promise<void> {
  const path = pathOf(dataDir);
  const reads = { ...(await readBillingReads(dataDir)), ...change };
  await writeFile(`${path}.new`, JSON.stringify(reads), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function pathOf(dataDir: string): string {
  return join(dataDir, "billing-reads.json");
}
