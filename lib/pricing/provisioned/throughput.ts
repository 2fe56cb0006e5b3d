import { z } from "zod";
import amendments from "../amendments.json" with { type: "json" };

/**
 * Documented throughput of a model on provisioned capacity: input tokens per minute and PTU, what one output token weighs, and
 * the sizes that can be bought (pricing reference, section 5).
 */
export type Throughput = {
  readonly model: string;
  readonly inputTokensPerMinute: bigint;
  readonly outputWeight: bigint;
  readonly minimum: bigint;
  readonly step: bigint;
  readonly source: string;
};

const count = z.number().int().positive().transform(BigInt);

const rowSchema = z.object({
  model: z.string(),
  inputTokensPerMinute: count,
  outputWeight: count,
  minimum: count,
  step: count,
  regionalMinimum: count,
  regionalStep: count,
  source: z.string(),
});

const ROWS = new Map(
  z
    .array(rowSchema)
    .parse(amendments.throughput)
    .map((row) => [row.model, row]),
);

/** The models whose throughput is documented. */
export const PLANNABLE_MODELS: readonly string[] = [...ROWS.keys()].toSorted();

/** The throughput of a model at a scope, or undefined for a model that is not documented on provisioned capacity. */
export function throughputOf(model: string, scope: "Global" | "DataZone" | "Regional"): Throughput | undefined {
  const row = ROWS.get(model.toLowerCase());
  if (!row) return undefined;
  const { inputTokensPerMinute, outputWeight, source } = row;
  const isRegional = scope === "Regional";
  return {
    model,
    inputTokensPerMinute,
    outputWeight,
    minimum: isRegional ? row.regionalMinimum : row.minimum,
    step: isRegional ? row.regionalStep : row.step,
    source,
  };
}

/** The smallest size that can be bought and carries `tokensPerMinute` equivalent tokens a minute. */
export function sizeFor(tokensPerMinute: bigint, throughput: Throughput): bigint {
  return sizeForRatio(tokensPerMinute, 1n, throughput);
}

/** What a planner asks: requests per minute of one shape, and which part of the prompt is cached, in hundredths of a percent. */
export type PlannedLoad = {
  readonly requestsPerMinute: bigint;
  readonly promptTokens: bigint;
  readonly outputTokens: bigint;
  readonly cachedBasisPoints: bigint;
};

/** The raw need in PTU, as an exact ratio, and the size to buy. */
export type PlannedSize = {
  readonly raw: { readonly numerator: bigint; readonly denominator: bigint };
  readonly ptu: bigint;
};

/** Sizes a planned load: `normalizedTpm / inputTpmPerPtu`, raised to the minimum and the step. */
export function planSize(load: PlannedLoad, throughput: Throughput): PlannedSize {
  const input = load.requestsPerMinute * load.promptTokens * (10_000n - load.cachedBasisPoints);
  const output = load.requestsPerMinute * load.outputTokens * throughput.outputWeight * 10_000n;
  return {
    raw: { numerator: input + output, denominator: 10_000n * throughput.inputTokensPerMinute },
    ptu: sizeForRatio(input + output, 10_000n, throughput),
  };
}

function sizeForRatio(tokens: bigint, per: bigint, { inputTokensPerMinute, minimum, step }: Throughput): bigint {
  const perStep = inputTokensPerMinute * step * per;
  const rounded = ((tokens + perStep - 1n) / perStep) * step;
  if (rounded < minimum) return minimum;
  return rounded;
}
