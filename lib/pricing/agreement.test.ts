import { describe, expect, test } from "vitest";
import { toDecimal } from "../money/money.ts";
import { type Agreement, type AgreementRow, readAgreements } from "./agreement.ts";
import { loadBundledCatalogue } from "./catalogue.ts";
import { readPriceSheet } from "./price-sheet.ts";
import { priceUsage } from "./price-usage.ts";
import { usageFact } from "./testing/usage-fact.ts";

const book = loadBundledCatalogue();

type Parts = Partial<Agreement> & { readonly validFrom?: string; readonly validTo?: string | null };

function row({ validFrom = "2026-01-01", validTo = null, ...definition }: Parts, number = 1): AgreementRow {
  return { id: `a${number}`, row: number, definition, validFrom, validTo };
}

const off = (percent: string) => ({ kind: "discount", percent }) as const;
const price = (text: string, perUnits: string) => ({ kind: "price", price: text, perUnits }) as const;

describe("readAgreements refuses what would make a wrong bill", () => {
  test.each<[string, AgreementRow[], string]>([
    [
      "a negative price",
      [row({ about: { model: "gpt-4.1" }, terms: price("-2", "1000000") })],
      "the price is negative",
    ],
    ["a price that is none", [row({ terms: price("two", "1000000") })], '"two" is not a price'],
    ["a discount over 100", [row({ terms: off("100.01") })], 'the discount "100.01" is not a percentage from 0 to 100'],
    ["a negative discount", [row({ terms: off("-5") })], 'the discount "-5" is not a percentage from 0 to 100'],
    ["another currency", [row({ terms: off("5"), currency: "EUR" })], "the currency is EUR, the price book is in USD"],
    [
      "a unit nobody knows",
      [row({ terms: price("2", "bushel") })],
      '"bushel" is not the number of units that the price pays for',
    ],
    [
      "a price per 1K that was meant per 1M",
      [row({ about: { meterName: "gpt 4.1 Inp glbl Tokens" }, terms: price("1.9", "1000") })],
      "the price is far from the list price of gpt 4.1 Inp glbl Tokens: is it per 1K or per 1M?",
    ],
    [
      "one price for every kind of token",
      [row({ about: { model: "gpt-4.1" }, terms: price("2", "1000000") })],
      "a price needs the meter, or the model and the kind of token, that it is for; only a discount may cover more",
    ],
    [
      "a validity that ends before it starts",
      [row({ terms: off("5"), validTo: "2026-01-01" })],
      "the validity ends before it starts",
    ],
    [
      "a date that is none",
      [row({ terms: off("5"), validFrom: "soon" })],
      "the validity is not a date such as 2026-09-01",
    ],
  ])("%s", (_name, rows, reason) =>
    expect(readAgreements(rows, [], book)).toEqual({ kind: "refused", refusals: [{ row: 1, reason }] }),
  );

  test("an agreement without terms", () =>
    expect(readAgreements([row({})], [], book)).toMatchObject({ kind: "refused", refusals: [{ row: 1 }] }));

  test("overlapping validity about the same, also against what is in force; one bad row applies none", () => {
    const open = row({ about: { model: "gpt-4.1" }, terms: off("5") }, 1);
    const later = row({ about: { model: "gpt-4.1" }, terms: off("7"), validFrom: "2026-06-01" }, 2);
    const refusals = [{ row: 2, reason: "the validity overlaps that of a1, which is about the same" }];
    expect(readAgreements([open, later], [], book)).toEqual({ kind: "refused", refusals });
    const inForce = readAgreements([open], [], book);
    expect(inForce.kind === "accepted" && readAgreements([later], inForce.agreements, book)).toEqual({
      kind: "refused",
      refusals,
    });
  });

  test("validities that touch, and other models, do not overlap", () => {
    const rows = [
      row({ about: { model: "gpt-4.1" }, terms: off("5"), validTo: "2026-06-01" }, 1),
      row({ about: { model: "gpt-4.1" }, terms: off("7"), validFrom: "2026-06-01" }, 2),
      row({ about: { model: "gpt-5" }, terms: off("9") }, 3),
    ];
    expect(readAgreements(rows, [], book)).toMatchObject({
      kind: "accepted",
      agreements: [{ id: "a1" }, { id: "a2" }, { id: "a3" }],
    });
  });
});

const SHEET = `\uFEFFMeter ID,Meter name,Meter category,Unit of measure,Unit price,Currency code,Effective start date,Effective end date,Price type
m-1,gpt 4.1 Inp glbl Tokens,Foundry Models,1K,0.0018274,USD,2026-09-01,,Consumption
m-2,"D2s v5, Linux",Virtual Machines,1 Hour,0.09,USD,2026-09-01,,Consumption
m-3,gpt 4.1 Outp glbl Tokens,Foundry Models,1K,0.0073096,USD,2026-09-01,2027-09-01,Consumption
`;

describe("readPriceSheet", () => {
  test("takes the meters of Azure OpenAI and prices by them", () => {
    const sheet = readPriceSheet(SHEET);
    expect([sheet.rows.length, sheet.otherMeters, sheet.refused]).toEqual([2, 1, []]);
    const read = readAgreements(sheet.rows, [], book);
    if (read.kind !== "accepted") throw new Error(JSON.stringify(read.refusals));
    const pricing = priceUsage(usageFact({ on: "2026-09-15T00:00:00Z" }), { ...book, negotiated: read.agreements });
    expect(pricing.pricing === "priced" && [toDecimal(pricing.listCost), toDecimal(pricing.contractedCost)]).toEqual([
      "2",
      "1.8274",
    ]);
  });

  test("a price of one region prices that region alone; a region nobody knows leaves the meter id to decide", () => {
    const header = "MeterId,MeterName,MeterCategory,MeterRegion,UnitOfMeasure,UnitPrice,Currency,EffectiveStartDate";
    const line = (id: string, region: string, price: string) =>
      `${id},gpt 4.1 Inp regnl Tokens,Foundry Models,${region},1K,${price},USD,2026-09-01`;
    const sheet = readPriceSheet(
      [header, line("m-1", "SE Central", "0.002"), line("m-2", "Atlantis", "0.001")].join("\n"),
    );
    const read = readAgreements(sheet.rows, [], book);
    const negotiated = read.kind === "accepted" ? read.agreements : [];
    const cost = (region: string) => {
      const pricing = priceUsage(usageFact({ scope: "Regional", region, on: "2026-09-15T00:00:00Z" }), {
        ...book,
        negotiated,
      });
      return pricing.pricing === "priced" && toDecimal(pricing.contractedCost);
    };
    expect([cost("swedencentral"), cost("eastus2")]).toEqual(["2", "2.2"]);
  });

  test("a malformed row is refused with its line", () =>
    expect(readPriceSheet(`${SHEET}m-4,too few\n`).refused).toEqual([
      { row: 5, reason: "has 2 cells, the header has 9" },
    ]));

  test("a table without prices is no price sheet", () =>
    expect(() => readPriceSheet("a,b\n1,2\n")).toThrow("it has no column for metername, unitprice, unitofmeasure"));
});
