import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allocate, allocateUnits, divideRounded, hasReached, money, parseMoney, sum, toDecimal } from "./money.ts";
import { comparePrices, costOf, discounted, priceDecimal, unitPrice } from "./unit-price.ts";

describe("parseMoney", () => {
  test.each([
    ["0", 0n],
    ["1234.56", 1_234_560_000_000_000n],
    ["0.000000000001", 1n],
    ["-0.5", -500_000_000_000n],
  ])("%s", (text, pico) => expect(parseMoney(text)).toBe(pico));
  test.each(["", "1e3", "1,000", "0.0000000000001", "$5", "NaN"])("refuses %j", (text) =>
    expect(() => parseMoney(text)).toThrow(RangeError),
  );
  test("reads back what toDecimal wrote", () =>
    fc.assert(fc.property(fc.bigInt(), (pico) => parseMoney(toDecimal(money(pico))) === pico)));
});

describe("divideRounded rounds half away from zero", () => {
  test.each([
    [5n, 2n, 3n],
    [-5n, 2n, -3n],
    [4n, 3n, 1n],
    [5n, 3n, 2n],
    [-4n, 3n, -1n],
  ])("%s / %s", (numerator, denominator, expected) => expect(divideRounded(numerator, denominator)).toBe(expected));
});

describe("allocate", () => {
  test("gives leftover units to the largest remainders, ties to the earlier", () => {
    expect(allocate(money(10_000n), [1n, 1n, 1n])).toEqual([3334n, 3333n, 3333n]);
    expect(allocate(money(100n), [60n, 25n, 15n])).toEqual([60n, 25n, 15n]);
  });
  test("conserves the total and never turns a part negative", () =>
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 20n }),
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 30 }),
        (total, weights) => {
          const parts = allocate(money(total), weights);
          expect(sum(parts)).toBe(total);
          expect(parts.every((part) => part >= 0n)).toBe(true);
        },
      ),
    ));
});

describe("hasReached", () => {
  test.each([
    ["one picodollar under", parseMoney("79.999999999999"), false],
    ["exactly", parseMoney("80"), true],
    ["one over", parseMoney("80.000000000001"), true],
  ])("%s", (_name, spent, expected) => expect(hasReached(spent, parseMoney("100"), 80n)).toBe(expected));
});

describe("unit prices", () => {
  test("a price of 0.15 per 1M is 150,000 picodollars a token", () =>
    expect(unitPrice("0.15", 1_000_000n)).toEqual({ numerator: 150_000n, denominator: 1n }));
  test("1,234 tokens at 0.15 per 1M cost 0.0001851", () =>
    expect(toDecimal(costOf(1_234n, unitPrice("0.15", 1_000_000n)))).toBe("0.0001851"));
  test("8.63 % off stays exact until the line is rounded", () => {
    const price = discounted(unitPrice("0.083", 1_000_000n), "8.63");
    expect(priceDecimal(price, 1_000_000n)).toBe("0.0758371");
    expect(costOf(1n, price)).toBe(75_837n);
    expect(costOf(10n, price)).toBe(758_371n);
  });
  test("exponents are read exactly", () =>
    expect(unitPrice("2.5e-06", 1n)).toEqual({ numerator: 2_500_000n, denominator: 1n }));
  test("compares without rounding", () => {
    expect(comparePrices(unitPrice("0.002", 1_000n), unitPrice("2", 1_000_000n))).toBe(0);
    expect(comparePrices(unitPrice("1.9", 1_000_000n), unitPrice("2", 1_000_000n))).toBe(-1);
  });
  test.each(["-1", "", "1,0", "abc"])("refuses %j", (text) => expect(() => unitPrice(text, 1n)).toThrow(RangeError));
});

describe("shared costs (finops reference, section 2): in cents, the parts sum to the whole", () => {
  test.each([
    ["in proportion to tokens", [60n, 25n, 15n], [6_000n, 2_500n, 1_500n]],
    ["even over three, what is left to the first by name", [1n, 1n, 1n], [3_334n, 3_333n, 3_333n]],
    ["to one alone", [0n, 7n, 0n], [0n, 10_000n, 0n]],
  ])("%s", (_name, weights, parts) => expect(allocateUnits(10_000n, weights)).toEqual(parts));
});
