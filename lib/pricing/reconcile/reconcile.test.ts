import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { money, parseMoney, sum, toDecimal } from "../../money/money.ts";
import type { EstimateLine } from "./estimate-line.ts";
import { readAmount, readMicroUnits } from "./exact-decimal.ts";
import { type InvoiceLine, readInvoice } from "./invoice-lines.ts";
import { reconcile } from "./reconcile.ts";

const INPUT = "gpt 4.1 Inp glbl Tokens";
const OUTPUT = "gpt 4.1 Outp glbl Tokens";

/** One million tokens of gpt-4.1 input at list price, with what matters to the case. */
function estimated(
  parts: Partial<EstimateLine> & { readonly tokens?: bigint; readonly list?: string; readonly cost?: string },
): EstimateLine {
  const { tokens = 1_000_000n, list = "2", cost, ...rest } = parts;
  return {
    day: "2026-11-01",
    account: "ai-east",
    deployment: "chat",
    meterName: INPUT,
    meterId: null,
    microUnits: tokens * 1_000_000n,
    listCost: parseMoney(list),
    contractedCost: parseMoney(cost ?? list),
    ...rest,
  };
}

function invoiced(
  parts: Partial<Omit<InvoiceLine, "cost">> & { readonly tokens?: bigint; readonly cost?: string },
): InvoiceLine {
  const { tokens = 1_000_000n, cost = "2", ...rest } = parts;
  return {
    line: 2,
    day: "2026-11-01",
    account: "ai-east",
    deployment: "chat",
    meterId: null,
    meterName: INPUT,
    chargeType: "usage",
    isReserved: false,
    microUnits: tokens * 1_000_000n,
    cost: parseMoney(cost),
    currency: "USD",
    ...rest,
  };
}

function named(estimate: EstimateLine[], invoice: InvoiceLine[]) {
  const result = reconcile(estimate, invoice, "USD");
  return {
    kinds: Object.fromEntries(Object.entries(result.byKind).map(([kind, amount]) => [kind, toDecimal(amount)])),
    residual: result.residual,
  };
}

describe("reconcile names every difference", () => {
  const hosting = "gpt-4.1-ft hosting global Unit";
  const ptu = "Provisioned Managed Global Unit";
  test.each<[string, EstimateLine[], InvoiceLine[], Record<string, string>]>([
    ["nothing", [estimated({})], [invoiced({})], {}],
    ["a meter that the logs lack", [], [invoiced({})], { missing_in_logs: "2" }],
    ["usage that was not billed", [estimated({})], [], { missing_on_invoice: "-2" }],
    ["a price", [estimated({})], [invoiced({ cost: "1.8274" })], { price: "-0.1726" }],
    ["a quantity", [estimated({})], [invoiced({ tokens: 1_100_000n, cost: "2.2" })], { quantity: "0.2" }],
    [
      "price and quantity at once",
      [estimated({})],
      [invoiced({ tokens: 2_000_000n, cost: "3" })],
      { price: "-0.5", quantity: "1.5" },
    ],
    [
      "usage booked on the next day",
      [estimated({}), estimated({ day: "2026-11-02" })],
      [invoiced({ tokens: 900_000n, cost: "1.8" }), invoiced({ day: "2026-11-02", tokens: 1_100_000n, cost: "2.2" })],
      { timing: "0" },
    ],
    ["a whole day that moved", [estimated({})], [invoiced({ day: "2026-11-02" })], { timing: "0" }],
    ["provisioned hours", [], [invoiced({ meterName: ptu, tokens: 24n, cost: "24" })], { ptu: "24" }],
    [
      "hosting hours",
      [estimated({ meterName: hosting, tokens: 24n, list: "40.8" })],
      [invoiced({ meterName: hosting, tokens: 48n, cost: "81.6" })],
      { hosting: "40.8" },
    ],
    ["the router's fee", [], [invoiced({ meterName: "Model Router Inp glbl Tokens" })], { router: "2" }],
    ["a reservation that was bought", [], [invoiced({ chargeType: "purchase", cost: "260" })], { reservation: "260" }],
    [
      "a refund",
      [estimated({})],
      [invoiced({}), invoiced({ chargeType: "adjustment", cost: "-1", tokens: 0n })],
      { adjustment: "-1" },
    ],
    ["rounding of a line", [estimated({})], [invoiced({ cost: "2.0000000001" })], { rounding: "0.0000000001" }],
    ["usage that has no price in our book", [estimated({ meterName: "", list: "0" })], [], { unpriced: "0" }],
  ])("%s", (_name, estimate, invoice, kinds) => expect(named(estimate, invoice)).toEqual({ kinds, residual: 0n }));

  test("without the deployment tag an account's deployments are compared together", () =>
    expect(
      named(
        [estimated({}), estimated({ deployment: "other" })],
        [invoiced({ deployment: "", tokens: 2_000_000n, cost: "4" })],
      ),
    ).toEqual({ kinds: {}, residual: 0n }));

  test("a meter id joins where names are spelled differently", () =>
    expect(
      named([estimated({ meterId: "m-1" })], [invoiced({ meterId: "m-1", meterName: "GPT 4.1 input Global" })]),
    ).toEqual({ kinds: {}, residual: 0n }));

  test("two currencies never meet", () =>
    expect(() => reconcile([], [invoiced({ currency: "EUR" })], "USD")).toThrow("two currencies never meet"));

  test("estimate, differences and residual sum to the invoice, and the residual is nothing", () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.integer({ min: 1, max: 9 }),
            fc.constantFrom(INPUT, OUTPUT),
            fc.bigInt({ min: 1n, max: 10n ** 9n }),
            fc.bigInt({ min: 0n, max: 10n ** 13n }),
          ),
        ),
        fc.array(
          fc.tuple(
            fc.integer({ min: 1, max: 9 }),
            fc.constantFrom(INPUT, OUTPUT),
            fc.bigInt({ min: 0n, max: 10n ** 9n }),
            fc.bigInt({ min: 0n, max: 10n ** 13n }),
          ),
        ),
        (ours, theirs) => {
          const estimate = ours.map(([day, meterName, microUnits, cost]) => ({
            ...estimated({ day: `2026-11-0${day}`, meterName }),
            microUnits,
            contractedCost: money(cost),
          }));
          const invoice = theirs.map(([day, meterName, microUnits, cost]) => ({
            ...invoiced({ day: `2026-11-0${day}`, meterName, microUnits }),
            cost: money(cost),
          }));
          const result = reconcile(estimate, invoice, "USD");
          expect(result.residual).toBe(0n);
          expect(sum([result.estimate, ...result.differences.map(({ amount }) => amount)])).toBe(result.invoice);
        },
      ),
    ));
});

describe("the contract that an invoice implies", () => {
  test("8.63 % off is found on every meter, through planted differences", () => {
    const estimate = [
      estimated({ tokens: 3n, list: "0.000006" }),
      estimated({ day: "2026-11-02" }),
      estimated({ meterName: OUTPUT, list: "8" }),
    ];
    const invoice = [
      invoiced({ tokens: 3n, cost: "0.0000054822" }),
      invoiced({ day: "2026-11-02", tokens: 1_500_000n, cost: "2.7411" }),
      invoiced({ meterName: OUTPUT, cost: "7.3096" }),
    ];
    const { contract, residual } = reconcile(estimate, invoice, "USD");
    expect(residual).toBe(0n);
    expect(contract.discountPercent).toBe("8.63");
    expect(contract.prices.map(({ meterName, discountPercent, lines }) => [meterName, discountPercent, lines])).toEqual(
      [
        [INPUT, "8.63", 2],
        [OUTPUT, "8.63", 1],
      ],
    );
  });
  test("meters with different discounts have no one contract, and list prices have 0", () => {
    const { contract } = reconcile(
      [estimated({}), estimated({ meterName: OUTPUT, list: "8" })],
      [invoiced({}), invoiced({ meterName: OUTPUT, cost: "7.2" })],
      "USD",
    );
    expect([contract.discountPercent, ...contract.prices.map(({ discountPercent }) => discountPercent)]).toEqual([
      null,
      "0",
      "10",
    ]);
  });
  test("a price that no two-decimal discount explains is offered as a price", () => {
    const { contract } = reconcile([estimated({})], [invoiced({ cost: "1.92345" })], "USD");
    expect(contract.prices).toMatchObject([
      {
        discountPercent: null,
        contractedUnitPrice: { numerator: 1_923_450_000_000n * 1_000_000n, denominator: 10n ** 12n },
      },
    ]);
  });
});

describe("readInvoice", () => {
  const resource = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/AI-East";
  test("an actual export: american dates, tags without braces, other services left alone", () => {
    const text = `Date,ResourceId,MeterId,MeterName,MeterCategory,ConsumedService,UnitOfMeasure,Quantity,EffectivePrice,CostInBillingCurrency,BillingCurrencyCode,ChargeType,PricingModel,Tags
11/01/2026,${resource},m-1,gpt 4.1 Inp glbl Tokens,Foundry Models,Microsoft.CognitiveServices,1K,1234.567,0.002,2.469134,USD,Usage,OnDemand,"""deployment"": ""Chat"",""project"":""p"""
11/01/2026,/subscriptions/s/vm,m-2,D2s,Virtual Machines,Microsoft.Compute,1 Hour,1,1,1,USD,Usage,OnDemand,
11/01/2026,${resource},m-3,gpt 4.1 Outp glbl Tokens,Foundry Models,Microsoft.CognitiveServices,1K,lots,0.002,1,USD,Usage,OnDemand,
`;
    const file = readInvoice(text);
    expect(file).toMatchObject({
      basis: "actual",
      otherLines: 1,
      refused: [{ row: 4, reason: 'the quantity "lots" is not a number' }],
    });
    expect(file.lines).toEqual([
      {
        line: 2,
        day: "2026-11-01",
        account: "ai-east",
        deployment: "chat",
        meterId: "m-1",
        meterName: INPUT,
        chargeType: "usage",
        isReserved: false,
        microUnits: 1_234_567_000_000n,
        cost: 2_469_134_000_000n,
        currency: "USD",
      },
    ]);
  });

  test("unused reservations make an export amortised", () => {
    const text = `Date,ResourceId,MeterName,MeterCategory,UnitOfMeasure,Quantity,CostInBillingCurrency,BillingCurrency,ChargeType,PricingModel,ReservationId
2026-11-01,,Provisioned Managed Global Unit,Foundry Models,1 Hour,3,0.9,USD,UnusedReservation,Reservation,r-1
`;
    expect(readInvoice(text)).toMatchObject({
      basis: "amortized",
      lines: [{ chargeType: "unused_reservation", isReserved: true, account: "" }],
    });
  });

  test("FOCUS", () => {
    const text = `BilledCost,EffectiveCost,ChargePeriodStart,ChargeCategory,ResourceId,x_SkuMeterId,x_SkuMeterName,ConsumedQuantity,ConsumedUnit,BillingCurrency,ServiceName,Tags
1.8274,1.8274,2026-11-01T00:00:00Z,Usage,${resource},m-1,gpt 4.1 Inp glbl Tokens,1000,1K Tokens,USD,Azure AI Services,"{""deployment"":""chat""}"
`;
    expect(readInvoice(text)).toMatchObject({
      basis: "focus",
      lines: [
        {
          day: "2026-11-01",
          microUnits: 1_000_000_000_000n,
          cost: 1_827_400_000_000n,
          deployment: "chat",
          meterId: "m-1",
        },
      ],
    });
  });

  test("another table is no cost export", () =>
    expect(() => readInvoice("a,b\n1,2\n")).toThrow("This is no cost export"));
});

test.each([
  ["1.5", 1_500_000_000_000n],
  ["-0.25", -250_000_000_000n],
  ["1e-7", 100_000n],
  ["0.0000000000005", 1n],
  ["12", 12_000_000_000_000n],
  ["", undefined],
  ["1,5", undefined],
])("the amount %j", (text, pico) => expect(readAmount(text)).toBe(pico));

test("a quantity in its unit is exact tokens", () =>
  expect(readMicroUnits("0.123457", 1_000_000n)).toBe(123_457_000_000n));
