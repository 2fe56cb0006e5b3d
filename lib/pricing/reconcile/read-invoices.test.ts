import { describe, expect, test } from "vitest";
import { loadBundledCatalogue } from "../catalogue.ts";
import { readInvoices } from "./read-invoices.ts";

const book = loadBundledCatalogue();

const HEADER =
  "Date,ResourceId,MeterName,ConsumedService,UnitOfMeasure,Quantity,CostInBillingCurrency,BillingCurrencyCode,ChargeType";
const RESOURCE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/ai-east";

/** One row of an export, with the cells that matter to the case. */
function row({ date = "2026-11-01", quantity = "1000", cost = "2", currency = "USD", type = "Usage" } = {}): string {
  return `${date},${RESOURCE},gpt 4.1 Inp glbl Tokens,Microsoft.CognitiveServices,1K,${quantity},${cost},${currency},${type}`;
}

function read(...files: string[][]) {
  return readInvoices(
    files.map((rows, index) => ({ name: `${index + 1}.csv`, text: [HEADER, ...rows].join("\n") })),
    book,
  );
}

test("good rows are read, those of another service counted", () => {
  const other = "2026-11-01,/subscriptions/s/vm,D2s,Microsoft.Compute,1 Hour,1,1,USD,Usage";
  const got = read([row(), other], [row({ date: "2026-11-02" })]);
  expect(got).toMatchObject({ kind: "read", basis: "actual", otherLines: 1 });
  expect(got.kind === "read" && got.lines.map(({ day }) => day)).toEqual(["2026-11-01", "2026-11-02"]);
});

test.each([
  ["an actual export", "BillingPeriodStartDate", ["10/15/2026", "10/15/2026"], ["2026-10-15"]],
  [
    "FOCUS names and instants",
    "BillingPeriodStart",
    ["2026-11-15T00:00:00Z", "2026-10-15"],
    ["2026-10-15", "2026-11-15"],
  ],
  ["a day that is none", "BillingPeriodStartDate", ["soon", ""], []],
])("the start of billing periods is read where a column tells it: %s", (_name, column, told, wanted) => {
  const rows = told.map((start, index) => `${row({ date: `2026-11-0${index + 1}` })},${start}`);
  const got = readInvoices([{ name: "1.csv", text: [`${HEADER},${column}`, ...rows].join("\n") }], book);
  expect(got.kind === "read" && got.billingStarts).toEqual(wanted);
});

describe("one bad row refuses the whole load, with its file, line and reason", () => {
  test.each([
    ["a day that does not exist", { date: "2026-02-30" }, 'the date "2026-02-30" cannot be read'],
    ["a word for a quantity", { quantity: "lots" }, 'the quantity "lots" is not a number'],
    ["a word for a cost", { cost: "free" }, "the cost is not a number"],
    ["a currency that is none", { currency: "XXQ" }, 'the currency "XXQ" is none of ISO 4217'],
    ["no currency", { currency: "" }, "the currency is missing"],
    ["another currency", { currency: "EUR" }, "is in EUR, the price book in USD: two currencies never meet"],
    [
      "a negative quantity",
      { quantity: "-1" },
      "usage with a negative quantity; a correction is an adjustment or a refund",
    ],
    ["a negative cost", { cost: "-0.01" }, "usage with a negative cost; a correction is an adjustment or a refund"],
    [
      "a quantity in 1M under a unit of 1K",
      { quantity: "1", cost: "2" },
      "the cost is far from every list price of gpt 4.1 Inp glbl Tokens: is its quantity in 1K or in 1M?",
    ],
    [
      "a quantity in tokens under a unit of 1K",
      { quantity: "1000000", cost: "2" },
      "the cost is far from every list price of gpt 4.1 Inp glbl Tokens: is its quantity in 1K or in 1M?",
    ],
    ["a charge type that nobody documents", { type: "Gift" }, 'the charge type "Gift" is not one of Cost Management'],
  ])("%s", (_name, parts, reason) =>
    expect(read([row()], [row({ date: "2026-11-02" }), row(parts)])).toEqual({
      kind: "refused",
      rows: [{ file: "2.csv", row: 3, reason }],
      reason: "1 row cannot be used, so nothing was compared.",
    }),
  );

  test("a row that is cut short", () =>
    expect(read([`${row()}\n2026-11-02,${RESOURCE}`])).toMatchObject({
      rows: [{ file: "1.csv", row: 3, reason: "has 2 cells, the header has 9" }],
    }));

  test("a table that is no export", () =>
    expect(readInvoices([{ name: "a.csv", text: "a,b\n1,2\n" }], book)).toMatchObject({
      rows: [{ file: "a.csv", row: 1, reason: expect.stringContaining("This is no cost export") }],
    }));
});

describe("files that overlap", () => {
  test("name the row that both have", () =>
    expect(
      read([row(), row({ date: "2026-11-02" })], [row({ date: "2026-11-02" }), row({ date: "2026-11-03" })]),
    ).toMatchObject({
      kind: "refused",
      rows: [{ file: "2.csv", row: 2, reason: "is the same as line 3 of 1.csv: the files overlap" }],
    }));

  test("parts of one export may share a day, and a refund may be negative", () =>
    expect(read([row()], [row({ quantity: "700" }), row({ type: "Refund", quantity: "0", cost: "-1" })]).kind).toBe(
      "read",
    ));
});

test.each([
  ["half of the list price", { cost: "1" }],
  ["no cost at all", { cost: "0" }],
  ["a cost too small to tell its price", { quantity: "0.001", cost: "0.0000009" }],
])("a line at %s is read", (_name, parts) => expect(read([row(parts)]).kind).toBe("read"));

test("actual and amortised files are not mixed", () => {
  const unused = row({ type: "UnusedReservation" });
  expect(read([row()], [unused])).toEqual({
    kind: "refused",
    rows: [],
    reason: "The files have different bases (actual, amortized): load those of one basis together.",
  });
});

test("files without a line of ours are said to be so", () =>
  expect(read([])).toMatchObject({ kind: "refused", reason: "The files hold no line of Azure OpenAI." }));
