import { describe, expect, test } from "vitest";
import { toDecimal } from "../money/money.ts";
import { type Agreement, type AgreementRow, readAgreements } from "./agreement.ts";
import { loadBundledCatalogue } from "./catalogue.ts";
import { readPriceSheet } from "./price-sheet.ts";
import { priceUsage } from "./price-usage.ts";
import { usageFact } from "./test-support.ts";

const book = loadBundledCatalogue();

function row(definition: Partial<Agreement>, number = 1): AgreementRow {
  return { id: `a${number}`, row: number, definition: { currency: "USD", validFrom: "2026-01-01", ...definition } };
}

describe("readAgreements refuses what would make a wrong bill", () => {
  test.each<[string, AgreementRow[], string]>([
    ["a negative price", [row({ model: "gpt-4.1", price: "-2", unitOfMeasure: "1M" })], "the price is negative"],
    ["neither price nor discount", [row({ model: "gpt-4.1" })], "give either a price or a discountPercent"],
    [
      "both",
      [row({ price: "2", unitOfMeasure: "1M", discountPercent: "5" })],
      "give either a price or a discountPercent",
    ],
    [
      "a discount over 100",
      [row({ discountPercent: "100.01" })],
      'the discount "100.01" is not a percentage from 0 to 100',
    ],
    ["a negative discount", [row({ discountPercent: "-5" })], 'the discount "-5" is not a percentage from 0 to 100'],
    [
      "another currency",
      [row({ discountPercent: "5", currency: "EUR" })],
      "the currency is EUR, the price book is in USD",
    ],
    [
      "an unknown unit",
      [row({ model: "gpt-4.1", price: "2", unitOfMeasure: "bushel" })],
      'the unit of measure "bushel" is not known',
    ],
    [
      "a price per 1K that was meant per 1M",
      [row({ meterName: "gpt 4.1 Inp glbl Tokens", price: "1.9", unitOfMeasure: "1K" })],
      "the price is far from the list price of gpt 4.1 Inp glbl Tokens: is it per 1K or per 1M?",
    ],
    [
      "a validity that ends before it starts",
      [row({ discountPercent: "5", validTo: "2026-01-01" })],
      "the validity ends before it starts",
    ],
    [
      "a date that is none",
      [row({ discountPercent: "5", validFrom: "soon" })],
      "the validity is not a date such as 2026-09-01",
    ],
  ])("%s", (_name, rows, reason) =>
    expect(readAgreements(rows, [], book)).toEqual({ kind: "refused", refusals: [{ row: 1, reason }] }),
  );

  test("overlapping validity about the same, also against what is in force; one bad row applies none", () => {
    const open = row({ model: "gpt-4.1", discountPercent: "5" }, 1);
    const later = row({ model: "gpt-4.1", discountPercent: "7", validFrom: "2026-06-01" }, 2);
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
      row({ model: "gpt-4.1", discountPercent: "5", validTo: "2026-06-01" }, 1),
      row({ model: "gpt-4.1", discountPercent: "7", validFrom: "2026-06-01" }, 2),
      row({ model: "gpt-5", discountPercent: "9" }, 3),
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
