import { parse } from "yaml";
import { z } from "zod";
import { type Money, parseMoney } from "../../money/money.ts";
import { type Instant, toInstant, toIso } from "../../time/instant.ts";
import { SCOPES } from "../../usage/price-key.ts";
import { readCsv } from "../csv.ts";
import { type Reservation, type ReservationTerm, reservationPrice, reservationTotal } from "./reservations.ts";

/** A file of reservations cannot be used: its name, the row and what to write. Nothing of it is used. */
export class ReservationFileError extends Error {
  override readonly name = "ReservationFileError";
}

const instant = z.iso.datetime({ offset: true }).describe("ISO 8601 with a zone, as 2026-11-01T00:00:00Z");
const ARM_ID = /^\/subscriptions\/[^/]+(\/.+)?$/i;

const rowSchema = z.strictObject({
  id: z.string().min(1).describe("The reservation's id, as its ARM id or its GUID; one per row"),
  name: z.string().min(1).describe("What receipts call it"),
  scope: z.enum(SCOPES).describe("What it covers: Global, DataZone or Regional provisioned capacity"),
  region: z.string().default("").describe("ARM region name, as eastus2; empty covers every region"),
  ptu: z.number().int().positive().describe("Provisioned throughput units that were bought"),
  from: instant.describe("Inside"),
  to: instant.describe("Outside"),
  term: z.enum(["month", "year"]).nullable().default(null).describe("For the list price, where no total is given"),
  total: z
    .string()
    .regex(/^\d+(\.\d{1,12})?$/, 'write a plain decimal in quotes, such as "26520.00"')
    .nullable()
    .default(null)
    .describe("What the whole term costs, in the price book's currency; left out: the list price of the term"),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .nullable()
    .default(null)
    .describe("Of the total; the price book's when left out"),
  appliedTo: z
    .union([z.literal("shared"), z.array(z.string().regex(ARM_ID, "write an ARM id, such as /subscriptions/…")).min(1)])
    .default("shared")
    .describe("shared, or the ARM ids of subscriptions or resource groups"),
});

/** The reservations as `DATA_DIR/reservations.yaml` holds them; their JSON schema is `docs/reservations.schema.json`. */
export const reservationFileSchema = z.strictObject({ reservations: z.array(rowSchema) });

/** Reads `reservations.yaml`; `currency` is the price book's. Throws a ReservationFileError for a file that cannot be used. */
export function parseReservations(text: string, name: string, currency: string): Reservation[] {
  let content: unknown;
  try {
    content = parse(text) ?? { reservations: [] };
  } catch (error) {
    throw new ReservationFileError(`${name} is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  const read = reservationFileSchema.safeParse(content);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw new ReservationFileError(
      `${name}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is no list of reservations"}.`,
    );
  }
  return checked(
    read.data.reservations.map(
      (row, index): Draft => ({
        ...row,
        place: `${name}: reservations.${index} (${row.name})`,
        units: BigInt(row.ptu),
        from: toInstant(row.from),
        to: toInstant(row.to),
        total: row.total === null ? null : parseMoney(row.total),
        source: name,
      }),
    ),
    currency,
  );
}

/**
 * Reads the list of reservations that the portal exports as CSV (Reservations, Export). Other products than provisioned
 * throughput are left out. The export has no cost, so every total is the list price of its term.
 */
export function readReservationExport(text: string, name: string, currency: string): Reservation[] {
  const table = readCsv(text);
  const [cut] = table.refused;
  if (cut) throw new ReservationFileError(`${name}, line ${cut.row}: ${cut.reason}.`);
  const drafts: Draft[] = [];
  for (const { line, cells } of table.records) {
    const product = [cells.productname, cells.skuname, cells.sku, cells.type].filter(Boolean).join(" ");
    if (!PROVISIONED.test(product)) continue;
    const place = `${name}, line ${line}`;
    const refuse = (what: string) => new ReservationFileError(`${place}: ${what}.`);
    const to = dateOf(cells.expirationdate || cells.expirydate || cells.expirydatetime || "");
    const from = dateOf(cells.purchasedate || cells.purchasedatetime || cells.benefitstarttime || "");
    const term = termOf(cells.term ?? "");
    if (from === undefined) throw refuse(`the purchase date "${cells.purchasedate ?? ""}" cannot be read`);
    if (to === undefined) throw refuse(`the expiration date "${cells.expirationdate ?? ""}" cannot be read`);
    if (term === undefined) throw refuse(`the term "${cells.term ?? ""}" is neither a month nor a year`);
    if (!/^[1-9]\d*$/.test(cells.quantity ?? ""))
      throw refuse(`the quantity "${cells.quantity ?? ""}" is no number of units`);
    const id = cells.reservationid || cells.id || "";
    if (id === "") throw refuse("there is no reservation id");
    drafts.push({
      place,
      id,
      name: cells.name || cells.displayname || id,
      scope: scopeOf(product),
      region: (cells.region || cells.location || "")
        .toLowerCase()
        .replace(/\s+/g, "")
        .replace(/^global$/, ""),
      units: BigInt(cells.quantity ?? ""),
      from,
      to,
      term,
      total: null,
      currency: null,
      appliedTo: appliedTo(cells),
      source: name,
    });
  }
  return checked(drafts, currency);
}

/** A reservation as a file or an answer tells it, before it is checked; `place` stands in messages. */
export type Draft = Omit<Reservation, "term" | "total" | "appliedTo"> & {
  readonly place: string;
  readonly from: Instant;
  readonly to: Instant;
  readonly term: ReservationTerm | null;
  readonly total: Money | null;
  readonly currency: string | null;
  readonly appliedTo: "shared" | readonly string[];
};

/** Reservations that can be used together; throws a ReservationFileError at the first that cannot. */
export function checked(drafts: readonly Draft[], currency: string): Reservation[] {
  const ids = new Set<string>();
  return drafts.map((draft) => {
    const { id, name, scope, region, units, from, to, source, place } = draft;
    const key = id.toLowerCase();
    if (ids.has(key)) throw new ReservationFileError(`${place}: the id ${id} stands twice.`);
    ids.add(key);
    if (to <= from) throw new ReservationFileError(`${place}: it ends before it begins.`);
    if (draft.currency !== null && draft.currency !== currency) {
      throw new ReservationFileError(
        `${place}: its total is in ${draft.currency}, the price book in ${currency}: two currencies never meet.`,
      );
    }
    const list = draft.term === null ? undefined : reservationPrice(scope, draft.term, from);
    const total = draft.total ?? (list && currency === "USD" ? reservationTotal(units, list) : undefined);
    if (total === undefined) {
      throw new ReservationFileError(
        `${place}: its total is not told and no list price of ${draft.term ?? "an unknown term"} is known on ${toIso(from).slice(0, 10)}. Write the total.`,
      );
    }
    const appliedTo = draft.appliedTo === "shared" ? draft.appliedTo : draft.appliedTo.map((one) => one.toLowerCase());
    const told = draft.total === null ? `${source}, at the list price of a ${draft.term}` : source;
    return { id: key, name, scope, region, units, term: { start: from, end: to }, total, appliedTo, source: told };
  });
}

const PROVISIONED = /provisioned|\bptu\b/i;

/** Which capacity a reservation product covers, by the words of its name. */
export function scopeOf(product: string): Reservation["scope"] {
  if (/data\s*zone/i.test(product)) return "DataZone";
  return /global/i.test(product) ? "Global" : "Regional";
}

/** `P1Y`, `1 Year` and `One year` are a year; the same for months. */
export function termOf(text: string): ReservationTerm | undefined {
  if (/^(p?1\s*y|one.?year|1.?year)/i.test(text.trim())) return "year";
  return /^(p?1\s*m|one.?month|1.?month)/i.test(text.trim()) ? "month" : undefined;
}

function dateOf(text: string): Instant | undefined {
  const iso = /^\d{4}-\d{2}-\d{2}/.test(text)
    ? text
    : text.replace(
        /^(\d{1,2})\/(\d{1,2})\/(\d{4})/,
        (_all, month: string, day: string, year: string) => `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`,
      );
  const at = Date.parse(/T/.test(iso) ? iso : `${iso.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(at) ? undefined : toInstant(at);
}

function appliedTo(cells: Readonly<Record<string, string>>): "shared" | readonly string[] {
  const kind = cells.scope || cells.appliedscopetype || "";
  if (/shared|^$/i.test(kind)) return "shared";
  const subscription = cells.scopesubscription || cells.subscriptionid || cells.appliedscopes || "";
  const id = ARM_ID.test(subscription) ? subscription : `/subscriptions/${subscription}`;
  const group = cells.scoperesourcegroup ?? "";
  return [group === "" ? id : `${id}/resourceGroups/${group}`];
}
