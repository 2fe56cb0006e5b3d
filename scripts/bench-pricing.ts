// Prints how long one million facts take to price: `node --conditions=react-server scripts/bench-pricing.ts`.
import { loadBundledCatalogue } from "../lib/pricing/catalogue.ts";
import { priceUsage } from "../lib/pricing/price-usage.ts";
import { usageFact } from "../lib/pricing/testing/usage-fact.ts";
import { addMs, QUARTER_HOUR_MS, toInstant } from "../lib/time/instant.ts";

const FACTS = 1_000_000;
const MODELS = [
  "gpt-4.1",
  "gpt-4.1-mini",
  "gpt-5",
  "gpt-5.4",
  "gpt-5.6-sol",
  "o4-mini",
  "text-embedding-3-small",
  "mystery",
];
const KINDS = ["input", "cached_input", "output"] as const;
const SCOPES = ["Global", "DataZone", "Regional", "unknown"] as const;

const loadStarted = performance.now();
const book = loadBundledCatalogue();
const loadMs = performance.now() - loadStarted;

const start = toInstant("2026-08-23");
const facts = Array.from({ length: FACTS }, (_, index) =>
  usageFact({
    model: MODELS[index % MODELS.length] ?? "",
    tokenKind: KINDS[index % KINDS.length] ?? "input",
    scope: SCOPES[index % SCOPES.length] ?? "Global",
    tokens: BigInt(index),
    quarterHour: addMs(start, (index % 8_640) * QUARTER_HOUR_MS),
  }),
);

const started = performance.now();
let contracted = 0n;
for (const fact of facts) {
  const pricing = priceUsage(fact, book);
  if ("contractedCost" in pricing) contracted += pricing.contractedCost;
}
const ms = performance.now() - started;

process.stdout.write(
  `${JSON.stringify({ facts: FACTS, pricedMs: Math.round(ms), limitMs: 3_000, catalogueMs: Math.round(loadMs), picodollars: `${contracted}` })}\n`,
);
if (ms > 3_000) process.exitCode = 1;
