import { describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { money, parseMoney, sum, toDecimal } from "../money/money.ts";
import { readExchangeRates } from "../pricing/exchange-rates.ts";
import { type Period, toInstant } from "../time/instant.ts";
import { parseZone, UTC, type ZoneId } from "../time/zone.ts";
import type { ChargeQuery } from "./charge-query.ts";
import { convertedLedger } from "./converted-ledger.ts";
import { batchOf, pricedAt, usageCharge } from "./ledger.testing.ts";
import type { LedgerReads } from "./ledger.ts";
import { openLedger } from "./open-ledger.ts";
import { rateStretches } from "./rate-stretches.ts";

const [PAIR] = readExchangeRates("date,from,to,rate\n2026-11-01,USD,EUR,0.5\n2026-11-03,USD,EUR,0.25\n", "rates.csv");
if (!PAIR) throw new Error("There is one pair.");
const within = (start: string, end: string): Period => ({ start: toInstant(start), end: toInstant(end) });

describe("a period is cut at the midnights at which the rate changes", () => {
  test.each([
    ["inside one rate", "2026-11-01", "2026-11-02", ["0.5"]],
    ["to the last instant of the first", "2026-11-02", "2026-11-03", ["0.5"]],
    ["a quarter hour into the second", "2026-11-02", "2026-11-03T00:15:00Z", ["0.5", "0.25"]],
    ["from the second on", "2026-11-03", "2027-01-01", ["0.25"]],
    ["before the first", "2026-10-30", "2026-11-01", []],
  ])("%s", (_name, start, end, rates) =>
    expect(rateStretches(within(start, end), PAIR).map(({ rate }) => rate.text)).toEqual(rates),
  );
});

/** A dollar for a at 23:45 on the 2nd, two for a and four for b at midnight of the 3rd. */
const CHARGES = [
  usageCharge(toInstant("2026-11-02T23:45:00Z"), { team: "a", pricing: pricedAt(parseMoney("1")) }),
  usageCharge(toInstant("2026-11-03T00:00:00Z"), { team: "a", pricing: pricedAt(parseMoney("2")) }),
  usageCharge(toInstant("2026-11-03T00:00:00Z"), { team: "b", pricing: pricedAt(parseMoney("4")) }),
];

async function withLedger(charges: typeof CHARGES, work: (ledger: LedgerReads) => Promise<void>): Promise<void> {
  const ledger = await openLedger({ path: ":memory:", zones: [], questions: () => [] });
  await ledger.replaceBuckets(batchOf(charges));
  await work(ledger);
  ledger.close();
}

function query(parts: Partial<ChargeQuery> = {}): ChargeQuery {
  return {
    sees: LOCAL_ADMINISTRATOR.sees,
    period: within("2026-11-01", "2026-11-05"),
    zone: UTC,
    grain: "total",
    groupBy: [],
    filter: {},
    ...parts,
  };
}

describe("sums in another currency", () => {
  test.each<[string, Partial<ChargeQuery>, (string | null)[][]]>([
    ["in total: 1 × 0.5 + 6 × 0.25", {}, [[null, "", "2"]]],
    [
      "by day and team, dearest first",
      { grain: "day", groupBy: ["team"] },
      [
        ["2026-11-02", "a", "0.5"],
        ["2026-11-03", "b", "1"],
        ["2026-11-03", "a", "0.5"],
      ],
    ],
    [
      "by team over both rates",
      { groupBy: ["team"] },
      [
        [null, "a", "1"],
        [null, "b", "1"],
      ],
    ],
    ["by month", { grain: "month" }, [["2026-11-01", "", "2"]]],
    // In Kolkata both instants are the 3rd: one bucket that two rates meet in.
    [
      "by the day of another zone",
      { grain: "day", zone: parseZone("Asia/Kolkata") as ZoneId },
      [["2026-11-03", "", "2"]],
    ],
  ])("%s", async (_name, parts, expected) =>
    withLedger(CHARGES, async (ledger) => {
      const rows = await convertedLedger(ledger, PAIR).sumCharges(query(parts));
      expect(
        rows.map(({ bucket, keys, contractedCost }) => [bucket, keys.team ?? "", toDecimal(contractedCost)]),
      ).toEqual(expected);
    }),
  );

  // Three charges of three, one and one picodollars at 0.5: 1.5 + 0.5 + 0.5 become 2 + 1 + 1, whatever they are added up by.
  const HALVES = [
    usageCharge(toInstant("2026-11-01T00:00:00Z"), { team: "a", pricing: pricedAt(money(3n)) }),
    usageCharge(toInstant("2026-11-01T23:45:00Z"), { team: "b", pricing: pricedAt(money(1n)) }),
    usageCharge(toInstant("2026-11-02T00:00:00Z"), { team: "b", pricing: pricedAt(money(1n)) }),
  ];
  test.each<[string, Partial<ChargeQuery>]>([
    ["in total", {}],
    ["by team", { groupBy: ["team"] }],
    ["by hour", { grain: "hour" }],
    ["by day and team", { grain: "day", groupBy: ["team"] }],
    ["by the day of another zone", { grain: "day", zone: "Asia/Kolkata" as ZoneId }],
    ["by month", { grain: "month" }],
  ])("are rounded once per charge: %s they are the same to the last picodollar", async (_name, parts) =>
    withLedger(HALVES, async (ledger) => {
      const rows = await convertedLedger(ledger, PAIR).sumCharges(query(parts));
      expect(sum(rows.map(({ contractedCost }) => contractedCost))).toBe(4n);
    }),
  );

  test("a charge as large as the ledger takes is exact at a rate of many digits", async () => {
    const [fine] = readExchangeRates("date,from,to,rate\n2026-11-01,USD,EUR,0.12345678901234567\n", "rates.csv");
    if (!fine) throw new Error("There is one pair.");
    const largest = money(9_223_372_036_854_775_807n);
    await withLedger(
      [usageCharge(toInstant("2026-11-01T00:00:00Z"), { pricing: pricedAt(largest) })],
      async (ledger) => {
        const [row] = await convertedLedger(ledger, fine).sumCharges(query());
        // 9223372036854775807 × 12345678901234567 / 10^17 = 1138687895536348987.90…
        expect(row?.contractedCost).toBe(1_138_687_895_536_348_988n);
      },
    );
  });

  test("values of a picker and months are converted, tokens and receipts stay as they are", async () =>
    withLedger(CHARGES, async (ledger) => {
      const converted = convertedLedger(ledger, PAIR);
      const values = await converted.listValues({ sees: query().sees, period: query().period, dimension: "team" });
      expect(values.map(({ value, contractedCost }) => [value, toDecimal(contractedCost)])).toEqual([
        ["a", "1"],
        ["b", "1"],
      ]);
      const month = await converted.monthProgress({
        sees: query().sees,
        zone: UTC,
        now: toInstant("2026-11-05"),
        filter: {},
      });
      expect(toDecimal(month.toDate.contractedCost)).toBe("2");
      const lines = (await converted.receipt(query())).lines;
      expect(toDecimal(sum(lines.map(({ contractedCost }) => contractedCost)))).toBe("7");
    }));

  test("charges before the first rate are refused, an empty time before it is not", async () =>
    withLedger(
      [usageCharge(toInstant("2026-10-31T23:45:00Z"), { pricing: pricedAt(parseMoney("1")) })],
      async (ledger) => {
        const converted = convertedLedger(ledger, PAIR);
        await expect(converted.sumCharges(query({ period: within("2026-10-31", "2026-11-02") }))).rejects.toThrow(
          "before the first rate",
        );
        expect(await converted.sumCharges(query({ period: within("2026-10-01", "2026-10-31") }))).toEqual([]);
      },
    ));
});
