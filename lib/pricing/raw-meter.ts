import { z } from "zod";
import { type Instant, toInstant } from "../time/instant.ts";

/** One meter price as a price list says it, before anything is read into its name. `price` is the exact decimal text. */
export type RawMeter = {
  readonly productName: string;
  readonly meterName: string;
  readonly meterId: string | null;
  readonly unitOfMeasure: string;
  readonly price: string;
  readonly currency: string;
  readonly regions: readonly string[];
  readonly validFrom: Instant;
  readonly validTo: Instant | null;
  readonly type: "Consumption" | "Reservation" | "DevTestConsumption";
  readonly reservationTerm: string | null;
  readonly tierMinimumUnits: number;
  /** The list that told it, where it is not the one that it stands in. */
  readonly source?: string;
};

/** A price list that was read: its meters, the rows refused with a reason, and when and where it was read. */
export type RawPriceList = {
  readonly meters: readonly RawMeter[];
  readonly refused: readonly { readonly row: number; readonly reason: string }[];
  readonly source: string;
  readonly readAt: Instant;
};

const instant = z.string().transform((text, context) => {
  const ms = Date.parse(text);
  if (Number.isFinite(ms)) return toInstant(ms);
  context.issues.push({ code: "custom", message: `"${text}" is not a date`, input: text });
  return z.NEVER;
});

const amount = z.number({ error: "the price is not a number" }).nonnegative("the price is negative").transform(String);

/** A row of the Retail Prices API (pricing reference, section 2). */
const apiRow = z.object({
  currencyCode: z.string().regex(/^[A-Z]{3}$/, "the currency is not an ISO 4217 code"),
  tierMinimumUnits: z.number().default(0),
  retailPrice: amount,
  armRegionName: z.string().default(""),
  effectiveStartDate: instant,
  effectiveEndDate: instant.nullish(),
  meterId: z.string().nullish(),
  meterName: z.string().min(1, "the meter has no name"),
  productName: z.string(),
  unitOfMeasure: z.string(),
  type: z.enum(["Consumption", "Reservation", "DevTestConsumption"]).default("Consumption"),
  reservationTerm: z.string().nullish(),
});

/** A row of the grouped file: one meter price, and the regions that share it. */
const groupedRow = z.object({
  effectiveStartDate: instant,
  meterName: z.string().min(1, "the meter has no name"),
  productName: z.string(),
  regions: z.array(z.string()),
  retailPrice: amount,
  unitOfMeasure: z.string(),
});

const apiPage = z.object({ Items: z.array(z.unknown()), NextPageLink: z.string().nullish() });
const groupedFile = z.object({ items: z.array(z.unknown()), fetched_at: z.string().optional() });

/** A page of the Retail Prices API: its rows as they came, and the address of the next page (null on the last one). */
export type ApiPage = { readonly items: readonly unknown[]; readonly next: string | null };

/** Reads one page of the Retail Prices API; undefined when the value has another shape. */
export function readApiPage(value: unknown): ApiPage | undefined {
  const page = apiPage.safeParse(value);
  return page.success ? { items: page.data.Items, next: page.data.NextPageLink || null } : undefined;
}

/**
 * Reads a price list: one page or an array of pages of the Retail Prices API, or the grouped file.
 * A malformed row, and a second price of one meter, region and day, is refused with its number and reason. Throws a
 * RangeError when the list has none of the shapes, when its last page names a next one, or when it is empty: an empty answer
 * is an error (pricing reference, section 2).
 */
export function readPriceList(value: unknown, source: string, readAt: Instant): RawPriceList {
  const pages = (Array.isArray(value) ? value : [value]).map(readApiPage);
  const whole = pages.flatMap((page) => (page ? [...page.items] : []));
  if (pages.length > 0 && pages.every((page) => page !== undefined)) {
    if (pages.at(-1)?.next) {
      throw new RangeError(
        `The price list ${source} ends in the middle: its last page names a next one (NextPageLink). Record it to the end.`,
      );
    }
    return collect(whole, readApiRow, source, readAt);
  }
  const grouped = groupedFile.safeParse(value);
  if (!grouped.success) {
    throw new RangeError(
      `The price list ${source} has neither the shape of the Retail Prices API (Items, NextPageLink) nor the grouped shape (items, regions).`,
    );
  }
  const fetchedAt = grouped.data.fetched_at;
  const at = fetchedAt ? toInstant(/[zZ]|[+-]\d\d:\d\d$/.test(fetchedAt) ? fetchedAt : `${fetchedAt}Z`) : readAt;
  return collect(grouped.data.items, readGroupedRow, source, at);
}

/** Which price a row is about: a second price under the same words contradicts the first. */
function subjectOf(meter: RawMeter): string {
  const { meterId, productName, meterName, unitOfMeasure, currency, type, reservationTerm, tierMinimumUnits } = meter;
  return JSON.stringify([
    meterId,
    productName,
    meterName,
    unitOfMeasure,
    currency,
    type,
    reservationTerm,
    tierMinimumUnits,
    meter.validFrom,
  ]);
}

function collect(
  items: readonly unknown[],
  read: (value: unknown) => RawMeter | string,
  source: string,
  readAt: Instant,
): RawPriceList {
  if (items.length === 0) {
    throw new RangeError(
      `The price list ${source} is empty. The service answers an unknown service name with no rows; ask for 'Foundry Models'.`,
    );
  }
  const meters: RawMeter[] = [];
  const refused: { row: number; reason: string }[] = [];
  const seen = new Map<string, { readonly row: number; readonly price: string }>();
  const contradicted = (meter: RawMeter, row: number): number | undefined => {
    const subject = subjectOf(meter);
    let other: number | undefined;
    for (const region of meter.regions) {
      const id = `${subject}${region}`;
      const known = seen.get(id);
      if (known === undefined) seen.set(id, { row, price: meter.price });
      else if (known.price !== meter.price) other = known.row;
    }
    return other;
  };
  for (const [index, item] of items.entries()) {
    const row = index + 1;
    const meter = read(item);
    const other = typeof meter === "string" ? undefined : contradicted(meter, row);
    if (typeof meter === "string") refused.push({ row, reason: meter });
    else if (other !== undefined) {
      const reason = `the meter has another price in row ${other} for the same region from the same day`;
      refused.push({ row, reason });
    } else meters.push(meter);
  }
  return { meters, refused, source, readAt };
}

function readApiRow(value: unknown): RawMeter | string {
  const parsed = apiRow.safeParse(value);
  if (!parsed.success) return reasonOf(parsed.error);
  const row = parsed.data;
  if (row.effectiveEndDate && row.effectiveEndDate < row.effectiveStartDate) {
    return "effectiveEndDate: the price ends before it begins";
  }
  return {
    productName: row.productName,
    meterName: row.meterName,
    meterId: row.meterId ?? null,
    unitOfMeasure: row.unitOfMeasure,
    price: row.retailPrice,
    currency: row.currencyCode,
    regions: [row.armRegionName],
    validFrom: row.effectiveStartDate,
    validTo: row.effectiveEndDate ?? null,
    type: row.type,
    reservationTerm: row.reservationTerm ?? null,
    tierMinimumUnits: row.tierMinimumUnits,
  };
}

function readGroupedRow(value: unknown): RawMeter | string {
  const parsed = groupedRow.safeParse(value);
  if (!parsed.success) return reasonOf(parsed.error);
  const row = parsed.data;
  return {
    productName: row.productName,
    meterName: row.meterName,
    meterId: null,
    unitOfMeasure: row.unitOfMeasure,
    price: row.retailPrice,
    currency: "USD",
    regions: row.regions,
    validFrom: row.effectiveStartDate,
    validTo: null,
    type: "Consumption",
    reservationTerm: null,
    tierMinimumUnits: 0,
  };
}

function reasonOf(error: z.ZodError): string {
  const issue = error.issues[0];
  return `${issue?.path.join(".") || "row"}: ${issue?.message ?? "not readable"}`;
}
