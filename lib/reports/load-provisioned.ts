import type { Principal } from "../auth/principal.ts";
import { formatCount, formatRatio } from "../format/format-count.ts";
import { formatDay, formatPeriod } from "../format/format-time.ts";
import type { ChargeSum } from "../ledger/charge-query.ts";
import type { MetricSum, SeenDeployment } from "../ledger/ledger.ts";
import { divideRounded, sum } from "../money/money.ts";
import type { UnitPrice } from "../money/unit-price.ts";
import { readRegion } from "../pricing/model-name.ts";
import { type FreeReserved, freeReserved } from "../pricing/provisioned/free-reserved.ts";
import { PLANNABLE_MODELS, throughputOf } from "../pricing/provisioned/throughput.ts";
import { resolveTokenPrice } from "../pricing/resolve-price.ts";
import { getRuntime, type Runtime } from "../runtime.ts";
import { addMs, HOUR_MS, MINUTE_MS, minuteOf } from "../time/instant.ts";
import { dayOf, UTC } from "../time/zone.ts";
import type { ReportParams } from "../url/report-params.ts";
import { SCOPES, type TokenKind } from "../usage/price-key.ts";
import { markOf } from "./cost-mark.ts";
import type { PriceSources } from "./load-prices.ts";
import { loadPageContext, type PageContext } from "./page-context.ts";
import { UNPRICED_WORDS } from "./price-text.ts";
import { answerProvisioned, type CachedShare, type MinuteLoad, type ProvisionedAnswer } from "./provisioned-answer.ts";

/** How many days can be replayed: the ledger keeps minutes for 35. */
export const REPLAY_DAYS = [7, 14, 30] as const;

/** What the plan reads from besides the ledger. */
export type ProvisionedSources = PriceSources & Pick<Runtime, "reservations">;

export type ProvisionedReport = {
  readonly context: PageContext;
  readonly days: number;
  readonly period: string;
  readonly deployment: string | null;
  readonly deployments: readonly { readonly key: string; readonly name: string }[];
  /** Models that can be planned at all. */
  readonly plannable: readonly string[];
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** Where a price or a share is not known for sure. */
  readonly notes: readonly string[];
  readonly result:
    | { readonly kind: "answered"; readonly answer: ProvisionedAnswer }
    | { readonly kind: "unanswered"; readonly reason: string; readonly next: string };
};

/** Whether the traffic of one deployment would cost less on provisioned capacity, from its real minutes. */
export async function loadProvisioned(
  principal: Principal,
  params: ReportParams,
  days: number,
  given?: ProvisionedSources,
): Promise<ProvisionedReport> {
  const sources = given ?? (await getRuntime());
  const context = await loadPageContext(principal, params, sources);
  const { sees } = principal;
  const end = minuteOf(context.now);
  const period = { start: addMs(end, -days * 24 * HOUR_MS), end };
  const seen = await sources.ledger.listDeployments({ sees, period });
  const offered = seen.toSorted(
    (a, b) => Number(b.isProvisioned) - Number(a.isProvisioned) || a.key.localeCompare(b.key),
  );
  const asked = params.filter.deployment?.include?.[0];
  const known = asked === undefined ? offered[0] : offered.find(({ key }) => key === asked);
  const shared = {
    context,
    days,
    period: formatPeriod(period, UTC),
    deployment: asked ?? known?.key ?? null,
    deployments: offered.map(({ key, model, isProvisioned }) => ({
      key,
      name: `${key} (${model || "unknown model"}${isProvisioned ? ", provisioned" : ""})`,
    })),
    plannable: PLANNABLE_MODELS,
    facts: known ? factsOf(known) : [],
  };
  const unanswered = (reason: string, next: string): ProvisionedReport => ({
    ...shared,
    notes: [],
    result: { kind: "unanswered", reason, next },
  });
  if (!known)
    return unanswered(
      asked === undefined ? "No deployment was seen in these days." : `Nothing was seen of ${asked} in these days.`,
      "Choose more days or another deployment; Data shows how far each source has been read.",
    );
  const scope = SCOPES.find((one) => one === known.scope);
  if (!scope)
    return unanswered(
      "Its deployment scope is not told, and every price depends on it.",
      "The inventory tells it: see Data.",
    );
  const throughput = throughputOf(known.model, scope);
  if (!throughput)
    return unanswered(
      `No throughput per unit is documented for ${known.model || "its model"}.`,
      "Only models that Azure offers on provisioned capacity can be planned.",
    );
  const book = await sources.priceBook();
  const priceOf = (tokenKind: TokenKind) =>
    resolveTokenPrice(
      {
        model: known.model,
        version: known.version,
        scope,
        region: known.region,
        mode: "standard",
        contextBand: "any",
        tokenKind,
        modality: "text",
      },
      context.now,
      book,
    );
  const answers = { input: priceOf("input"), cached: priceOf("cached_input"), output: priceOf("output") };
  const lower = (answer: (typeof answers)["input"]): UnitPrice | undefined =>
    answer.kind === "none" ? undefined : (answer.kind === "one" ? answer.line : answer.lower).contractedUnitPrice;
  const [input, output] = [lower(answers.input), lower(answers.output)];
  if (!input || !output)
    return unanswered(
      `Its pay-as-you-go price is unknown: ${answers.input.kind === "none" ? UNPRICED_WORDS[answers.input.reason] : "output has none"}.`,
      "A negotiated price on the Prices page closes the gap.",
    );
  const [metrics, charges, capacities, reservations] = await Promise.all([
    sources.ledger.sumMetrics({
      sees,
      period,
      zone: UTC,
      grain: "minute",
      series: ["promptTokens", "generatedTokens", "requests"],
      groupBy: [],
      filter: { deployment: [known.key] },
    }),
    sources.ledger.sumCharges({
      sees,
      period,
      zone: UTC,
      grain: "total",
      groupBy: ["tokenKind"],
      filter: { deployment: { include: [known.key] } },
    }),
    sources.ledger.sumCharges({
      sees,
      period,
      zone: UTC,
      grain: "total",
      groupBy: ["deployment"],
      filter: {
        part: { include: ["used", "idle"] },
        scope: { include: [scope] },
        deployment: { exclude: [known.key] },
      },
    }),
    sources.reservations(),
  ]);
  const minutes = minuteLoads(metrics);
  if (minutes.length === 0)
    return unanswered(
      "The platform metrics have no minute of it.",
      "They need AZURE_OPENAI_RESOURCE_IDS and the role Monitoring Reader, and an administrator who asks.",
    );
  const cached = charges.reduce((total, row) => total + row.cachedInputTokens, 0n);
  const fresh = charges.reduce((total, row) => total + row.inputTokens, 0n);
  const lasted = BigInt((period.end - period.start) / MINUTE_MS);
  const unitsOf = (rows: readonly ChargeSum[]) =>
    rows.reduce((total, row) => total + row.capacityUnitMinutes, 0n) / (lasted === 0n ? 1n : lasted);
  const capacity = charges.reduce((total, row) => total + row.capacityUnitMinutes, 0n);
  const reserved = freeReserved(
    { scope, region: readRegion(known.region), account: known.account },
    reservations,
    unitsOf(capacities),
    context.now,
  );
  const charged = {
    input: chargedPrice(charges, "input"),
    cached: chargedPrice(charges, "cached_input"),
    output: chargedPrice(charges, "output"),
  };
  const isBandOpen = [charged.input ? undefined : answers.input, charged.output ? undefined : answers.output].some(
    (answer) => answer?.kind === "range",
  );
  return {
    ...shared,
    notes: [
      ...(cached === 0n
        ? ["The metrics do not tell which part of the prompts was cached: the answer covers none to all."]
        : []),
      ...(isBandOpen ? ["The context band of these tokens is not told: pay-as-you-go is at its lower price."] : []),
      reservedNote(reserved, scope),
    ],
    result: {
      kind: "answered",
      answer: answerProvisioned({
        minutes,
        cachedShares: sharesOf(cached, fresh),
        throughput,
        prices: {
          input: charged.input ?? input,
          cached: charged.cached ?? lower(answers.cached) ?? input,
          output: charged.output ?? output,
        },
        scope,
        region: known.region,
        now: context.now,
        // The newest quarter hour may be charged in part, or beyond the last minute.
        deployedTenths: lasted === 0n ? 0n : divideRounded(capacity * 10n, lasted),
        reservedPtu: reserved.free,
        book,
      }),
    },
  };
}

/**
 * What a token of a kind was charged on average, context bands and agreements as they were: undefined where any of it has no
 * price of its own (provisioned, a range, unpriced), because then the price book answers better.
 */
function chargedPrice(charges: readonly ChargeSum[], tokenKind: TokenKind): UnitPrice | undefined {
  const rows = charges.filter(({ keys }) => keys.tokenKind === tokenKind);
  const tokens = rows.reduce((total, row) => total + row.inputTokens + row.cachedInputTokens + row.outputTokens, 0n);
  const cost = sum(rows.map(({ contractedCost }) => contractedCost));
  const isOpen = markOf(rows) !== undefined;
  return tokens === 0n || cost === 0n || isOpen ? undefined : { numerator: cost, denominator: tokens };
}

function reservedNote({ bought, elsewhere, free, until }: FreeReserved, scope: string): string {
  if (bought === 0n || until === null) return "No reservation is known here that is paid already.";
  const day = formatDay(dayOf(until, UTC), { withYear: true });
  const others = elsewhere > 0n ? `, of which other deployments stand on ${formatCount(elsewhere)}` : "";
  return `${formatCount(bought)} PTU (${scope}) are reserved, the first until ${day}${others}: ${formatCount(free)} are paid already and cost nothing more.`;
}

/** Nothing cached is the dear end; the other end is what the charges tell, or everything while they tell nothing. */
function sharesOf(cached: bigint, fresh: bigint): readonly CachedShare[] {
  const none = { perMille: 0n, name: "nothing cached" };
  if (cached === 0n) return [none, { perMille: 1_000n, name: "every prompt cached" }];
  const perMille = (cached * 1_000n) / (cached + fresh);
  return [{ perMille, name: `${formatRatio(Number(perMille) / 1_000)} of the prompts cached, as charged` }, none];
}

/** The minutes that have tokens, in order. */
function minuteLoads(metrics: readonly MetricSum[]): MinuteLoad[] {
  const byMinute = Map.groupBy(metrics, ({ bucket }) => bucket ?? "");
  return [...byMinute]
    .map(([bucket, rows]): MinuteLoad => {
      const total = (series: MetricSum["series"]) =>
        BigInt(Math.round(rows.filter((row) => row.series === series).reduce((sum, row) => sum + (row.total ?? 0), 0)));
      return {
        atMs: Date.parse(bucket),
        prompt: total("promptTokens"),
        generated: total("generatedTokens"),
        requests: total("requests"),
      };
    })
    .filter(({ prompt, generated }) => prompt + generated > 0n)
    .toSorted((a, b) => a.atMs - b.atMs);
}

function factsOf(known: SeenDeployment): ProvisionedReport["facts"] {
  return [
    { name: "Model", value: `${known.model || "unknown"}${known.version ? ` ${known.version}` : ""}` },
    { name: "Scope", value: known.scope },
    { name: "Region", value: known.region || "unknown" },
    { name: "Today", value: known.isProvisioned ? "provisioned" : "pay-as-you-go" },
  ];
}
