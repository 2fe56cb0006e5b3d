import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { toDecimal } from "../money/money.ts";
import { priceDecimal } from "../money/unit-price.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { priceRequest, type RequestToPrice } from "../pricing/price-request.ts";
import type { PricedRequest } from "../pricing/provisioned/cost-curve.ts";
import { type CapacityPlan, type DepthAnswer, planCapacity } from "../pricing/provisioned/plan-capacity.ts";
import { readTrace } from "../pricing/provisioned/read-trace.ts";
import { type Throughput, throughputOf } from "../pricing/provisioned/throughput.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import { SCOPES } from "../usage/price-key.ts";
import { type CommandIo, type ExitCode, UsageError } from "./command.ts";

/** What `prices plan` is asked for. */
export type PlanOptions = {
  readonly trace?: string | undefined;
  readonly model?: string | undefined;
  readonly version?: string | undefined;
  readonly scope?: string | undefined;
  readonly region?: string | undefined;
  readonly date?: string | undefined;
  readonly reserved?: string | undefined;
};

/** Provisioned or pay-as-you-go for a request trace: prints sizes, the cost curve and what it would take, per bucket depth. */
export async function planTrace(options: PlanOptions, io: CommandIo, book: PriceBook): Promise<ExitCode> {
  const { trace, model } = options;
  if (!trace || !model) throw new UsageError("Say --trace FILE and --model NAME.");
  const scope = SCOPES.find((name) => name.toLowerCase() === (options.scope ?? "Global").toLowerCase());
  if (!scope) throw new UsageError(`The scope "${options.scope}" is none of ${SCOPES.join(", ")}.`);
  const throughput = throughputOf(model, scope);
  if (!throughput) {
    io.err(`No throughput of ${model} on provisioned capacity is documented, so it cannot be planned.\n`);
    return 1;
  }
  const at = toInstant(options.date ?? new Date());
  const place = { model, version: options.version ?? "", scope, region: options.region ?? "", at } as const;
  const requests = await pricedTrace(isAbsolute(trace) ? trace : join(io.cwd, trace), throughput, place, book);
  if (options.reserved !== undefined && !/^\d+$/.test(options.reserved)) {
    throw new UsageError(`--reserved ${options.reserved} is not a number of PTU.`);
  }
  const reservedPtu = BigInt(options.reserved ?? "0");
  const plan = planCapacity({ requests, throughput, scope, region: place.region, at, reservedPtu }, book);
  await io.out(`${JSON.stringify(planDocument(plan, requests.length), null, 2)}\n`);
  return 0;
}

async function pricedTrace(
  path: string,
  throughput: Throughput,
  place: Pick<RequestToPrice, "model" | "version" | "scope" | "region"> & { readonly at: Instant },
  book: PriceBook,
): Promise<PricedRequest[]> {
  return readTrace(await readFile(path, "utf8"), path).map(({ atMs, input, output }) => ({
    atMs,
    tokens: Number(input + throughput.outputWeight * output),
    payAsYouGo: costOfRequest(input, output, place, book),
  }));
}

function costOfRequest(
  promptTokens: bigint,
  completionTokens: bigint,
  place: Pick<RequestToPrice, "model" | "version" | "scope" | "region" | "at">,
  book: PriceBook,
) {
  const usage = {
    promptTokens,
    cachedTokens: 0n,
    cacheWriteTokens: 0n,
    completionTokens,
    audioPromptTokens: undefined,
    imagePromptTokens: undefined,
    audioCachedTokens: undefined,
    imageCachedTokens: undefined,
    audioCompletionTokens: undefined,
    imageCompletionTokens: undefined,
  };
  const cost = priceRequest({ ...place, mode: "standard", isRouted: false, usage }, book);
  if (cost.status === "priced") return cost.cost;
  throw new RangeError(`${place.model} has no one price at pay-as-you-go to compare with: ${cost.reason}.`);
}

function planDocument(plan: CapacityPlan, requests: number): Readonly<Record<string, unknown>> {
  const text = (size: bigint | null) => (size === null ? null : Number(size));
  return {
    requests,
    hours: Number(plan.hours),
    payAsYouGo: toDecimal(plan.payAsYouGo),
    equivalentTokensPerMinute: {
      mean: Math.round(plan.perMinute.mean),
      p95: plan.perMinute.p95,
      p99: plan.perMinute.p99,
    },
    ptu: { mean: text(plan.sizes.mean), p95: text(plan.sizes.p95), p99: text(plan.sizes.p99) },
    ptuHour: Object.fromEntries(plan.terms.map(({ name, ptuHour }) => [name, priceDecimal(ptuHour, 1n)])),
    bucketDepths: plan.depths.map((depth) => depthDocument(depth, text)),
  };
}

function depthDocument(
  depth: DepthAnswer,
  text: (size: bigint | null) => number | null,
): Readonly<Record<string, unknown>> {
  const best = depth.cheapest;
  return {
    bucketSeconds: depth.bucketSeconds,
    atMostOnePercentRefused: text(depth.onePercent),
    noneRefused: text(depth.none),
    cheapest: best && {
      ptu: text(best.ptu),
      term: best.ptu === 0n ? "pay-as-you-go" : best.term,
      cost: toDecimal(best.cost),
    },
    curve: depth.curve.map((point) => ({
      ptu: text(point.ptu),
      refusedPercent: Math.round(point.refusedShare * 1_000) / 10,
      utilisationPercent: Math.round(point.utilisation * 1_000) / 10,
      spilled: toDecimal(point.spilledCost),
      hourly: point.costs.hourly === undefined ? null : toDecimal(point.costs.hourly),
      month: point.costs.month === undefined ? null : toDecimal(point.costs.month),
      year: point.costs.year === undefined ? null : toDecimal(point.costs.year),
    })),
  };
}
