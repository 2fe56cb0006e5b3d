import { type Money, money } from "../../money/money.ts";
import { type CsvRecord, readCsv } from "../csv.ts";
import { unitSizeOf } from "../unit-of-measure.ts";
import { readAmount, readMicroUnits } from "./exact-decimal.ts";

/** Which of the three exports a file is: what was billed on its day, reservations spread, or FOCUS. */
export type InvoiceBasis = "actual" | "amortized" | "focus";

/** What a line charges for. Only `usage` is compared with the logs; the others are named as they are. */
export type InvoiceChargeType = "usage" | "purchase" | "unused_reservation" | "adjustment";

/** One line of a Cost Management export, for Azure OpenAI. `day` is UTC; `deployment` is the tag that the platform adds, or empty. */
export type InvoiceLine = {
  readonly line: number;
  readonly day: string;
  readonly account: string;
  readonly deployment: string;
  readonly meterId: string | null;
  readonly meterName: string;
  readonly chargeType: InvoiceChargeType;
  readonly isReserved: boolean;
  /** Millionths of a token, or of an hour. */
  readonly microUnits: bigint;
  readonly cost: Money;
  readonly currency: string;
};

/** An export that was read: our lines, how many lines of other services it holds, and what could not be read. */
export type InvoiceFile = {
  readonly basis: InvoiceBasis;
  readonly lines: readonly InvoiceLine[];
  readonly otherLines: number;
  /** The days (UTC) on which the billing periods of our lines start, as far as the export says so. */
  readonly billingStarts: readonly string[];
  readonly refused: readonly { readonly row: number; readonly reason: string }[];
  /** The line on which each row of ours stands, by the text of all its cells. */
  readonly rows: ReadonlyMap<string, number>;
};

const OURS =
  /openai|foundry|cognitive ?services|microsoft\.cognitiveservices|azure ai services|ai and machine learning/i;

/**
 * Reads a Cost Management export (actual, amortised or FOCUS CSV). A malformed row is refused with its line and reason.
 * Throws a RangeError when the columns of none of the three are there. `basis` tells actual and amortised apart where the
 * file does not: both have the same columns, and only an amortised one has unused reservations or priced reserved usage.
 */
export function readInvoice(text: string, basis?: "actual" | "amortized"): InvoiceFile {
  const table = readCsv(text);
  const has = (...names: string[]) => names.some((name) => table.headers.includes(name));
  const isFocus = has("billedcost") && has("chargeperiodstart");
  if (
    !isFocus &&
    !(
      has("date", "usagedate") &&
      has("quantity", "usagequantity") &&
      has("costinbillingcurrency", "cost", "pretaxcost")
    )
  ) {
    throw new RangeError(
      "This is no cost export: it has neither the columns of an actual or amortised export (Date, Quantity, CostInBillingCurrency) nor those of FOCUS (ChargePeriodStart, BilledCost).",
    );
  }
  const lines: InvoiceLine[] = [];
  const refused = [...table.refused];
  const rows = new Map<string, number>();
  const billingStarts = new Set<string>();
  let otherLines = 0;
  for (const record of table.records) {
    if (!isOurs(record)) {
      otherLines += 1;
      continue;
    }
    const line = isFocus ? readFocusLine(record) : readExportLine(record);
    const reason = typeof line === "string" ? line : unusable(line);
    if (reason !== undefined) refused.push({ row: record.line, reason });
    if (typeof line === "string" || reason !== undefined) continue;
    lines.push(line);
    const start = readDay(record.cells.billingperiodstartdate || record.cells.billingperiodstart || "");
    if (start !== undefined) billingStarts.add(start);
    rows.set(JSON.stringify(record.cells), record.line);
  }
  const isAmortized = lines.some(
    (line) => line.chargeType === "unused_reservation" || (line.isReserved && line.cost !== 0n),
  );
  return {
    basis: isFocus ? "focus" : (basis ?? (isAmortized ? "amortized" : "actual")),
    lines,
    otherLines,
    billingStarts: [...billingStarts].toSorted(),
    refused,
    rows,
  };
}

/** Why a line that could be read cannot be compared; undefined when it can. */
function unusable(line: InvoiceLine): string | undefined {
  if (!CURRENCIES.has(line.currency)) {
    return line.currency === "" ? "the currency is missing" : `the currency "${line.currency}" is none of ISO 4217`;
  }
  if (line.chargeType !== "usage") return undefined;
  if (line.microUnits < 0n) return "usage with a negative quantity; a correction is an adjustment or a refund";
  if (line.cost < 0n) return "usage with a negative cost; a correction is an adjustment or a refund";
  return undefined;
}

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

function isOurs({ cells }: CsvRecord): boolean {
  const names = [
    cells.consumedservice,
    cells.metercategory,
    cells.servicename,
    cells.servicecategory,
    cells.xskumetercategory,
    cells.product,
    cells.resourceid,
  ];
  return names.some((name) => OURS.test(name ?? ""));
}

function readExportLine({ cells, line }: CsvRecord): InvoiceLine | string {
  const day = readDay(cells.date || cells.usagedate || "");
  if (!day) return `the date "${cells.date ?? ""}" cannot be read`;
  const cost = readAmount(cells.costinbillingcurrency || cells.cost || cells.pretaxcost || "");
  if (cost === undefined) return "the cost is not a number";
  const quantity = cells.quantity || cells.usagequantity || "";
  const microUnits = readMicroUnits(quantity, sizeOf(cells.unitofmeasure ?? ""));
  if (microUnits === undefined) return `the quantity "${quantity}" is not a number`;
  const chargeType = chargeTypeOf(cells.chargetype ?? "");
  if (!chargeType) return `the charge type "${cells.chargetype ?? ""}" is not one of Cost Management`;
  const tags = readTags(cells.tags ?? "");
  return {
    line,
    day,
    account: accountOf(cells.resourceid || cells.instanceid || cells.instancename || ""),
    deployment: (tags.get("deployment") ?? "").toLowerCase(),
    meterId: cells.meterid || null,
    meterName: cells.metername ?? "",
    chargeType,
    isReserved: /reservation/i.test(cells.pricingmodel ?? "") || (cells.reservationid ?? "") !== "",
    microUnits,
    cost,
    currency: currencyOf(cells.billingcurrency || cells.billingcurrencycode || cells.currency || ""),
  };
}

function readFocusLine({ cells, line }: CsvRecord): InvoiceLine | string {
  const day = readDay(cells.chargeperiodstart ?? "");
  if (!day) return `the charge period "${cells.chargeperiodstart ?? ""}" cannot be read`;
  const cost = readAmount(cells.billedcost || "");
  if (cost === undefined) return "BilledCost is not a number";
  const quantity = cells.consumedquantity || cells.pricingquantity || "0";
  const unit = cells.consumedquantity ? cells.consumedunit : cells.pricingunit;
  const microUnits = readMicroUnits(quantity, sizeOf(unit ?? ""));
  if (microUnits === undefined) return `the quantity "${quantity}" is not a number`;
  const category = chargeTypeOf(cells.chargecategory ?? "");
  if (!category) return `the charge category "${cells.chargecategory ?? ""}" is not one of FOCUS`;
  const isCorrection = /^correction$/i.test(cells.chargeclass ?? "");
  const isUnused = /unused/i.test(cells.commitmentdiscountstatus ?? "");
  const tags = readTags(cells.tags ?? "");
  return {
    line,
    day,
    account: accountOf(cells.resourceid ?? ""),
    deployment: (tags.get("deployment") ?? cells.xdeploymentname ?? "").toLowerCase(),
    meterId: cells.xskumeterid || null,
    meterName: cells.xskumetername || cells.skumeter || "",
    chargeType: isCorrection ? "adjustment" : isUnused ? "unused_reservation" : category,
    isReserved: (cells.commitmentdiscountid ?? "") !== "",
    microUnits,
    cost,
    currency: currencyOf(cells.billingcurrency ?? ""),
  };
}

/** The charge types of cost details and the charge categories of FOCUS; undefined for a word of neither. */
function chargeTypeOf(type: string): InvoiceChargeType | undefined {
  switch (type.toLowerCase()) {
    case "":
    case "usage":
      return "usage";
    case "purchase":
      return "purchase";
    case "unusedreservation":
      return "unused_reservation";
    case "refund":
    case "adjustment":
    case "roundingadjustment":
    case "credit":
    case "tax":
      return "adjustment";
    default:
      return undefined;
  }
}

/** The account's short name, in lower case, as the last part of its resource id; empty when the line names none. */
function accountOf(resourceId: string): string {
  const match = /\/accounts\/([^/]+)/i.exec(resourceId);
  return (match?.[1] ?? "").toLowerCase();
}

/** `2026-11-01`, `2026-11-01T00:00:00Z`, `11/01/2026` and `20261101` as `2026-11-01`. */
function readDay(text: string): string | undefined {
  const iso = /^(\d{4})-(\d{2})-(\d{2})/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})/.exec(text);
  const [year, month, day] = iso ? iso.slice(1) : american ? [american[3], american[1], american[2]] : [];
  if (!year || !month || !day) return undefined;
  const written = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  // Date.parse takes 30 February for 2 March.
  const at = Date.parse(`${written}T00:00:00Z`);
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== written ? undefined : written;
}

/** Tags are JSON, with the braces left out in exports of enterprise agreements. */
function readTags(text: string): ReadonlyMap<string, string> {
  const trimmed = text.trim();
  if (trimmed === "") return new Map();
  try {
    const parsed: unknown = JSON.parse(trimmed.startsWith("{") ? trimmed : `{${trimmed}}`);
    if (typeof parsed !== "object" || parsed === null) return new Map();
    return new Map(Object.entries(parsed).map(([name, value]) => [name.toLowerCase(), String(value)]));
  } catch {
    return new Map();
  }
}

/** Units of a unit of measure; words without a number (`Tokens`, `PTU-Hours`) stand for one. */
function sizeOf(unit: string): bigint {
  return unitSizeOf(unit) ?? 1n;
}

function currencyOf(text: string): string {
  return text.trim().toUpperCase();
}

/** The sum of an export's lines. */
export function invoiceTotal(lines: readonly InvoiceLine[]): Money {
  return money(lines.reduce((total, line) => total + line.cost, 0n));
}
