import { expect, test } from "vitest";
import type { UsageCharge } from "../attribution/charge.ts";
import { batchOf } from "../ledger/ledger.testing.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import { addMs, period, QUARTER_HOUR_MS, toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { loadBundledCatalogue } from "./catalogue.ts";
import type { PriceBook } from "./price-book.ts";
import { priceUsage } from "./price-usage.ts";
import { usageFact } from "./testing/usage-fact.ts";

const FACTS = 2_000;

/** A small seeded generator, so that a failure can be seen again. */
function* random(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state;
  }
}

test(`SQL sums equal the pure function to the last picodollar over ${FACTS} random facts`, async () => {
  const discount = {
    id: "a",
    about: {},
    terms: { kind: "discount", percent: "8.63" },
    validFrom: toInstant("2026-01-01"),
    validTo: null,
    source: "entered",
  } as const;
  const book: PriceBook = { ...loadBundledCatalogue(), negotiated: [discount] };
  const next = random(20_261_121);
  const pick = <Value>(values: readonly [Value, ...Value[]]): Value =>
    values[next.next().value % values.length] ?? values[0];
  const charges = Array.from({ length: FACTS }, (): UsageCharge => {
    const fact = usageFact({
      model: pick(["gpt-4.1", "gpt-5", "gpt-5.4", "gpt-5.6-sol", "o4-mini", "mystery"]),
      scope: pick(["Global", "DataZone", "Regional", "unknown"]),
      mode: pick(["standard", "batch", "priority"]),
      contextBand: pick(["short", "long", "unknown"]),
      tokenKind: pick(["input", "cached_input", "output"]),
      tokens: BigInt(next.next().value % 10_000_000),
      quarterHour: addMs(toInstant("2026-08-25"), (next.next().value % 1_344) * QUARTER_HOUR_MS),
    });
    return {
      kind: "usage",
      fact,
      pricing: priceUsage(fact, book),
      owner: { team: "t", application: "", rule: "r", confidence: "exact" },
    };
  });
  const ledger = await openLedger({ path: ":memory:", zones: [UTC], questions: () => [] });
  try {
    await ledger.replaceBuckets(batchOf(charges));
    const sums = await ledger.sumCharges({
      sees: { kind: "everything" },
      period: period(toInstant("2026-08-25"), toInstant("2026-09-08")),
      zone: UTC,
      grain: "day",
      groupBy: ["model"],
      filter: {},
    });
    for (const { bucket, keys, listCost, contractedCost, contractedCostUpper } of sums) {
      const mine = charges.filter(
        ({ fact }) => fact.model === keys.model && new Date(fact.quarterHour).toISOString().startsWith(bucket ?? "?"),
      );
      const total = (of: (pricing: UsageCharge["pricing"]) => bigint) =>
        mine.reduce((sum, { pricing }) => sum + of(pricing), 0n);
      expect([listCost, contractedCost, contractedCostUpper]).toEqual([
        total((pricing) => ("listCost" in pricing ? pricing.listCost : 0n)),
        total((pricing) => ("contractedCost" in pricing ? pricing.contractedCost : 0n)),
        total((pricing) =>
          pricing.pricing === "range"
            ? pricing.contractedCostUpper
            : "contractedCost" in pricing
              ? pricing.contractedCost
              : 0n,
        ),
      ]);
    }
    expect(sums.length).toBe(6 * 14);
  } finally {
    ledger.close();
  }
});
