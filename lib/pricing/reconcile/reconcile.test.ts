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
      "price and quantity at once, where another day shows that price",
      [estimated({}), estimated({ day: "2026-11-03" })],
      [invoiced({ tokens: 2_000_000n, cost: "3" }), invoiced({ day: "2026-11-03", cost: "1.5" })],
      { price: "-1", quantity: "1.5" },
    ],
    [
      "an image, which no log of tokens tells",
      [],
      [invoiced({ meterName: "Dall-E-3 Std LowRes Images" })],
      { other_meter: "2" },
    ],
    [
      "a reservation that an actual export shows as bought",
      [estimated({ meterName: ptu, tokens: 24n, list: "24", cost: "8.55" })],
      [invoiced({ meterName: ptu, tokens: 24n, cost: "0", isReserved: true })],
      { reservation: "-8.55" },
    ],
    [
      "reserved units that nobody deployed",
      [],
      [invoiced({ meterName: ptu, account: "", deployment: "", chargeType: "unused_reservation", isReserved: true })],
      { reservation: "2" },
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

  describe("what the lines do not show stays unexplained", () => {
    const storage = "Standard Data Stored";
    test.each<[string, EstimateLine[], InvoiceLine[], Record<string, string>, string, string]>([
      [
        "a price and a quantity that stand on one line alone",
        [estimated({})],
        [invoiced({ tokens: 2_000_000n, cost: "3" })],
        {},
        "1",
        "lone_price",
      ],
      [
        "a price that the other lines of the meter contradict",
        [estimated({}), estimated({ day: "2026-11-03" }), estimated({ day: "2026-11-05" })],
        [invoiced({}), invoiced({ day: "2026-11-03", cost: "3" }), invoiced({ day: "2026-11-05" })],
        {},
        "1",
        "lone_price",
      ],
      ["a cost without units", [estimated({})], [invoiced({ tokens: 0n, cost: "5" })], {}, "3", "no_units"],
      ["a cost without units for what the logs lack", [], [invoiced({ tokens: 0n, cost: "5" })], {}, "5", "no_units"],
      ["a meter that cannot be read", [], [invoiced({ meterName: storage })], {}, "2", "unknown_meter"],
    ])("%s", (_name, estimate, invoice, kinds, residual, reason) => {
      const result = reconcile(estimate, invoice, "USD");
      const byKind = Object.fromEntries(
        Object.entries(result.byKind).map(([kind, amount]) => [kind, toDecimal(amount)]),
      );
      expect([byKind, toDecimal(result.residual), result.unexplained.map((one) => one.reason)]).toEqual([
        kinds,
        residual,
        [reason],
      ]);
    });
  });

  test.each<[string, EstimateLine[], Record<string, string>, string[]]>([
    ["lacks is not missing in the logs", [], {}, ["unread_day"]],
    ["has in part is no quantity", [estimated({ tokens: 900_000n, list: "1.8" })], {}, ["unread_day"]],
    ["has whole is compared as ever", [estimated({ cost: "1.9", list: "1.9" })], { price: "0.1" }, []],
  ])("what a day that was not read to its end %s", (_name, estimate, kinds, reasons) => {
    const result = reconcile(estimate, [invoiced({})], "USD", new Set(["2026-11-01"]));
    const byKind = Object.fromEntries(Object.entries(result.byKind).map(([kind, amount]) => [kind, toDecimal(amount)]));
    expect([byKind, result.unexplained.map(({ reason }) => reason)]).toEqual([kinds, reasons]);
  });

  describe("the light is the unexplained share of the invoice: green to 0.2 %, amber to 1 %, else red", () => {
    // 1,000 dollars at our price, and a meter that cannot be read on top; the invoice is 1,000 plus that.
    const lit = (...unknown: string[]) =>
      reconcile(
        [estimated({ tokens: 500_000_000n, list: "1000" })],
        [
          invoiced({ tokens: 500_000_000n, cost: "1000" }),
          ...unknown.map((cost, index) => invoiced({ meterName: `Mystery ${index}`, cost })),
        ],
        "USD",
      );
    test.each([
      ["nothing", "0", "green"],
      // 0.2 % of 1,002.004008016032 is 2.004008016032064.
      ["exactly 0.2 %", "2.004008016032", "green"],
      ["a hair more", "2.004008016033", "amber"],
      // 1 % of 1,010.10101010101 is 10.1010101010101.
      ["exactly 1 %", "10.10101010101", "amber"],
      ["a hair more", "10.101010101011", "red"],
    ])("%s: %s is %s", (_name, cost, light) => expect(lit(cost).light).toBe(light));

    test("one too high and one too low do not cancel", () => {
      const day = (cost: string, on: string) => invoiced({ day: on, tokens: 500_000_000n, cost });
      const result = reconcile(
        ["2026-11-01", "2026-11-03", "2026-11-05", "2026-11-07"].map((on) =>
          estimated({ day: on, tokens: 500_000_000n, list: "1000" }),
        ),
        [day("1000", "2026-11-01"), day("1000", "2026-11-03"), day("1100", "2026-11-05"), day("900", "2026-11-07")],
        "USD",
      );
      expect([result.residual, toDecimal(result.unexplainedSize), result.light]).toEqual([0n, "200", "red"]);
    });
  });

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

  test("estimate, named differences and what has no name sum to the invoice", () =>
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
          const unexplained = sum(result.unexplained.map(({ amount }) => amount));
          expect(result.residual).toBe(unexplained);
          expect(sum([result.estimate, ...result.differences.map(({ amount }) => amount), unexplained])).toBe(
            result.invoice,
          );
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
