import { expect, test } from "vitest";
import { parseMoney } from "../../money/money.ts";
import { dailyDrift } from "./daily-drift.ts";

const PLACE = { account: "ai-east", deployment: "chat", meterName: "gpt 4.1 Inp glbl Tokens" };

test("coverage is what the logs know of, drift how far the estimate is off; a day without an invoice has neither, one that nobody read no coverage", () => {
  const estimated = (day: string, cost: string) => ({
    ...PLACE,
    day,
    meterId: null,
    microUnits: 1n,
    listCost: parseMoney(cost),
    contractedCost: parseMoney(cost),
  });
  const invoice = {
    ...PLACE,
    line: 2,
    day: "2026-11-01",
    meterId: null,
    chargeType: "usage" as const,
    isReserved: false,
    microUnits: 1n,
    cost: parseMoney("8"),
    currency: "USD",
  };
  const missing = { ...PLACE, kind: "missing_in_logs" as const, day: "2026-11-01", microUnits: 1n };
  const days = dailyDrift(
    [estimated("2026-11-01", "6.6"), estimated("2026-11-02", "1")],
    [invoice, { ...invoice, day: "2026-11-03" }],
    [{ ...missing, amount: parseMoney("2") }],
    new Set(["2026-11-03"]),
  );
  // 6 of 8 dollars are known; 6.6 ÷ 8 − 1 = −0.175.
  expect(days).toEqual([
    {
      day: "2026-11-01",
      invoice: parseMoney("8"),
      estimate: parseMoney("6.6"),
      coverage: "0.75",
      drift: "-0.175",
    },
    { day: "2026-11-02", invoice: 0n, estimate: parseMoney("1"), coverage: null, drift: null },
    { day: "2026-11-03", invoice: parseMoney("8"), estimate: 0n, coverage: null, drift: "-1" },
  ]);
});
