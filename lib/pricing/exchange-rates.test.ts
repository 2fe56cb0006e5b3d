import { describe, expect, test } from "vitest";
import { convert, reportingIn } from "../money/exchange-rates.ts";
import { parseMoney, toDecimal } from "../money/money.ts";
import { ExchangeRateError, readExchangeRates } from "./exchange-rates.ts";

const read = (...rows: string[]) =>
  readExchangeRates(["date,from,to,rate,source", ...rows].join("\n"), "exchange-rates.csv");

test("rates are exact, dated and in order, whatever the order of the rows", () => {
  const [pair] = read("2026-11-01,USD,EUR,0.9,ECB", "2026-10-01,USD,EUR,0.86455,");
  expect([pair?.from, pair?.to]).toEqual(["USD", "EUR"]);
  expect(pair?.rates.map(({ day, text, source }) => [day, text, source])).toEqual([
    ["2026-10-01", "0.86455", "exchange-rates.csv"],
    ["2026-11-01", "0.9", "ECB"],
  ]);
  const [october] = pair?.rates ?? [];
  expect(october && toDecimal(convert(parseMoney("1234.56"), october))).toBe("1067.338848");
});

test.each([
  ["0.000000000001", "0.5", "0.000000000001"],
  ["0.000000000001", "0.49", "0"],
  ["-0.000000000001", "0.5", "-0.000000000001"],
  ["50000000", "155.123456", "7756172800"],
])("%s at %s is %s: rounded once, half away from zero", (amount, rate, expected) => {
  const [pair] = read(`2026-10-01,USD,JPY,${rate},`);
  const [first] = pair?.rates ?? [];
  expect(first && toDecimal(convert(parseMoney(amount), first))).toBe(expected);
});

describe("one bad row refuses the file", () => {
  test.each([
    ["a day that does not exist", "2026-02-30,USD,EUR,0.9,", /line 3: the date "2026-02-30"/],
    ["an unknown currency", "2026-10-02,USD,XXQ,0.9,", /line 3: "XXQ" is no currency/],
    ["a currency to itself", "2026-10-02,USD,USD,1,", /line 3: USD to itself/],
    ["nothing for a rate", "2026-10-02,USD,EUR,0,", /line 3: the rate "0"/],
    ["a negative rate", "2026-10-02,USD,EUR,-0.9,", /line 3: the rate "-0.9"/],
    ["19 digits", "2026-10-02,USD,EUR,0.1234567890123456789,", /line 3: the rate .* has more than 18 digits/],
    ["a word for a rate", "2026-10-02,USD,EUR,cheap,", /line 3: the rate "cheap"/],
    ["two rates on one day", "2026-10-01,USD,EUR,0.91,", /line 3: USD to EUR has two rates on 2026-10-01/],
    ["a row that is cut short", "2026-10-02,USD", /line 3: has 2 cells/],
  ])("%s", (_name, row, message) => {
    expect(() => read("2026-10-01,USD,EUR,0.9,", row)).toThrow(ExchangeRateError);
    expect(() => read("2026-10-01,USD,EUR,0.9,", row)).toThrow(message);
  });

  test("a table without rates", () =>
    expect(() => readExchangeRates("day,rate\n", "x.csv")).toThrow("x.csv: the column date, from, to is missing."));
});

describe("the currency that totals are stated in", () => {
  const pairs = read("2026-10-02,USD,EUR,0.9,");
  test.each([
    ["nobody wants another", null, "2026-01-01", "USD", null],
    ["it is the price book's own", "USD", "2026-01-01", "USD", null],
    ["rates begin a day before the oldest charge", "EUR", "2026-10-03", "EUR", null],
    ["rates begin with the oldest charge", "EUR", "2026-10-02", "EUR", null],
    ["nothing was charged yet", "EUR", null, "EUR", null],
    [
      "one day has no rate: nothing is half converted",
      "EUR",
      "2026-10-01",
      "USD",
      /first rate to EUR is of 2026-10-02/,
    ],
    ["no rate leads there", "GBP", null, "USD", /no rate from USD to GBP/],
  ])("%s", (_name, wanted, oldest, currency, note) => {
    const stated = reportingIn(wanted, "USD", pairs, oldest);
    expect([stated.book, stated.currency, stated.pair !== null]).toEqual(["USD", currency, currency !== "USD"]);
    if (note === null) expect(stated.note).toBeNull();
    else expect(stated.note).toMatch(note);
  });
});
