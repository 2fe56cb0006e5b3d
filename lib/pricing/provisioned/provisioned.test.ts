import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { money, sum } from "../../money/money.ts";
import { priceDecimal, unitPrice } from "../../money/unit-price.ts";
import { addMs, MINUTE_MS, QUARTER_HOUR_MS, toInstant } from "../../time/instant.ts";
import { loadBundledCatalogue } from "../catalogue.ts";
import { resolveTokenPrice } from "../resolve-price.ts";
import {
  breakEvenPerMille,
  HOURS_PER_MONTH,
  HOURS_PER_YEAR,
  payAsYouGoPerPtuHour,
  perHourOfTerm,
} from "./break-even.ts";
import { allowedSizes, cheapest, costCurve } from "./cost-curve.ts";
import { type ArrivingRequest, replayBucket } from "./leaky-bucket.ts";
import { amortisedBetween, reservationPrice, reservationTotal, reservedHour } from "./reservations.ts";
import { splitCapacityCost } from "./split-capacity-cost.ts";
import { planSize, sizeFor, type Throughput, throughputOf } from "./throughput.ts";

function throughput(model: string, scope: "Global" | "DataZone" | "Regional" = "Global"): Throughput {
  const found = throughputOf(model, scope);
  if (!found) throw new Error(`no throughput of ${model}`);
  return found;
}

describe("sizing gpt-5.2 at 1,000 requests a minute", () => {
  // prompt, output, cached in basis points, scope: raw PTU to two decimals, PTU to buy.
  test.each([
    [200n, 20n, 0n, "DataZone", "105.88", 110n],
    [200n, 20n, 0n, "Regional", "105.88", 150n],
    [200n, 20n, 5_000n, "DataZone", "76.47", 80n],
    [200n, 20n, 5_000n, "Regional", "76.47", 100n],
    [500n, 200n, 0n, "Regional", "617.65", 650n],
    [500n, 200n, 2_500n, "Regional", "580.88", 600n],
  ] as const)("%d in, %d out, %d cached, %s", (promptTokens, outputTokens, cachedBasisPoints, scope, raw, ptu) => {
    const load = { requestsPerMinute: 1_000n, promptTokens, outputTokens, cachedBasisPoints };
    const size = planSize(load, throughput("gpt-5.2", scope));
    expect((Number(size.raw.numerator) / Number(size.raw.denominator)).toFixed(2)).toBe(raw);
    expect(size.ptu).toBe(ptu);
  });

  test.each([
    ["nothing still needs the minimum", 0n, 15n],
    ["exactly the minimum", 45_000n, 15n],
    ["one token over", 45_001n, 20n],
  ])("%s", (_name, tokensPerMinute, ptu) => expect(sizeFor(tokensPerMinute, throughput("gpt-4.1"))).toBe(ptu));
});

describe("throughput table", () => {
  test.each([
    ["gpt-5.5", 15n, 5n, 50n, 50n, 1_200n, 6n],
    ["gpt-5.4", 15n, 5n, 50n, 50n, 2_400n, 6n],
    ["gpt-5.3-codex", 15n, 5n, 50n, 50n, 3_400n, 8n],
    ["gpt-5.2", 15n, 5n, 50n, 50n, 3_400n, 8n],
    ["gpt-5.2-codex", 15n, 5n, 50n, 50n, 3_400n, 8n],
    ["gpt-5.1", 15n, 5n, 50n, 50n, 4_750n, 8n],
    ["gpt-5.1-codex", 15n, 5n, 50n, 50n, 4_750n, 8n],
    ["gpt-5", 15n, 5n, 50n, 50n, 4_750n, 8n],
    ["gpt-5-mini", 15n, 5n, 25n, 25n, 23_750n, 8n],
    ["gpt-4.1", 15n, 5n, 50n, 50n, 3_000n, 4n],
    ["gpt-4.1-mini", 15n, 5n, 25n, 25n, 14_900n, 4n],
    ["gpt-4.1-nano", 15n, 5n, 25n, 25n, 59_400n, 4n],
    ["o3", 15n, 5n, 50n, 50n, 3_000n, 4n],
    ["o4-mini", 15n, 5n, 25n, 25n, 5_400n, 4n],
    ["gpt-4o", 15n, 5n, 50n, 50n, 2_500n, 4n],
    ["gpt-4o-mini", 15n, 5n, 25n, 25n, 37_000n, 4n],
    ["o3-mini", 15n, 5n, 25n, 25n, 2_500n, 4n],
    ["o1", 15n, 5n, 25n, 50n, 230n, 4n],
  ])("%s", (model, minimum, step, regionalMinimum, regionalStep, inputTokensPerMinute, outputWeight) => {
    expect(throughputOf(model, "Global")).toMatchObject({ minimum, step, inputTokensPerMinute, outputWeight });
    expect(throughputOf(model, "Regional")).toMatchObject({ minimum: regionalMinimum, step: regionalStep });
  });
  test("a model that is not documented has none", () => expect(throughputOf("mystery", "Global")).toBeUndefined());
});

describe("break-even against Global standard", () => {
  const million = 1_000_000n;
  const gpt5 = {
    input: unitPrice("1.25", million),
    cached: unitPrice("0.125", million),
    output: unitPrice("10", million),
  };
  const gpt41 = { input: unitPrice("2", million), cached: unitPrice("0.5", million), output: unitPrice("8", million) };
  test.each([
    ["gpt-5, 1000 / 0 / 300", "gpt-5", gpt5, [1_000n, 0n, 300n], 356_250_000_000n, [2_807n, 1_000n, 850n]],
    ["gpt-5, 200 / 800 / 300", "gpt-5", gpt5, [200n, 800n, 300n], 367_212_000_000n, [2_723n, 970n, 824n]],
    ["gpt-4.1, 3000 / 0 / 300", "gpt-4.1", gpt41, [3_000n, 0n, 300n], 360_000_000_000n, [2_778n, 989n, 841n]],
    ["gpt-4.1, 600 / 2400 / 300", "gpt-4.1", gpt41, [600n, 2_400n, 300n], 480_000_000_000n, [2_083n, 742n, 631n]],
  ] as const)("%s", (_name, model, prices, [input, cached, output], perHour, [hourly, month, year]) => {
    const payg = payAsYouGoPerPtuHour({ input, cached, output }, prices, throughput(model));
    const rounded = ((payg.numerator / payg.denominator + 500_000n) / 1_000_000n) * 1_000_000n;
    expect(rounded).toBe(perHour);
    const hour = (price: string, hours: bigint) => perHourOfTerm(unitPrice(price, 1n), hours);
    expect(breakEvenPerMille(unitPrice("1", 1n), payg)).toBe(hourly);
    expect(breakEvenPerMille(hour("260", HOURS_PER_MONTH), payg)).toBe(month);
    expect(breakEvenPerMille(hour("2652", HOURS_PER_YEAR), payg)).toBe(year);
  });
});

describe("with output weighed as it is priced and nothing cached the mix cancels: a PTU-hour is 60 × T × input price", () => {
  const book = loadBundledCatalogue();
  const priceOf = (model: string, tokenKind: "input" | "cached_input" | "output") => {
    const key = { model, version: "", scope: "Global", region: "eastus2", mode: "standard", tokenKind } as const;
    const at = toInstant("2026-07-31");
    const answer = resolveTokenPrice({ ...key, contextBand: "short", modality: "text" }, at, book);
    if (answer.kind !== "one") throw new Error(`${model} has no one price`);
    return answer.line.listUnitPrice;
  };
  const mixes = [
    { input: 1_000n, cached: 0n, output: 300n },
    { input: 1n, cached: 0n, output: 2_000n },
  ];
  // model; picodollars of a fully used PTU-hour; break-even by the hour, month and year in tenths of a percent.
  test.each([
    ["gpt-5.5", 360_000_000_000n, [2_778n, 989n, 841n]],
    ["gpt-5.4", 360_000_000_000n, [2_778n, 989n, 841n]],
    ["gpt-5.2", 357_000_000_000n, [2_801n, 998n, 848n]],
    ["gpt-5.1", 356_250_000_000n, [2_807n, 1_000n, 850n]],
    ["gpt-5", 356_250_000_000n, [2_807n, 1_000n, 850n]],
    ["gpt-5-mini", 356_250_000_000n, [2_807n, 1_000n, 850n]],
    ["gpt-4.1", 360_000_000_000n, [2_778n, 989n, 841n]],
    ["gpt-4.1-mini", 357_600_000_000n, [2_796n, 996n, 847n]],
    ["gpt-4.1-nano", 356_400_000_000n, [2_806n, 999n, 849n]],
    ["o3", 360_000_000_000n, [2_778n, 989n, 841n]],
    ["o4-mini", 356_400_000_000n, [2_806n, 999n, 849n]],
  ] as const)("%s", (model, perHour, [hourly, month, year]) => {
    const prices = {
      input: priceOf(model, "input"),
      cached: priceOf(model, "cached_input"),
      output: priceOf(model, "output"),
    };
    for (const mix of mixes) {
      const payg = payAsYouGoPerPtuHour(mix, prices, throughput(model));
      expect(payg.numerator).toBe(perHour * payg.denominator);
      expect(breakEvenPerMille(unitPrice("1", 1n), payg)).toBe(hourly);
      expect(breakEvenPerMille(perHourOfTerm(unitPrice("260", 1n), HOURS_PER_MONTH), payg)).toBe(month);
      expect(breakEvenPerMille(perHourOfTerm(unitPrice("2652", 1n), HOURS_PER_YEAR), payg)).toBe(year);
    }
  });

  test("the monthly reservation is 0.35616 an hour", () => {
    const hour = perHourOfTerm(unitPrice("260", 1n), HOURS_PER_MONTH);
    expect((hour.numerator * 100_000n) / (hour.denominator * 10n ** 12n)).toBe(35_616n);
  });

  test("2.20 an hour is the price of a Regional unit in Sweden Central and twelve others, and in Italy from June 2026", () => {
    const regionsAt = (day: string) =>
      book.rows
        .filter((row) => row.measure === "ptu_hour" && row.scope === "Regional" && row.validFrom <= toInstant(day))
        .filter((row) => priceDecimal(row.price, 1n) === "2.2")
        .flatMap((row) => (row.regions === "everywhere" ? [] : [...row.regions]));
    const before = regionsAt("2026-05-31");
    expect(before).toContain("swedencentral");
    expect(before).toHaveLength(13);
    expect(regionsAt("2026-06-01").filter((region) => !before.includes(region))).toEqual(["italynorth"]);
  });
});

describe("reservations", () => {
  test("list prices per PTU and term", () => {
    const price = (scope: "Global" | "DataZone" | "Regional", term: "month" | "year") =>
      reservationTotal(
        1n,
        reservationPrice(scope, term, toInstant("2026-11-21")) ?? {
          scope,
          term,
          price: unitPrice("0", 1n),
          validFrom: toInstant(0),
          source: "",
        },
      );
    expect(price("Global", "month")).toBe(260_000_000_000_000n);
    expect(price("Global", "year")).toBe(2_652_000_000_000_000n);
    expect(price("DataZone", "month")).toBe(286_000_000_000_000n);
    expect(price("Regional", "year")).toBe(2_916_000_000_000_000n);
    expect(reservationPrice("Global", "month", toInstant("2020-01-01"))).toBeUndefined();
  });

  test("a year of 7 PTU spread over its quarter hours sums to what was paid, to the picodollar", () => {
    const total = money(18_564_000_000_000_001n);
    const term = { start: toInstant("2026-02-01"), end: toInstant("2027-02-01") };
    const starts = Array.from({ length: 35_040 }, (_, index) => addMs(term.start, index * QUARTER_HOUR_MS));
    const slices = starts.map((at) => amortisedBetween({ term, total }, at, addMs(at, QUARTER_HOUR_MS)));
    expect(sum(slices)).toBe(total);
    // 18,564 dollars over 525,600 minutes are 35,319,634,703.19… picodollars: fifteen of them, and up to fifteen more.
    expect([Math.min(...slices.map(Number)), Math.max(...slices.map(Number))]).toEqual([
      529_794_520_545, 529_794_520_560,
    ]);
  });

  test("a yearly reservation stays exact in total, however its term is cut, whenever it begins", () =>
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 18n }),
        fc.integer({ min: 0, max: 1_439 }),
        fc.array(fc.integer({ min: 0, max: 525_600 }), { maxLength: 20 }),
        (total, minuteOfDay, cuts) => {
          const start = addMs(toInstant("2026-02-01"), minuteOfDay * MINUTE_MS);
          const term = { start, end: addMs(start, 525_600 * MINUTE_MS) };
          const edges = [0, ...cuts.toSorted((a, b) => a - b), 525_600].map((minute) =>
            addMs(start, minute * MINUTE_MS),
          );
          const pieces = edges
            .slice(1)
            .map((to, index) => amortisedBetween({ term, total: money(total) }, edges[index] ?? to, to));
          expect(sum(pieces)).toBe(total);
          expect(pieces.every((piece) => piece >= 0n)).toBe(true);
        },
      ),
    ));

  test.each([
    ["before its term", "2026-01-31T23:45:00Z", "2026-02-01T00:00:00Z", 0n],
    ["across its first minute", "2026-01-31T23:59:00Z", "2026-02-01T00:01:00Z", 1_000n],
    ["across its last minute", "2026-02-28T23:59:00Z", "2026-03-01T00:01:00Z", 1_000n],
    ["after its term", "2026-03-01T00:00:00Z", "2026-03-01T00:15:00Z", 0n],
  ])("%s", (_name, from, to, expected) => {
    const term = { start: toInstant("2026-02-01"), end: toInstant("2026-03-01") };
    // 40,320 minutes of February 2026 at a thousand picodollars each.
    expect(amortisedBetween({ term, total: money(40_320_000n) }, toInstant(from), toInstant(to))).toBe(expected);
  });

  test("the price of a reserved hour is the total over units and hours, exactly", () => {
    const term = { start: toInstant("2026-02-01"), end: toInstant("2027-02-01") };
    const { numerator, denominator } = reservedHour({ term, total: money(2_652_000_000_000_000n * 10n), units: 10n });
    // 2,652 dollars ÷ 8,760 hours.
    expect(numerator * 8_760n).toBe(2_652_000_000_000_000n * denominator);
  });
});

describe("used and idle capacity", () => {
  test("half loaded by two teams", () => {
    const shares = splitCapacityCost(
      money(100n),
      new Map([
        ["a", 30n],
        ["b", 20n],
      ]),
      100n,
    );
    expect([shares.used.get("a"), shares.used.get("b"), shares.idle]).toEqual([30n, 20n, 50n]);
  });
  test("nothing loaded is all idle, overload leaves nothing idle", () => {
    expect(splitCapacityCost(money(7n), new Map(), 100n).idle).toBe(7n);
    expect(splitCapacityCost(money(7n), new Map([["a", 200n]]), 100n)).toEqual({
      used: new Map([["a", 7n]]),
      idle: 0n,
    });
  });
  test("the parts sum to the cost", () =>
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 15n }),
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n })),
        fc.bigInt({ min: 1n, max: 10n ** 10n }),
        (cost, loads, capacity) => {
          const shares = splitCapacityCost(money(cost), new Map(loads.map((load, index) => [index, load])), capacity);
          expect(sum([...shares.used.values(), shares.idle])).toBe(cost);
        },
      ),
    ));
});

describe("the leaky bucket", () => {
  const bucket = { tokensPerMinute: 60, depth: 60 };
  test.each<[string, ArrivingRequest[], boolean[]]>([
    [
      "a burst may pass a little over the depth",
      [
        { atMs: 0, tokens: 59 },
        { atMs: 0, tokens: 59 },
        { atMs: 0, tokens: 1 },
      ],
      [true, true, false],
    ],
    [
      "exactly at the depth is refused",
      [
        { atMs: 0, tokens: 60 },
        { atMs: 0, tokens: 1 },
      ],
      [true, false],
    ],
    [
      "the level drains by a token a second",
      [
        { atMs: 0, tokens: 61 },
        { atMs: 1_000, tokens: 1 },
        { atMs: 1_001, tokens: 1 },
      ],
      [true, false, true],
    ],
    [
      "the estimate is charged and corrected at completion",
      [
        { atMs: 0, tokens: 10, estimate: 100, completedAtMs: 500 },
        { atMs: 400, tokens: 1 },
        { atMs: 600, tokens: 1 },
      ],
      [true, false, true],
    ],
  ])("%s", (_name, requests, accepted) => expect(replayBucket(requests, bucket).accepted).toEqual(accepted));
});

const TRACE = "../shared/data/azure-llm-inference-trace-2023-conv.csv";

describe.skipIf(!existsSync(TRACE))(`the worked example on ${TRACE} (skipped when the file is absent)`, () => {
  const requests = existsSync(TRACE) ? readTrace(readFileSync(TRACE, "utf8")) : [];
  const gpt41 = throughput("gpt-4.1");
  const refused = (ptu: bigint, seconds: number) => {
    const tokensPerMinute = Number(ptu * gpt41.inputTokensPerMinute);
    return replayBucket(requests, { tokensPerMinute, depth: (tokensPerMinute * seconds) / 60 }).refused;
  };

  test("equivalent tokens per full minute: mean, p95, p99, and the sizes they give", () => {
    const minutes = fullMinutes(requests);
    const rank = (share: number) => nearestRank(minutes, share);
    const mean = minutes.reduce((a, b) => a + b, 0) / minutes.length;
    expect(requests.length).toBe(19_366);
    expect([minutes.length, Math.round(mean), rank(0.95), rank(0.99)]).toEqual([58, 666_922, 905_213, 998_809]);
    expect([mean, rank(0.95), rank(0.99)].map((load) => sizeFor(BigInt(Math.ceil(load)), gpt41))).toEqual([
      225n,
      305n,
      335n,
    ]);
  });

  test("a mean request has 1,155 prompt and 211 output tokens", () => {
    const [prompt, output] = promptAndOutput(readFileSync(TRACE, "utf8"));
    expect([prompt, output].map((total) => Math.round(total / requests.length))).toEqual([1_155, 211]);
  });

  test.each([
    [110n, "49.7"],
    [165n, "25.0"],
    [225n, "4.8"],
    [280n, "0.0"],
  ])("%d PTU refuse %s %% with a bucket one minute deep", (ptu, share) =>
    expect(((100 * refused(ptu, 60)) / requests.length).toFixed(1)).toBe(share),
  );

  test.each([
    [60, 265n, 275n],
    [10, 285n, 305n],
  ])("a bucket %d seconds deep needs %d for at most 1 %% and %d for none", (seconds, onePercent, none) => {
    const sizes = allowedSizes(gpt41, 400n);
    const first = (most: number) => sizes.find((ptu) => refused(ptu, seconds) <= most);
    expect([first(requests.length / 100), first(0)]).toEqual([onePercent, none]);
  });
});

const CODE_TRACE = "../shared/data/azure-llm-inference-trace-2023-code.csv";

test.skipIf(!existsSync(CODE_TRACE))(
  `a burstier trace needs three times its mean at p95: ${CODE_TRACE} (skipped when the file is absent)`,
  () => {
    const minutes = fullMinutes(readTrace(readFileSync(CODE_TRACE, "utf8")));
    const mean = minutes.reduce((a, b) => a + b, 0) / minutes.length;
    expect((nearestRank(minutes, 0.95) / mean).toFixed(1)).toBe("3.0");
  },
);

test("the cost curve weighs capacity against what spills over", () => {
  // 60 requests a minute of 3,000 equivalent tokens for one hour fill 60 PTU of gpt-4.1; each costs 0.006 at pay-as-you-go.
  const requests = Array.from({ length: 3_600 }, (_, index) => ({
    atMs: index * 1_000,
    tokens: 3_000,
    payAsYouGo: money(6_000_000_000n),
  }));
  const question = {
    requests,
    hours: 1n,
    sizes: [50n, 60n],
    terms: [
      { name: "hourly", ptuHour: unitPrice("1", 1n) },
      { name: "year", ptuHour: perHourOfTerm(unitPrice("2652", 1n), HOURS_PER_YEAR) },
    ],
    throughput: throughput("gpt-4.1"),
    bucketSeconds: 60,
    reservedPtu: 0n,
  } as const;
  const curve = costCurve(question);
  expect(curve[0]).toMatchObject({
    ptu: 0n,
    refusedShare: 1,
    spilledCost: 21_600_000_000_000n,
    costs: { hourly: 21_600_000_000_000n },
  });
  expect(curve[2]).toMatchObject({
    ptu: 60n,
    refused: 0,
    spilledCost: 0n,
    utilisation: 1,
    costs: { hourly: 60_000_000_000_000n, year: 18_164_383_561_644n, month: undefined },
  });
  expect(cheapest(curve)).toMatchObject({ term: "year", point: { ptu: 60n } });
  const owned = cheapest(costCurve({ ...question, reservedPtu: 60n }));
  expect(owned).toMatchObject({ term: "hourly", cost: 0n, point: { ptu: 60n } });
});

/** Equivalent tokens of each minute but the first and the last, which may be cut, idle ones too, in ascending order. */
function fullMinutes(requests: readonly ArrivingRequest[]): number[] {
  const perMinute = new Map<number, number>();
  for (const { atMs, tokens } of requests)
    perMinute.set(Math.floor(atMs / 60_000), (perMinute.get(Math.floor(atMs / 60_000)) ?? 0) + tokens);
  const [first, last] = [Math.min(...perMinute.keys()), Math.max(...perMinute.keys())];
  return Array.from({ length: last - first - 1 }, (_, index) => perMinute.get(first + 1 + index) ?? 0).toSorted(
    (a, b) => a - b,
  );
}

function nearestRank(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
}

/** The prompt and the output tokens of a whole trace. */
function promptAndOutput(text: string): [number, number] {
  const rows = text
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(","));
  const total = (column: number) => rows.reduce((all, cells) => all + Number(cells[column]), 0);
  return [total(1), total(2)];
}

/** Requests of a trace file with 7 fraction digits of a second, weighed with gpt-4.1's output weight of 4. */
function readTrace(text: string): ArrivingRequest[] {
  return text
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const [at = "", context, generated] = line.split(",");
      const seconds = Date.parse(`${at.slice(0, 19).replace(" ", "T")}Z`);
      return { atMs: seconds + Number(`0.${at.slice(20)}`) * 1_000, tokens: Number(context) + 4 * Number(generated) };
    });
}
