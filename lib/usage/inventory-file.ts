import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument, stringify } from "yaml";
import { z } from "zod";
import { type Instant, toInstant, toIso } from "../time/instant.ts";
import { DEPLOYMENT_SKUS, type InventoryRow } from "./inventory.ts";
import type { AccountId, DeploymentName } from "./usage-fact.ts";

/** The inventory file of a data folder. */
export const INVENTORY_FILE = "deployments.yaml";

const ACCOUNT_ID =
  /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.cognitiveservices\/accounts\/[^/]+$/i;

const instantText = z.iso.datetime({ offset: true, error: "write an instant such as 2026-08-01T00:00:00Z" });
const limit = z.number().int().positive().nullable().default(null);

const rowSchema = z
  .strictObject({
    account: z
      .string()
      .regex(ACCOUNT_ID, "write the ARM id of the account")
      .meta({ description: "ARM id of the account" }),
    deployment: z.string().min(1).meta({ description: "The deployment's own name" }),
    sku: z.enum(DEPLOYMENT_SKUS).default("unknown"),
    model: z.string().default("").meta({ description: "Model name; the row's own model wins where the log tells it" }),
    version: z.string().default(""),
    region: z.string().default("").meta({ description: "ARM region name, such as swedencentral" }),
    ptu: limit.meta({ description: "Provisioned throughput units of a provisioned deployment" }),
    tpm: limit.meta({ description: "Tokens per minute that the deployment may use" }),
    rpm: limit.meta({ description: "Requests per minute" }),
    spilloverTo: z.string().nullable().default(null).meta({ description: "Deployment that takes what does not fit" }),
    from: instantText.meta({ description: "Since when (inside)" }),
    to: instantText.nullable().default(null).meta({ description: "Until when (outside); null is still" }),
  })
  .refine((row) => row.to === null || Date.parse(row.to) > Date.parse(row.from), {
    path: ["to"],
    message: "must be later than from",
  });

/** The file's shape; `docs/deployments.schema.json` is generated from it. */
export const inventoryFileSchema = z.strictObject({ version: z.literal(1), deployments: z.array(rowSchema) });

/** An inventory file that cannot be used; the message names the file, the row and what to write. */
export class InventoryError extends Error {
  override readonly name = "InventoryError";
}

/** The inventory of a data folder; no file is an empty inventory. Throws an InventoryError for a file that cannot be used. */
export async function readInventory(dataDir: string): Promise<InventoryRow[]> {
  const path = join(dataDir, INVENTORY_FILE);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? [] : parseInventory(text, path);
}

/** Parses an inventory; `path` names it in errors. Rows of one deployment must not overlap in time. */
export function parseInventory(text: string, path: string): InventoryRow[] {
  const document = parseDocument(text);
  const broken = document.errors[0];
  if (broken) throw new InventoryError(`${path} is not YAML: ${broken.message.split("\n")[0]}. Mend it and try again.`);
  const parsed = inventoryFileSchema.safeParse(document.toJS());
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new InventoryError(
      `${path}, ${issue?.path.join(".") || "the file"}: ${issue?.message}. Mend it and try again.`,
    );
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
  refuseOverlaps(rows, path);
  return rows;
}

/** Writes the inventory of a data folder whole or not at all. */
export async function writeInventory(dataDir: string, rows: readonly InventoryRow[]): Promise<void> {
  const path = join(dataDir, INVENTORY_FILE);
  await writeFile(`${path}.new`, inventoryText(rows));
  await rename(`${path}.new`, path);
}

/** The YAML text of an inventory, ordered by account, deployment and time. */
export function inventoryText(rows: readonly InventoryRow[]): string {
  const deployments = rows
    .toSorted(
      (a, b) => a.account.localeCompare(b.account) || a.deployment.localeCompare(b.deployment) || a.from - b.from,
    )
    .map((row) => ({ ...row, from: toIso(row.from), to: row.to === null ? null : toIso(row.to) }));
  return `# What each deployment was, with dates. A re-created deployment is a new row; deleted ones stay.\n${stringify({ version: 1, deployments })}`;
}

function refuseOverlaps(rows: readonly InventoryRow[], path: string): void {
  const byDeployment = Map.groupBy(rows, (row) => `${row.account}/deployments/${row.deployment.toLowerCase()}`);
  for (const [key, dated] of byDeployment) {
    const sorted = dated.toSorted((a, b) => a.from - b.from);
    for (const [index, row] of sorted.entries()) {
      const next = sorted[index + 1];
      if (next && (row.to === null || row.to > next.from)) {
        throw new InventoryError(
          `${path}: two rows of ${key} overlap at ${toIso(next.from as Instant)}. End the earlier one there.`,
        );
      }
    }
  }
}
