import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { money, parseMoney } from "../money/money.ts";
import { toInstant } from "../time/instant.ts";
import type { LocalDay, ZoneId } from "../time/zone.ts";
import {
  formatChange,
  formatChangeAgainst,
  formatChangeSigned,
  formatCount,
  formatCountShort,
  formatRatio,
  formatShare,
} from "./format-count.ts";
import {
  formatMoney,
  formatMoneyBetween,
  formatMoneyColumn,
  formatMoneyDifference,
  formatMoneyExact,
  formatMoneyShort,
} from "./format-money.ts";
import { formatAgo, formatDays, formatInstant, formatLatency, formatTime } from "./format-time.ts";

describe("money", () => {
  test.each([
    ["1234.56", "$1,234.56"],
    ["0.005", "$0.01"],
    ["-0.005", "-$0.01"],
    ["0.0049", "<$0.01"],
    ["0.000000000001", "<$0.01"],
    ["-0.000000000001", ">-$0.01"],
    ["-0.0049", ">-$0.01"],
    ["-0.004999999999", ">-$0.01"],
    ["-0.005000000001", "-$0.01"],
    ["0", "$0.00"],
    ["1234567.895", "$1,234,567.90"],
    ["2.675", "$2.68"],
  ])("%s is shown as %s", (amount, shown) => expect(formatMoney(parseMoney(amount))).toBe(shown));

  test.each([
    ["1234", "$1.2k"],
    ["999.96", "$1k"],
    ["48120", "$48.1k"],
    ["71300000", "$71.3M"],
    ["999960", "$1M"],
    ["240.4", "$240"],
    ["12.345", "$12.35"],
    ["0", "$0"],
  ])("%s on an axis is %s", (amount, shown) => expect(formatMoneyShort(parseMoney(amount))).toBe(shown));

  test("an exact amount keeps every digit", () => {
    expect(formatMoneyExact(parseMoney("1234.000185100001"))).toBe("$1,234.000185100001");
    expect(formatMoneyExact(parseMoney("-3"))).toBe("-$3.00");
  });

  test.each([
    ["12", "+$12.00"],
    ["0.005", "+$0.01"],
    ["0.004999999999", "<+$0.01"],
    ["0.000000000001", "<+$0.01"],
    ["0", "$0.00"],
    ["-0.000000000001", ">-$0.01"],
    ["-0.004999999999", ">-$0.01"],
    ["-0.005", "-$0.01"],
    ["-3.1", "-$3.10"],
  ])("a difference of %s is shown as %s", (amount, shown) =>
    expect(formatMoneyDifference(parseMoney(amount))).toBe(shown),
  );

  test.each([
    ["1.555", "1.42", "$1.56", "$1.42", "-$0.14"],
    ["1.555", "1.424999999999", "$1.56", "$1.42", "-$0.14"],
    ["1.554999999999", "1.425", "$1.55", "$1.43", "-$0.12"],
    ["10", "10.005", "$10.00", "$10.01", "+$0.01"],
    ["10", "10.004999999999", "$10.00", "$10.00", "<+$0.01"],
    ["9.995", "10.004999999999", "$10.00", "$10.00", "<+$0.01"],
    ["10.004999999999", "9.995", "$10.00", "$10.00", ">-$0.01"],
    ["0.000000000001", "0", "<$0.01", "$0.00", ">-$0.01"],
    ["0", "0.005", "$0.00", "$0.01", "+$0.01"],
    ["7", "7", "$7.00", "$7.00", "$0.00"],
  ])("between %s and %s, shown as %s and %s, lies %s", (from, to, before, after, between) => {
    const [a, b] = [parseMoney(from), parseMoney(to)];
    expect([formatMoney(a), formatMoney(b), formatMoneyBetween(a, b)]).toEqual([before, after, between]);
  });

  test("a small difference of a currency without cents is less than its unit", () => {
    expect(formatMoney(parseMoney("-0.4"), { currency: "JPY", decimals: 0 })).toBe(">-¥1");
    expect(formatMoneyDifference(parseMoney("0.4"), { currency: "CHF", decimals: 0 })).toBe("<+CHF\u00a01");
  });

  test("a yen has a sign and another currency its code", () => {
    expect(formatMoney(parseMoney("1234.4"), { currency: "JPY", decimals: 0 })).toBe("¥1,234");
    expect(formatMoney(parseMoney("5"), { currency: "CHF" })).toBe("CHF\u00a05.00");
  });

  test("three thirds of a dollar add up on screen", () => {
    const third = money(333_333_333_333n);
    expect(formatMoneyColumn([third, third, money(333_333_333_334n)])).toEqual({
      rows: ["$0.33", "$0.33", "$0.34"],
      total: "$1.00",
    });
  });

  test("rows on screen add up to the total on screen", () => {
    const cents = (text: string) => (text.startsWith("<") ? 0 : Math.round(Number(text.replace(/[$,]/g, "")) * 100));
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 10n ** 18n }), { minLength: 1, maxLength: 20 }), (amounts) => {
        const { rows, total } = formatMoneyColumn(amounts.map(money));
        expect(rows.reduce((a, row) => a + cents(row), 0)).toBe(cents(total));
      }),
    );
  });
});

describe("counts", () => {
  test.each([
    [0n, "0"],
    [842n, "842"],
    [999n, "999"],
    [1_000n, "1.00\u00a0k"],
    [12_440n, "12.4\u00a0k"],
    [999_499n, "999\u00a0k"],
    [999_500n, "1.00\u00a0M"],
    [1_240_000n, "1.24\u00a0M"],
    [123_456_789n, "123\u00a0M"],
    [3_100_000_000n, "3.10\u00a0B"],
    [-1_240_000n, "-1.24\u00a0M"],
  ])("%s tokens are %s", (count, shown) => expect(formatCountShort(count)).toBe(shown));

  test("a count in full has commas", () => expect(formatCount(1_234_567n)).toBe("1,234,567"));

  test.each([
    [1n, 8n, "12.5\u00a0%"],
    [1n, 2_000n, "0.1\u00a0%"],
    [1n, 1_000_000n, "<0.1\u00a0%"],
    [0n, 5n, "0.0\u00a0%"],
    [5n, 5n, "100.0\u00a0%"],
    [5n, 0n, "–"],
  ])("%s of %s is %s", (part, whole, shown) => expect(formatShare(part, whole)).toBe(shown));

  test.each([
    [112n, 100n, "12.0\u00a0% more"],
    [97n, 100n, "3.0\u00a0% less"],
    [100n, 100n, "the same"],
    [100n, 0n, "new"],
    [0n, 0n, "–"],
    [0n, 10n, "100.0\u00a0% less"],
  ])("%s against %s is %s", (now, before, shown) => expect(formatChange(now, before)).toBe(shown));

  test("a change says what it is against", () => {
    expect(formatChangeAgainst(112n, 100n, "$1.00")).toBe("12.0\u00a0% more than $1.00");
    expect(
      [
        [112n, 100n],
        [97n, 100n],
        [100n, 100n],
        [1n, 0n],
        [0n, 0n],
      ].map(([now = 0n, before = 0n]) => formatChangeSigned(now, before)),
    ).toEqual(["+12.0\u00a0%", "-3.0\u00a0%", "0.0\u00a0%", "new", "–"]);
    expect(formatChangeAgainst(100n, 100n, "$1.00")).toBe("the same as $1.00");
    expect(formatChangeAgainst(5n, 0n, "$0.00")).toBe("nothing before");
    expect(formatChangeAgainst(0n, 0n, "$0.00")).toBe("nothing before either");
  });

  test("an unknown ratio is unknown", () => {
    expect(formatRatio(0.713)).toBe("71.3\u00a0%");
    expect(formatRatio(null)).toBe("unknown");
  });
});

describe("time", () => {
  const at = toInstant("2026-11-21T14:52:10Z");
  const day = (text: string) => text as LocalDay;

  test("an instant names its zone", () => {
    expect(formatTime(at, "UTC" as ZoneId)).toBe("14:52 UTC");
    expect(formatInstant(at, "Asia/Kathmandu" as ZoneId)).toBe("21 Nov 20:37 UTC+5:45");
  });

  test("days of one month, of two months and of two years", () => {
    expect(formatDays(day("2026-11-01"), day("2026-11-22"))).toBe("1–21 Nov 2026");
    expect(formatDays(day("2026-10-28"), day("2026-11-04"))).toBe("28 Oct – 3 Nov 2026");
    expect(formatDays(day("2025-12-28"), day("2026-01-04"))).toBe("28 Dec 2025 – 3 Jan 2026");
    expect(formatDays(day("2026-11-21"), day("2026-11-22"))).toBe("21 Nov 2026");
  });

  test.each([
    [842, "842 ms"],
    [999.5, "1.0 s"],
    [3_140, "3.1 s"],
    [99_960, "100 s"],
    [125_000, "2 min 5 s"],
    [null, "–"],
  ])("%s ms is %s", (ms, shown) => expect(formatLatency(ms)).toBe(shown));

  test("how long ago", () => {
    expect(formatAgo(toInstant("2026-11-21T14:48:00Z"), at)).toBe("4 min ago");
    expect(formatAgo(toInstant("2026-11-18T14:48:00Z"), at)).toBe("3 days ago");
  });
});
