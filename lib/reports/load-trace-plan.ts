import type { Principal } from "../auth/principal.ts";
import { formatCount } from "../format/format-count.ts";
import { readRegion } from "../pricing/model-name.ts";
import { readTrace } from "../pricing/provisioned/read-trace.ts";
import { throughputOf } from "../pricing/provisioned/throughput.ts";
import { resolveTokenPrice } from "../pricing/resolve-price.ts";
import { getRuntime, type Runtime } from "../runtime.ts";
import { SCOPES, type TokenKind } from "../usage/price-key.ts";
import { UNPRICED_WORDS } from "./price-text.ts";
import { answerProvisioned, type ProvisionedAnswer } from "./provisioned-answer.ts";

/** A trace as somebody imports it, and where its traffic would run. */
export type TraceQuestion = {
  readonly name: string;
  readonly text: string;
  readonly model: string;
  readonly scope: string;
  readonly region: string;
};

export type TracePlan =
  | { readonly kind: "answered"; readonly answer: ProvisionedAnswer; readonly notes: readonly string[] }
  | { readonly kind: "unanswered"; readonly reason: string };

/**
 * Provisioned or pay-as-you-go for an imported trace, every request at its own instant. The trace is read and forgotten.
 * A trace has no cached share, so nothing counts as cached.
 */
export async function loadTracePlan(
  _principal: Principal,
  question: TraceQuestion,
  given?: Pick<Runtime, "priceBook" | "now">,
): Promise<TracePlan> {
  const { priceBook, now } = given ?? (await getRuntime());
  const scope = SCOPES.find((one) => one === question.scope) ?? "Global";
  const model = question.model.trim().toLowerCase();
  const throughput = throughputOf(model, scope);
  if (!throughput)
    return { kind: "unanswered", reason: `No throughput per unit is documented for ${model || "no model"}.` };
  const book = await priceBook();
  const region = readRegion(question.region);
  const priceOf = (tokenKind: TokenKind) =>
    resolveTokenPrice(
      { model, version: "", scope, region, mode: "standard", contextBand: "short", tokenKind, modality: "text" },
      now(),
      book,
    );
  const [input, output] = [priceOf("input"), priceOf("output")];
  for (const answer of [input, output]) {
    if (answer.kind === "none")
      return { kind: "unanswered", reason: `Its pay-as-you-go price is unknown: ${UNPRICED_WORDS[answer.reason]}.` };
  }
  if (input.kind === "none" || output.kind === "none") return { kind: "unanswered", reason: "It has no price." };
  const lower = (answer: Exclude<typeof input, { kind: "none" }>) =>
    (answer.kind === "one" ? answer.line : answer.lower).contractedUnitPrice;
  try {
    const requests = readTrace(question.text, question.name);
    const hours = Math.max(1, Math.ceil(((requests.at(-1)?.atMs ?? 0) - (requests[0]?.atMs ?? 0)) / 3_600_000));
    return {
      kind: "answered",
      notes: [
        `${formatCount(requests.length)} requests over ${formatCount(hours)} ${hours === 1 ? "hour" : "hours"}, brought to a month of 730 hours.`,
        "A trace does not tell cached tokens, so none count as cached; prompts are priced in the short context band.",
        ...([input, output].some(({ kind }) => kind === "range")
          ? ["Several prices may hold for this model: pay-as-you-go is at the lower one."]
          : []),
      ],
      answer: answerProvisioned({
        minutes: requests.map(({ atMs, input: prompt, output: generated }) => ({
          atMs,
          prompt,
          generated,
          requests: 1n,
        })),
        cachedShares: [{ perMille: 0n, name: "nothing cached" }],
        throughput,
        prices: { input: lower(input), cached: lower(input), output: lower(output) },
        scope,
        region,
        now: now(),
        deployedTenths: 0n,
        reservedPtu: 0n,
        book,
      }),
    };
  } catch (error) {
    if (error instanceof RangeError) return { kind: "unanswered", reason: error.message };
    throw error;
  }
}
