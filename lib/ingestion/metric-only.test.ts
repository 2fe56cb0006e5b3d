import { describe, expect, test } from "vitest";
import { sum, toDecimal } from "../money/money.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { ALPHA, TEN, usageContext, usageRow } from "../usage/usage.testing.ts";
import type { DeploymentName } from "../usage/usage-fact.ts";
import { usageFacts, type WindowRows } from "../usage/usage-facts.ts";
import { usageCharges } from "./usage-charges.ts";

const book = loadBundledCatalogue();
const CALLS = { prompt: 1_000_000n, output: 100_000n };
const METRIC = { ...CALLS, quarterHour: TEN, account: ALPHA, deployment: "chat" as DeploymentName };
const USAGE_ROW = usageRow({ ...CALLS, cached: 600_000n });
const SCALARS = usageRow({ ...CALLS, source: "request_response", unsplit: 1_000_000n });

/** What a million tokens of prompt and 100,000 of output cost, and how sure of them the product is. */
function chargesOf(usage: WindowRows["usage"], metricTokens: WindowRows["metricTokens"]) {
  const context = usageContext();
  const facts = usageFacts({ usage, requests: [], gateway: null, spans: null, metricTokens }, context);
  const charges = usageCharges(facts, { rules: [], book, inventory: context.inventory });
  const total = sum(charges.map(({ pricing }) => ("contractedCost" in pricing ? pricing.contractedCost : 0n) as never));
  return [toDecimal(total), ...new Set(charges.map(({ fact }) => fact.confidence))];
}

describe("a hole in the telemetry is no saving", () => {
  // gpt-4.1 Global: $2.00 a million tokens of prompt, $0.50 cached, $8.00 of output.
  test.each([
    ["400,000 × $2 + 600,000 × $0.50 + 100,000 × $8", [USAGE_ROW], [METRIC], ["1.9", "exact"]],
    ["the same without metrics", [USAGE_ROW], null, ["1.9", "exact"]],
    ["without usage rows: 1,000,000 × $2 + 100,000 × $8", [SCALARS], [METRIC], ["2.8", "exact"]],
    ["without usage rows and scalars, from the metric alone", [], [METRIC], ["2.8", "metric_only"]],
    [
      "half of the rows lost: 400,000 × $2 + 100,000 × $0.50 + 500,000 × $2 + 100,000 × $8",
      [usageRow({ prompt: 500_000n, cached: 100_000n, output: 50_000n })],
      [METRIC],
      ["2.65", "exact", "metric_only"],
    ],
  ])("%s", (_name, usage, metric, expected) => expect(chargesOf(usage, metric)).toEqual(expected));
});
