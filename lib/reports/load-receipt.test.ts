import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { convertedLedger } from "../ledger/converted-ledger.ts";
import { batchOf, pricedAt, usageCharge } from "../ledger/ledger.testing.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import { money, sum } from "../money/money.ts";
import { readExchangeRates } from "../pricing/exchange-rates.ts";
import { addMs, period, QUARTER_HOUR_MS, toInstant } from "../time/instant.ts";
import { UTC, type ZoneId } from "../time/zone.ts";
import { loadCostReceipt } from "./load-receipt.ts";

const [PAIR] = readExchangeRates(
  "date,from,to,rate\n2026-11-01,USD,EUR,0.8702\n2026-11-02,USD,EUR,0.333333333333\n2026-11-04,USD,EUR,1.5\n",
  "rates.csv",
);
if (!PAIR) throw new Error("There is one pair.");
const pair = PAIR;
const START = toInstant("2026-11-01T00:00:00Z");
const WITHIN = period(START, toInstant("2026-11-06T00:00:00Z"));
const KOLKATA = "Asia/Kolkata" as ZoneId;

/** One charge: the number of its quarter hour, its team and its picodollars. */
type Small = readonly [quarterHour: number, team: string, amount: bigint];
const small = fc.tuple(
  fc.integer({ min: 0, max: 5 * 96 - 1 }),
  fc.constantFrom("a", "b", "c"),
  fc.bigInt({ min: 0n, max: 10n ** 15n }),
);

async function withCharges(
  charges: readonly Small[],
  work: (ledger: Awaited<ReturnType<typeof open>>) => Promise<void>,
) {
  const ledger = await open();
  await ledger.replaceBuckets(
    batchOf(
      charges.map(([quarterHour, team, amount]) =>
        usageCharge(addMs(START, quarterHour * QUARTER_HOUR_MS), { team, pricing: pricedAt(money(amount)) }),
      ),
    ),
  );
  await work(ledger);
  ledger.close();
}

function open() {
  return openLedger({ path: ":memory:", zones: [UTC], questions: () => [] });
}

describe("a receipt in another currency", () => {
  test("says of each stretch what was charged and stated, and adds up to the figure", async () => {
    // 1.5, 0.5 and 0.5 picodollars at 0.5 are rounded once per charge; the page adds up the same charges.
    const [half] = readExchangeRates("date,from,to,rate\n2026-11-01,USD,EUR,0.5\n2026-11-03,USD,EUR,2\n", "rates.csv");
    if (!half) throw new Error("There is one pair.");
    const charges: Small[] = [
      [0, "a", 3n],
      [1, "b", 1n],
      [2 * 96 - 1, "b", 1n],
      [2 * 96, "a", 5n],
    ];
    await withCharges(charges, async (ledger) => {
      const stated = { book: "USD", currency: "EUR", pair: half, note: null };
      const figure = { title: "Cost", period: WITHIN, zone: KOLKATA, filter: {} };
      const receipt = await loadCostReceipt(LOCAL_ADMINISTRATOR, figure, { charged: ledger, stated });
      expect([receipt.cost.exact, receipt.sum.exact]).toEqual(["14", "10"]);
      expect(receipt.conversion?.map(({ charged, stated: other }) => [charged.exact, other.exact])).toEqual([
        ["5", "4"],
        ["5", "10"],
      ]);
    });
  });

  test("is the figure of the page to the last picodollar, whatever the page adds up", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(small, { minLength: 1, maxLength: 30 }), async (charges) =>
        withCharges(charges, async (ledger) => {
          const stated = { book: "USD", currency: "EUR", pair, note: null };
          const page = { sees: LOCAL_ADMINISTRATOR.sees, period: WITHIN, filter: {} };
          const receiptOf = async (filter: object, within = WITHIN) => {
            const figure = { title: "Cost", period: within, zone: KOLKATA, filter };
            return (await loadCostReceipt(LOCAL_ADMINISTRATOR, figure, { charged: ledger, stated })).cost.exact;
          };
          const converted = convertedLedger(ledger, pair);
          const whole = await receiptOf({});
          for (const [zone, grain, groupBy] of [
            [UTC, "total", []],
            [UTC, "day", ["team"]],
            [KOLKATA, "day", []],
            [KOLKATA, "hour", ["team"]],
          ] as const) {
            const rows = await converted.sumCharges({ ...page, zone, grain, groupBy });
            expect(sum(rows.map(({ contractedCost }) => contractedCost)).toString()).toBe(whole);
          }
          for (const row of await converted.sumCharges({ ...page, zone: UTC, grain: "total", groupBy: ["team"] }))
            expect(await receiptOf({ team: { include: [row.keys.team ?? ""] } })).toBe(row.contractedCost.toString());
          const noon = addMs(START, 60 * QUARTER_HOUR_MS);
          const halves = [period(START, noon), period(noon, WITHIN.end)].map((within) => receiptOf({}, within));
          expect((await Promise.all(halves)).reduce((total, part) => total + BigInt(part), 0n).toString()).toBe(whole);
        }),
      ),
      { numRuns: 5 },
    );
  });
});
