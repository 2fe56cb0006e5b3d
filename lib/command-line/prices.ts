import { readFile, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { listPriceOverrides, savePriceOverride } from "../db/price-overrides.ts";
import { readAgreements } from "../pricing/agreement.ts";
import { catalogueOf } from "../pricing/catalogue.ts";
import { datedMeters } from "../pricing/dated-meters.ts";
import { classifyMeter, type MeterClass } from "../pricing/meter/classify-meter.ts";
import { readPriceSheet } from "../pricing/price-sheet.ts";
import { type RawPriceList, readPriceList } from "../pricing/raw-meter.ts";
import { toInstant, toIso } from "../time/instant.ts";
import { mixedUpUnits, pullListPrices, storeListPrices } from "../wiring/sync-list-prices.ts";
import { type Command, type CommandIo, type ExitCode, UsageError } from "./command.ts";
import { readJsonLines } from "./json-lines.ts";
import { currentPriceBook } from "./price-book-of-folder.ts";
import { printPriceDiff } from "./prices-diff.ts";
import { planTrace } from "./prices-plan.ts";
import { reprice } from "./prices-reprice.ts";

/** `npm run prices`: reads meter names, builds the bundled catalogue, syncs list prices, imports a price sheet. */
export const pricesCommand: Command = {
  name: "prices",
  usage: [
    "npm run prices -- classify --jsonl < meters.jsonl      what each meter name means",
    "npm run prices -- build-catalogue --from FILE [--out FILE]   writes lib/pricing/catalogue.json",
    "npm run prices -- sync [--from FILE] [--region NAME]… [--currency USD] [--endpoint URL]   list prices of the Retail Prices API",
    "npm run prices -- import-sheet FILE                     the customer's own prices, from an Azure price sheet CSV",
    "npm run prices -- diff --from DAY --to DAY              which token prices change between two days",
    "npm run prices -- reprice [--apply]                     what today's price book makes of the past, by month and team; --apply does it",
    "npm run prices -- plan --trace FILE --model NAME [--version V] [--scope S] [--region R] [--date DAY] [--reserved PTU]",
    "                                                        provisioned or pay-as-you-go for a request trace",
  ].join("\n"),
  onMissingFolder: "empty",
  usesDataFolder: (args) => args[0] !== "classify" && args[0] !== "build-catalogue",
  run: async ([action = "", ...args], io) => {
    switch (action) {
      case "classify":
        return classify(args, io);
      case "build-catalogue":
        return buildCatalogue(args, io);
      case "sync":
        return sync(args, io);
      case "import-sheet":
        return importSheet(args, io);
      case "diff": {
        const { values } = parse(args);
        return printPriceDiff(values.from, values.to, io, await currentPriceBook(io));
      }
      case "reprice": {
        const { values, positionals } = parse(args);
        if (positionals.length > 0) throw new UsageError("prices reprice takes --apply and nothing else.");
        return reprice(values.apply ?? false, io);
      }
      case "plan": {
        const { values } = parse(args);
        const options = { ...values, region: values.region?.[0] };
        return planTrace(options, io, await currentPriceBook(io));
      }
      default:
        throw new UsageError(action === "" ? "Say what to do with the prices." : `There is no "prices ${action}".`);
    }
  },
};

const meterLine = z.object({
  productName: z.string().nullish(),
  meterName: z.string({ error: "is missing" }),
  unitOfMeasure: z.string().nullish(),
});

async function classify(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  if (args.length !== 1 || args[0] !== "--jsonl") throw new UsageError("Say --jsonl and give one meter per line.");
  let isClean = true;
  for await (const { value, error } of readJsonLines(io.stdin)) {
    const parsed = meterLine.safeParse(value);
    if (error === undefined && parsed.success) {
      const { meterName, productName, unitOfMeasure } = parsed.data;
      const read = classifyMeter({ meterName, productName: productName ?? "", unitOfMeasure: unitOfMeasure ?? "" });
      await io.out(`${JSON.stringify({ id: idOf(value), ...classLine(read) })}\n`);
    } else {
      isClean = false;
      const issue = parsed.error?.issues[0];
      const reason = error ?? `${issue?.path.join(".") || "the line"} ${issue?.message}`;
      await io.out(`${JSON.stringify({ id: idOf(value), ...classLine({ status: "ambiguous", reason }) })}\n`);
    }
  }
  return isClean ? 0 : 1;
}

/** The answer for one meter; what a meter does not have, or its name does not say, is null. */
export function classLine(read: MeterClass): Readonly<Record<string, string | null>> {
  const empty = {
    category: null,
    model: null,
    version: null,
    scope: null,
    mode: null,
    kind: null,
    modality: null,
    context: null,
  };
  if (read.status === "ambiguous") return { status: read.status, ...empty, reason: read.reason };
  const { category, model, version, scope, kind } = read;
  const named = { status: read.status, ...empty, category, model, version, scope, kind };
  const reason = read.reason === "" ? null : read.reason;
  return read.category === "token"
    ? { ...named, mode: read.mode, modality: read.modality, context: read.context, reason }
    : { ...named, reason };
}

function idOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "id" in value ? value.id : null;
}

async function buildCatalogue(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  const { values } = parse(args);
  if (values.from === undefined) throw new UsageError("Say --from and the price file.");
  const list = await readListFile(pathOf(io, values.from), "Azure Retail Prices API");
  const named: RawPriceList = { ...list, source: `Azure Retail Prices API, ${toIso(list.readAt).slice(0, 10)}` };
  const dated = datedMeters(named);
  const out =
    values.out !== undefined ? pathOf(io, values.out) : join(import.meta.dirname, "../pricing/catalogue.json");
  await writeFile(out, `${JSON.stringify(catalogueOf(named, dated))}\n`);
  reportRefused(list, io);
  await io.out(
    `${JSON.stringify({ rows: list.meters.length, meters: dated.meters.length, ambiguous: dated.unread.length, refused: list.refused.length })}\n`,
  );
  return list.refused.length === 0 ? 0 : 1;
}

async function sync(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  const { values } = parse(args);
  const runtime = await io.runtime();
  const { region: regions, currency, endpoint } = values;
  const list =
    values.from !== undefined
      ? await readListFile(pathOf(io, values.from), `file ${values.from}`)
      : await pullListPrices(runtime, {
          ...(regions ? { regions } : {}),
          ...(currency ? { currency } : {}),
          ...(endpoint ? { endpoint } : {}),
          onProgress: (rows) => io.err(`${rows} prices read\n`),
          signal: io.signal,
        });
  reportRefused(list, io);
  const mixedUp = values.from === undefined ? [] : mixedUpUnits(list);
  for (const words of mixedUp.slice(0, 20)) io.err(`refused: ${words}\n`);
  if (list.refused.length + mixedUp.length > 0) {
    io.err(`${list.refused.length + mixedUp.length} prices cannot be used, so nothing was changed.\n`);
    return 1;
  }
  const { kept } = await storeListPrices(runtime, list);
  const dated = datedMeters(list);
  await io.out(
    `${JSON.stringify({ source: list.source, readAt: toIso(list.readAt), rows: list.meters.length, kept, meters: dated.meters.length, ambiguous: dated.unread.length, refused: 0 })}\n`,
  );
  return 0;
}

async function importSheet(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  const { positionals } = parse(args);
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new UsageError("Name one price sheet.");
  const sheet = readPriceSheet(await readFile(pathOf(io, file), "utf8"));
  const runtime = await io.runtime();
  const book = await runtime.priceBook();
  const stored = await listPriceOverrides(runtime.state.db);
  const replaced = new Set(sheet.rows.map(({ id }) => id));
  const inForce = book.negotiated.filter(({ id }) => !replaced.has(id));
  const read = readAgreements(sheet.rows, inForce, book);
  const refusals = [...sheet.refused, ...(read.kind === "refused" ? read.refusals : [])];
  if (read.kind === "refused" || refusals.length > 0) {
    for (const { row, reason } of refusals) io.err(`line ${row}: ${reason}\n`);
    io.err(
      `${refusals.length} of ${sheet.rows.length + sheet.refused.length} rows cannot be used, so nothing was changed.\n`,
    );
    return 1;
  }
  const now = runtime.now();
  await runtime.state.transaction(async (tx) => {
    for (const [index, agreement] of read.agreements.entries()) {
      const { id, validFrom, validTo } = agreement;
      await savePriceOverride(tx, { id, definition: sheet.rows[index]?.definition, validFrom, validTo }, now);
    }
  });
  await io.out(
    `${JSON.stringify({ applied: read.agreements.length, otherMeters: sheet.otherMeters, before: stored.length })}\n`,
  );
  return 0;
}

async function readListFile(path: string, source: string): Promise<RawPriceList> {
  const text = await readFile(path, "utf8");
  const now = toInstant(Date.now());
  return readPriceList(parseJson(text, path), source, now);
}

/** One JSON value, or one page of the API per line. */
function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return text
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line): unknown => JSON.parse(line));
    } catch (cause) {
      throw new Error(`${path} is not JSON.`, { cause });
    }
  }
}

function reportRefused(list: RawPriceList, io: CommandIo): void {
  for (const { row, reason } of list.refused.slice(0, 20)) io.err(`row ${row} refused: ${reason}\n`);
  if (list.refused.length > 20) io.err(`and ${list.refused.length - 20} more rows refused\n`);
}

function pathOf(io: CommandIo, file: string): string {
  return isAbsolute(file) ? file : join(io.cwd, file);
}

function parse(args: readonly string[]) {
  const options = {
    from: { type: "string" },
    out: { type: "string" },
    region: { type: "string", multiple: true },
    currency: { type: "string" },
    endpoint: { type: "string" },
    to: { type: "string" },
    trace: { type: "string" },
    model: { type: "string" },
    version: { type: "string" },
    scope: { type: "string" },
    date: { type: "string" },
    reserved: { type: "string" },
    apply: { type: "boolean" },
  } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
