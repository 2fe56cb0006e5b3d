import { describe, expect, test } from "vitest";
import { divideRounded, type Money, money, toDecimal } from "../../money/money.ts";
import { costOf, discounted, type UnitPrice, unitPrice } from "../../money/unit-price.ts";
import type { EstimateLine } from "./estimate-line.ts";
import { readInvoice } from "./invoice-lines.ts";
import { reconcile } from "./reconcile.ts";

const METERS: readonly (readonly [meterName: string, perMillion: string])[] = [
  ["gpt 4.1 Inp glbl Tokens", "2"],
  ["gpt 4.1 cached Inp glbl Tokens", "0.5"],
  ["gpt 4.1 Outp glbl Tokens", "8"],
  ["text-embedding-3-small-glbl Tokens", "0.02"],
];
const CONTRACT = "8.63";
const HEADER =
  "Date,ResourceId,MeterId,MeterName,MeterCategory,ConsumedService,UnitOfMeasure,Quantity,CostInBillingCurrency,BillingCurrencyCode,ChargeType,PricingModel,Tags";

type Usage = { readonly day: string; readonly deployment: string; readonly meter: number; readonly tokens: bigint };

/** Thirty days of four meters on two deployments of one account, counted by hand from the day's number. */
const USAGE: readonly Usage[] = Array.from({ length: 30 }, (_, index) => index + 1).flatMap((day) =>
  ["chat", "search"].flatMap((deployment, place) =>
    METERS.map((_meter, meter) => ({
      day: `2026-11-${String(day).padStart(2, "0")}`,
      deployment,
      meter,
      tokens: BigInt(1_000_003 * day + 70_001 * meter + 13 * place),
    })),
  ),
);

function list(meter: number): UnitPrice {
  return unitPrice(METERS[meter]?.[1] ?? "0", 1_000_000n);
}

function estimate(discountPercent: string): EstimateLine[] {
  return USAGE.map(({ day, deployment, meter, tokens }) => ({
    day,
    account: "ai-east",
    deployment,
    meterName: METERS[meter]?.[0] ?? "",
    meterId: null,
    microUnits: tokens * 1_000_000n,
    listCost: costOf(tokens, list(meter)),
    contractedCost: costOf(tokens, discounted(list(meter), discountPercent)),
  }));
}

/** A line as Azure would write it: tokens in thousands, the cost to ten decimals. */
function row(
  day: string,
  deployment: string,
  meterName: string,
  unit: string,
  quantity: string,
  cost: string,
  type = "Usage",
): string {
  const resource = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/AI-East";
  return `${day},${resource},,${meterName},Foundry Models,Microsoft.CognitiveServices,${unit},${quantity},${cost},USD,${type},OnDemand,"{""deployment"":""${deployment}""}"`;
}

function tokensRow(usage: Usage, tokens = usage.tokens, day = usage.day): string {
  const cost = costOf(tokens, discounted(list(usage.meter), CONTRACT));
  return row(day, usage.deployment, METERS[usage.meter]?.[0] ?? "", "1K", thousandths(tokens), tenDecimals(cost));
}

function thousandths(tokens: bigint): string {
  return `${tokens / 1_000n}.${(tokens % 1_000n).toString().padStart(3, "0")}`;
}

function tenDecimals(cost: Money): string {
  return toDecimal(money(divideRounded(cost, 100n) * 100n));
}

/** The planted differences, each with a day of its own; the amounts are worked out in the expectations below. */
function plantedInvoice(): string {
  const rows = USAGE.flatMap((usage) => {
    const isChatInput = usage.deployment === "chat" && usage.meter === 0;
    if (isChatInput && usage.day === "2026-11-05") return [];
    if (isChatInput && usage.day === "2026-11-10") return [tokensRow(usage, usage.tokens + 1_000_000n)];
    if (isChatInput && usage.day === "2026-11-15") return [tokensRow(usage, usage.tokens - 400_000n)];
    if (isChatInput && usage.day === "2026-11-16") return [tokensRow(usage, usage.tokens + 400_000n)];
    return [tokensRow(usage)];
  });
  return [
    HEADER,
    ...rows,
    row("2026-11-20", "batch", "gpt 4.1 Batch Inp glbl Tokens", "1K", "5000", "4.5685"),
    row("2026-11-21", "ptu", "Provisioned Managed Global Unit", "1 Hour", "360", "328.932"),
    row("2026-11-22", "tuned", "gpt-4.1-ft hosting global Unit", "1 Hour", "24", "37.27896"),
    row("2026-11-23", "router", "Model Router Inp glbl Tokens", "1K", "1000", "0.1"),
    row("2026-11-24", "", "Provisioned Throughput Reservation", "1", "1", "260", "Purchase"),
    row("2026-11-25", "", "Refund", "1", "0", "-3.5", "Refund"),
  ].join("\n");
}

describe("an invoice with planted differences and a contract at 8.63 % off", () => {
  const file = readInvoice(plantedInvoice());

  test("is read whole", () => expect([file.lines.length, file.refused, file.otherLines]).toEqual([239 + 6, [], 0]));

  test("against list prices the contract is found, and every difference is named", () => {
    const result = reconcile(estimate("0"), file.lines, "USD");
    expect(result.contract.discountPercent).toBe(CONTRACT);
    expect(Object.keys(result.byKind).toSorted()).toEqual([
      "adjustment",
      "contract",
      "hosting",
      "missing_in_logs",
      "missing_on_invoice",
      "ptu",
      "quantity",
      "reservation",
      "rounding",
      "router",
      "timing",
    ]);
    expect(result.residual).toBe(0n);
    expect(result.light).toBe("green");
  });

  test("with the contract entered, what is left are the planted differences to the cent", () => {
    const { byKind, residual, differences } = reconcile(estimate(CONTRACT), file.lines, "USD");
    const amounts = Object.fromEntries(Object.entries(byKind).map(([kind, amount]) => [kind, cents(amount)]));
    expect(amounts).toEqual({
      // 5 Nov: 5,000,015 tokens × 1.8274 per 1M were not billed.
      missing_on_invoice: "-9.14",
      // 10 Nov: 1,000,000 tokens more × 1.8274 per 1M.
      quantity: "1.83",
      // 15 and 16 Nov: 400,000 tokens a day later, for the same price.
      timing: "0",
      missing_in_logs: "4.57",
      ptu: "328.93",
      hosting: "37.28",
      router: "0.1",
      reservation: "260",
      adjustment: "-3.5",
      rounding: "0",
    });
    expect(residual).toBe(0n);
    expect(
      differences.filter(({ kind }) => kind === "timing").map(({ day, microUnits }) => [day, microUnits / 1_000_000n]),
    ).toEqual([
      ["2026-11-15", -400_000n],
      ["2026-11-16", 400_000n],
    ]);
  });
});

function cents(amount: Money): string {
  return toDecimal(money(divideRounded(amount, 10_000_000_000n) * 10_000_000_000n));
}
