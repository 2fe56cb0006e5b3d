import { expect, test } from "vitest";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { throughputOf } from "../pricing/provisioned/throughput.ts";
import { MINUTE_MS, toInstant } from "../time/instant.ts";
import { answerProvisioned } from "./provisioned-answer.ts";

const NOW = toInstant("2026-11-21T12:00:00Z");

/** An hour of gpt-4.1 at 30,000 prompt tokens a minute with one minute of `peak`: a high peak makes the tried sizes coarse. */
function answer(peak: bigint, deployedTenths: bigint) {
  const throughput = throughputOf("gpt-4.1", "Global");
  if (!throughput) throw new Error("The throughput of gpt-4.1 is documented.");
  const minutes = Array.from({ length: 60 }, (_, minute) => ({
    atMs: NOW - (60 - minute) * MINUTE_MS,
    prompt: minute === 30 ? peak : 30_000n,
    generated: 0n,
    requests: 4n,
  }));
  const price = (perMillion: bigint) => ({ numerator: perMillion, denominator: 1n });
  return answerProvisioned({
    minutes,
    cachedShares: [{ perMille: 0n, name: "nothing cached" }],
    throughput,
    prices: { input: price(2_000_000n), cached: price(500_000n), output: price(8_000_000n) },
    scope: "Global",
    region: "eastus2",
    now: NOW,
    deployedTenths,
    reservedPtu: 0n,
    book: loadBundledCatalogue(),
  });
}

const sizes = (of: ReturnType<typeof answer>) =>
  of.rows.slice(0, 4).map(({ cells }) => `${cells.ptu?.exact} ${cells.ptu?.note ?? ""}`.trim());
const today = (of: ReturnType<typeof answer>) => of.reasons.find((reason) => reason.startsWith("Today"));

// 900,000 tokens in a minute are 300 PTU: (300 - 15) / 5 = 57 steps, over 24 sizes three at a time.
test.each<[string, bigint, bigint, string[], RegExp | undefined]>([
  [
    "between two of the tried sizes",
    900_000n,
    200n,
    ["0 cheapest", "15", "20 today", "30"],
    /^Today 20 PTU are deployed: /,
  ],
  ["one of them", 900_000n, 300n, ["0 cheapest", "15", "30 today", "45"], /^Today 30 PTU are deployed/],
  ["among fine steps", 40_000n, 200n, ["0 cheapest", "15", "20 today", "25"], /^Today 20 PTU are deployed/],
  ["the mean of a change", 900_000n, 175n, ["0 cheapest", "15 today", "30", "45"], /^Today about 15 PTU are deployed/],
  ["nothing", 900_000n, 0n, ["0 today, cheapest", "15", "30", "45"], undefined],
])("what is deployed is tried as it is: %s", (_name, peak, tenths, tried, said) => {
  const given = answer(peak, tenths);
  expect(sizes(given)).toEqual(tried);
  if (said) expect(today(given)).toMatch(said);
  else expect(today(given)).toBeUndefined();
});
