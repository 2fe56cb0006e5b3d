import type { AgreementRow, Refusal } from "./agreement.ts";
import { regionOfMeter } from "./billing-region.ts";
import { type CsvRecord, readCsv } from "./csv.ts";
import { unitSizeOf } from "./unit-of-measure.ts";

/** A price sheet that was read: one agreement per meter price of Azure OpenAI, how many other meters it also holds, and what is malformed. */
export type PriceSheet = {
  readonly rows: readonly AgreementRow[];
  readonly otherMeters: number;
  readonly refused: readonly Refusal[];
};

const OURS = /openai|foundry models|cognitive services|ai services/i;

/**
 * Reads an Azure price sheet (EA or MCA, CSV): meter id and name, unit of measure, unit price, currency and validity.
 * Meters of other services are counted and left alone; consumption only, as reservations are bought apart.
 * Throws a RangeError when the columns that a price needs are missing.
 */
export function readPriceSheet(text: string): PriceSheet {
  const table = readCsv(text);
  const lacking = [["metername"], ["unitprice", "effectiveprice", "price"], ["unitofmeasure", "unit"]].filter(
    (names) => !names.some((name) => table.headers.includes(name)),
  );
  if (lacking.length > 0) {
    const names = lacking.map((alternatives) => alternatives[0]).join(", ");
    throw new RangeError(`This is no Azure price sheet: it has no column for ${names}.`);
  }
  const rows: AgreementRow[] = [];
  let otherMeters = 0;
  for (const record of table.records) {
    if (isOurs(record)) rows.push(agreementOf(record));
    else otherMeters += 1;
  }
  return { rows, otherMeters, refused: table.refused };
}

function isOurs({ cells }: CsvRecord): boolean {
  const names = [cells.metercategory, cells.servicename, cells.servicefamily, cells.product, cells.productname];
  const type = cells.pricetype ?? "";
  return names.some((name) => OURS.test(name ?? "")) && (type === "" || /consumption/i.test(type));
}

/** A region that cannot be read leaves the meter id alone to decide, as one name has other prices in other regions. */
function agreementOf({ cells, line }: CsvRecord): AgreementRow {
  const meterId = cells.meterid ?? "";
  const meterName = cells.metername ?? "";
  const region = regionOfMeter(cells.meterregion ?? "");
  const validFrom = cells.effectivestartdate || cells.effectivedate || "";
  const unit = cells.unitofmeasure || cells.unit || "";
  return {
    id: `sheet:${meterId || meterName}:${cells.meterregion ?? ""}:${validFrom}`,
    row: line,
    validFrom,
    validTo: cells.effectiveenddate || null,
    definition: {
      about: {
        ...(meterId === "" ? {} : { meterId }),
        ...(region === undefined && meterId !== "" ? {} : { meterName }),
        ...(region ? { region } : {}),
      },
      terms: {
        kind: "price",
        price: cells.unitprice || cells.effectiveprice || cells.price || "",
        perUnits: `${unitSizeOf(unit) ?? unit}`,
      },
      currency: cells.currency || cells.currencycode || cells.billingcurrency || "",
      reason: "price sheet",
    },
  };
}
