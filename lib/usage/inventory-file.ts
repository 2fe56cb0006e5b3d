import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { toInstant, toIso } from "../time/instant.ts";
import { DEPLOYMENT_SKUS, type InventoryRow } from "./inventory.ts";
import type { AccountId, DeploymentName } from "./usage-fact.ts";

const instant = z.iso.datetime({ offset: true }).describe("ISO 8601 with a zone, as 2026-11-01T00:00:00Z");
const limit = z.number().int().nonnegative().nullable().default(null);

const rowSchema = z.strictObject({
  account: z
    .string()
    .regex(/^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.cognitiveservices\/accounts\/[^/]+$/i)
    .describe("ARM id of the account"),
  deployment: z.string().min(1).describe("The deployment's own name"),
  sku: z.enum(DEPLOYMENT_SKUS).describe("ARM deployment SKU; unknown when nobody knows: its cost is then a range"),
  model: z.string().default("").describe("Model of the deployment; log rows that name one win"),
  version: z.string().default("").describe("Model version, as 2024-11-20"),
  region: z.string().default("").describe("ARM region name, as eastus2"),
  ptu: limit.describe("Provisioned throughput units"),
  tpm: limit.describe("Quota in tokens a minute"),
  rpm: limit.describe("Quota in requests a minute"),
  spilloverTo: z.string().nullable().default(null).describe("Deployment that takes what does not fit"),
  from: instant.describe("Inside"),
  to: instant.nullable().default(null).describe("Outside; null is still there"),
});

/** The inventory as `DATA_DIR/deployments.yaml` holds it; its JSON schema is `docs/deployments.schema.json`. */
export const inventoryFileSchema = z.strictObject({ deployments: z.array(rowSchema) });

/** The inventory file cannot be used; the message names the file, the place in it and what to write. */
export class InventoryFileError extends Error {
  override readonly name = "InventoryFileError";
}

/** The file inside a data folder. */
export function inventoryPath(dataDir: string): string {
  return join(dataDir, "deployments.yaml");
}

/** The rows of `DATA_DIR/deployments.yaml`; none without the file. Throws an InventoryFileError for a file that cannot be used. */
export async function readInventory(dataDir: string): Promise<InventoryRow[]> {
  const path = inventoryPath(dataDir);
  if (!existsSync(path)) return [];
  return parseInventory(await readFile(path, "utf8"), path);
}

/** The rows of an inventory text; `name` stands in messages. */
export function parseInventory(text: string, name: string): InventoryRow[] {
  let content: unknown;
  try {
    content = parse(text) ?? { deployments: [] };
  } catch (error) {
    throw new InventoryFileError(`${name} is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = inventoryFileSchema.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new InventoryFileError(`${name}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is not an inventory"}.`);
  }
  const rows = parsed.data.deployments.map(
    (row): InventoryRow => ({
      ...row,
      account: row.account.toLowerCase() as AccountId,
      deployment: row.deployment as DeploymentName,
      spilloverTo: row.spilloverTo as DeploymentName | null,
      from: toInstant(row.from),
      to: row.to === null ? null : toInstant(row.to),
    }),
  );
  const broken = rows.find((row) => row.to !== null && row.to <= row.from);
  if (broken)
    throw new InventoryFileError(`${name}: ${broken.deployment} ends before it begins; "to" must be after "from".`);
  return rows;
}

/** The text of an inventory file, in the order of account, deployment and time. */
export function inventoryText(rows: readonly InventoryRow[], comment = ""): string {
  const ordered = rows.toSorted(
    (a, b) => compare(a.account, b.account) || compare(a.deployment, b.deployment) || a.from - b.from,
  );
  const content = ordered.map((row) => ({
    ...row,
    from: toIso(row.from),
    to: row.to === null ? null : toIso(row.to),
  }));
  const heading = comment === "" ? "" : `${comment.replace(/^/gm, "# ")}\n`;
  return `${heading}${stringify({ deployments: content }, { lineWidth: 0 })}`;
}

/** Writes the inventory file of a data folder; a reader never sees half of it. */
export async function writeInventory(dataDir: string, rows: readonly InventoryRow[], comment = ""): Promise<void> {
  const path = inventoryPath(dataDir);
  await writeFile(`${path}.new`, inventoryText(rows, comment), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
