import { expect, test } from "vitest";
import type { UsageCharge } from "../attribution/charge.ts";
import { batchOf } from "../ledger/ledger.testing.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import { addMs, period, QUARTER_HOUR_MS, toInstant, toIso } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import type { UsageFact } from "../usage/usage-fact.ts";
import { loadBundledCatalogue } from "./catalogue.ts";
import type { PriceBook } from "./price-book.ts";
import { priceUsage } from "./price-usage.ts";
import { keyRepricings } from "./reprice.ts";
import { usageFact } from "./testing/usage-fact.ts";

const FACTS = 100_000;
const WITHIN = period(toInstant("2026-08-25"), toInstant("2026-09-08"));

/** A small seeded generator, so that a failure can be seen again. */
function* random(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // The low bits of this generator repeat soon.
    yield state >>> 8;
  }
}

function bookLess(percent: string): PriceBook {
  const discount = {
    id: percent,
    about: {},
    terms: { kind: "discount", percent },
    validFrom: toInstant("2026-01-01"),
    validTo: null,
    source: "entered",
  } as const;
  return { ...loadBundledCatalogue(), version: `less ${percent}`, negotiated: [discount] };
}

function randomFacts(): UsageFact[] {
  const next = random(20_261_121);
  const pick = <Value>(values: readonly [Value, ...Value[]]): Value =>
    values[next.next().value % values.length] ?? values[0];
  return Array.from({ length: FACTS }, () =>
    usageFact({
      model: pick(["gpt-4.1", "gpt-5", "gpt-5.4", "gpt-5.6-sol", "o4-mini", "mystery"]),
      scope: pick(["Global", "DataZone", "Regional", "unknown"]),
      mode: pick(["standard", "batch", "priority"]),
      contextBand: pick(["short", "long", "unknown"]),
      tokenKind: pick(["input", "cached_input", "output"]),
      tokens: BigInt(next.next().value % 10_000_000),
      quarterHour: addMs(WITHIN.start, (next.next().value % 1_344) * QUARTER_HOUR_MS),
    }),
  );
}

/** List, contracted and upper cost per day and model, added up one by one. */
function addedUp(facts: readonly UsageFact[], book: PriceBook): Map<string, [bigint, bigint, bigint]> {
  const sums = new Map<string, [bigint, bigint, bigint]>();
  for (const fact of facts) {
    const pricing = priceUsage(fact, book);
    const id = `${toIso(fact.quarterHour).slice(0, 10)} ${fact.model}`;
    const sum = sums.get(id) ?? [0n, 0n, 0n];
    if ("contractedCost" in pricing) {
      sum[0] += pricing.listCost;
      sum[1] += pricing.contractedCost;
      sum[2] += pricing.pricing === "range" ? pricing.contractedCostUpper : pricing.contractedCost;
    }
    sums.set(id, sum);
  }
  return sums;
}

async function bySql(ledger: Ledger, zone = UTC): Promise<Map<string, [bigint, bigint, bigint]>> {
  const sees = { kind: "everything" } as const;
  const rows = await ledger.sumCharges({ sees, period: WITHIN, zone, grain: "day", groupBy: ["model"], filter: {} });
  return new Map(
    rows.map(({ bucket, keys, listCost, contractedCost, contractedCostUpper }) => [
      `${bucket} ${keys.model}`,
      [listCost, contractedCost, contractedCostUpper],
    ]),
  );
}

test(`SQL sums equal the pure function to the last picodollar over ${FACTS} random facts, priced once and priced again`, async () => {
  const facts = randomFacts();
  const [before, after] = [bookLess("8.63"), bookLess("7.5")];
  const owner = { team: "t", application: "", rule: "r", confidence: "exact" } as const;
  const charges = facts.map((fact): UsageCharge => ({ kind: "usage", fact, pricing: priceUsage(fact, before), owner }));
  const ledger = await openLedger({ path: ":memory:", zones: [UTC], questions: () => [] });
  try {
    await ledger.replaceBuckets(batchOf(charges));
    const sums = await bySql(ledger);
    expect(sums).toEqual(addedUp(facts, before));
    expect(sums.size).toBe(6 * 14);
    const changes = keyRepricings(await ledger.standingKeys(WITHIN), after);
    await ledger.repriceCharges(changes, WITHIN, "test");
    expect(await bySql(ledger)).toEqual(addedUp(facts, after));
    // Quarter hours, read through a zone that has no daily sums, add up to the same.
    const total = (costs: Map<string, [bigint, bigint, bigint]>) => [...costs.values()].reduce((a, [, b]) => a + b, 0n);
    expect(total(await bySql(ledger, "Etc/UTC" as typeof UTC))).toBe(total(addedUp(facts, after)));
  } finally {
    ledger.close();
  }
});
