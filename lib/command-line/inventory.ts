import { writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { toDecimal } from "../money/money.ts";
import { reservationFileSchema } from "../pricing/provisioned/reservation-file.ts";
import { seenDeployments } from "../queries/seen-deployments.ts";
import { addMs, HOUR_MS, period, QUARTER_HOUR_MS, quarterHourOf, toInstant, toIso } from "../time/instant.ts";
import { draftInventory } from "../usage/draft-inventory.ts";
import type { InventoryRow } from "../usage/inventory.ts";
import {
  inventoryFileSchema,
  inventoryPath,
  inventoryText,
  readInventory,
  writeInventory,
} from "../usage/inventory-file.ts";
import { type Command, type CommandIo, type ExitCode, UsageError } from "./command.ts";
import { textTable } from "./text-table.ts";

const USAGE = `Usage: npm run inventory -- draft [--days 90] [--print]
       npm run inventory -- list [--json]
       npm run inventory -- reservations [--json]
       npm run inventory -- apply [--days 90]
       npm run inventory -- schema [--of reservations] [--out docs/deployments.schema.json]

  draft   writes DATA_DIR/deployments.yaml: every deployment that the logs name, dated; rows that are there stay.
          SKU and capacity are not in the logs: fill them in, or the cost is a range over the possible scopes.
  list    the rows that are in force
  reservations  what was reserved of provisioned capacity: DATA_DIR/reservations.yaml, and the portal's reservations.csv
  apply   reads the past again after a change of these files: what was deployed and reserved then costs what it did then
  schema  the JSON schema of deployments.yaml, or of reservations.yaml
`;

const COMMENT = `What was deployed, when. Rows are half-open in time: "from" is inside, "to" is outside, null is still there.
The logs do not tell sku, ptu, tpm and rpm: fill them in. An unknown sku makes the cost a range.`;

const DAY_MS = 24 * HOUR_MS;

/** `npm run inventory`: drafts, lists and describes the dated inventory of deployments. */
export const inventoryCommand: Command = {
  name: "inventory",
  usage: USAGE,
  onMissingFolder: "demo",
  usesDataFolder: (args) => args[0] !== "schema",
  run: async (args, io) => {
    const { values, positionals } = parsed(args);
    switch (positionals[0]) {
      case "draft":
        return draft(daysOf(values.days), values.print === true, io);
      case "list":
        return list(values.json === true, io);
      case "reservations":
        return reservations(values.json === true, io);
      case "apply":
        return apply(daysOf(values.days), io);
      case "schema":
        if (values.of !== undefined && values.of !== "deployments" && values.of !== "reservations")
          throw new UsageError("--of is deployments or reservations.");
        return schema(values.of === "reservations" ? reservationFileSchema : inventoryFileSchema, values.out, io);
      default:
        throw new UsageError("Say what to do: draft, list, reservations, apply or schema.");
    }
  },
};

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        days: { type: "string" },
        print: { type: "boolean" },
        json: { type: "boolean" },
        out: { type: "string" },
        of: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "These arguments cannot be read.");
  }
}

function daysOf(text: string | undefined): number {
  const days = Number(text ?? 90);
  if (!Number.isInteger(days) || days < 1 || days > 731)
    throw new UsageError("--days is a whole number from 1 to 731.");
  return days;
}

async function draft(days: number, isPrinted: boolean, io: CommandIo): Promise<ExitCode> {
  const runtime = await io.runtime();
  const now = runtime.now();
  const window = period(addMs(now, -days * DAY_MS), addMs(now, HOUR_MS));
  const result = await runtime.logs.run(
    seenDeployments,
    { window },
    { period: window, priority: "background", signal: io.signal },
  );
  if (result.status === "not_connected") {
    io.err(
      `The workspace has no ${result.missing.kind} ${result.missing.name}: nothing to draft from. Switch the diagnostic setting of the accounts on.\n`,
    );
    return 1;
  }
  if (result.status === "partial") {
    io.err(
      `The workspace told only part of the deployments (${result.message}). Nothing is written; ask for fewer --days.\n`,
    );
    return 1;
  }
  const known = await readInventory(runtime.dataDir);
  const rows = draftInventory(result.rows, known, now);
  if (isPrinted) {
    await io.out(inventoryText(rows, COMMENT));
    return 0;
  }
  await writeInventory(runtime.dataDir, rows, COMMENT);
  const unknown = rows.filter((row) => row.sku === "unknown").length;
  io.err(`${rows.length - known.length} rows added, ${known.length} kept, ${unknown} with an unknown SKU.\n`);
  await io.out(`${inventoryPath(runtime.dataDir)}\n`);
  return 0;
}

async function list(isJson: boolean, io: CommandIo): Promise<ExitCode> {
  const runtime = await io.runtime();
  const rows = await readInventory(runtime.dataDir);
  await io.out(isJson ? `${JSON.stringify(rows.map(shown), null, 2)}\n` : textTable(rows.map(shown)));
  return 0;
}

function shown(row: InventoryRow): Record<string, string | null> {
  return {
    account: row.account.slice(row.account.lastIndexOf("/") + 1),
    deployment: row.deployment,
    sku: row.sku,
    model: row.model,
    version: row.version,
    region: row.region,
    ptu: row.ptu === null ? "" : String(row.ptu),
    from: new Date(row.from).toISOString(),
    to: row.to === null ? "" : new Date(row.to).toISOString(),
  };
}

async function reservations(isJson: boolean, io: CommandIo): Promise<ExitCode> {
  const runtime = await io.runtime();
  const rows = (await runtime.reservations()).map(
    ({ id, name, scope, region, units, term, total, appliedTo, source }) => ({
      id,
      name,
      scope,
      region,
      ptu: units.toString(),
      from: toIso(term.start),
      to: toIso(term.end),
      total: toDecimal(total),
      appliedTo: appliedTo === "shared" ? appliedTo : appliedTo.join(" "),
      source,
    }),
  );
  await io.out(isJson ? `${JSON.stringify(rows, null, 2)}\n` : textTable(rows));
  return 0;
}

/** Day by day, the newest first, so that an act that is stopped has done what people look at. */
async function apply(days: number, io: CommandIo): Promise<ExitCode> {
  const runtime = await io.runtime();
  const now = runtime.now();
  const { firstQuarterHour } = await runtime.ledger.stats();
  if (firstQuarterHour === null) {
    io.err("The ledger has read nothing yet, so there is nothing to apply the files to.\n");
    return 1;
  }
  const first = Math.max(firstQuarterHour, addMs(now, -days * DAY_MS));
  let done = 0;
  for (let end = addMs(quarterHourOf(now), QUARTER_HOUR_MS); end > first; ) {
    if (io.signal.aborted) return 1;
    const start = toInstant(Math.max(first, (Math.ceil(end / DAY_MS) - 1) * DAY_MS));
    const { changed, failures } = await runtime.ingestion.recompute(period(start, end), now, io.signal);
    if (failures[0] !== undefined) {
      io.err(`${toIso(start).slice(0, 10)} could not be read again: ${failures[0]}\n`);
      return 1;
    }
    done += changed;
    io.err(`${toIso(start).slice(0, 10)}: ${changed} quarter hours changed\n`);
    end = start;
  }
  await io.out(`${done} quarter hours changed.\n`);
  return 0;
}

async function schema(of: z.ZodType, out: string | undefined, io: CommandIo): Promise<ExitCode> {
  const text = `${JSON.stringify(z.toJSONSchema(of, { io: "input" }), null, 2)}\n`;
  if (out === undefined) await io.out(text);
  else await writeFile(path.resolve(io.cwd, out), text);
  return 0;
}
