import { MINUTE_MS, QUARTER_MS } from "../calendar.ts";
import { DEPLOYMENT_ERAS, type DeploymentEra, eraEnd, eraStart } from "../deployments.ts";
import type { DemoTenant } from "../tenant.ts";
import { NOTHING_TOLD, ownerOf, type Told } from "./owners.ts";
import { PTU_HOUR_PICODOLLARS } from "./price-table.ts";
import {
  callerTold,
  gatewayTold,
  quarterIn,
  spanTokens,
  spanTold,
  times,
  tokensOf,
  type Witnessed,
} from "./source-tallies.ts";
import { deploymentKey, emptyTally, eraAt, pricedTally, type Tally, type TallyKey, type Tokens } from "./tally.ts";

/**
 * What a product that follows the rules must show for one quarter hour: per deployment the tokens of the first source
 * that has any (usage log, RequestResponse, gateway, spans), what nobody claims split over those whose calls cannot be
 * joined, and what the metric counts beyond that as its own line of nobody.
 */
export function expectedTallies(calls: readonly Witnessed[], quarter: number): [TallyKey, Tally][] {
  const at = quarter * QUARTER_MS;
  return [...slotsOf(calls, quarter)].flatMap(([deployment, slot]) => {
    const drafts = loggedDrafts(slot);
    const parts = [...splitPool(slot, drafts), ...remainder(slot, drafts)];
    return parts.map((draft): [TallyKey, Tally] => {
      const owner = draft.told === "metric" ? "unattributed" : ownerOf(draft.told ?? NOTHING_TOLD, deployment);
      return [deploymentKey("expected", draft.era, owner), pricedTally(draft.era, at, draft.isLong, draft.tokens)];
    });
  });
}

/** The cost of provisioned capacity in a quarter hour up to `until`, used or not; the demo's only one belongs to one team. */
export function capacityTallies(tenant: DemoTenant, quarter: number, until: number): [TallyKey, Tally][] {
  return DEPLOYMENT_ERAS.flatMap((era): [TallyKey, Tally][] => {
    if (era.ptu === null) return [];
    const from = Math.max(quarter * QUARTER_MS, tenant.start, eraStart(era, tenant.createdAt));
    const to = Math.min((quarter + 1) * QUARTER_MS, until, eraEnd(era, tenant.createdAt));
    const minutes = Math.floor((to - from) / MINUTE_MS);
    if (minutes <= 0) return [];
    const cost = Math.round((era.ptu * minutes * PTU_HOUR_PICODOLLARS) / 60);
    const tally = { ...emptyTally(), lower: cost, upper: cost, capacity: cost };
    const owner = ownerOf(NOTHING_TOLD, `${era.account}/${era.deployment}`);
    return [
      [deploymentKey("all", era, owner), tally],
      [deploymentKey("expected", era, owner), tally],
    ];
  });
}

type Slot = {
  readonly usage: Witnessed[];
  readonly response: Witnessed[];
  readonly gateway: Witnessed[];
  readonly spans: Witnessed[];
  readonly metric: Witnessed[];
};

/** `told`: who called; null is nobody, "metric" is what only the metric counts. */
type Draft = {
  readonly era: DeploymentEra;
  readonly isLong: boolean | null;
  readonly tokens: Tokens;
  readonly told: Told | null | "metric";
  /** Calls that the resource log cannot tell apart. */
  readonly alike: string;
};

function slotsOf(calls: readonly Witnessed[], quarter: number): Map<string, Slot> {
  const slots = new Map<string, Slot>();
  for (const seen of calls) {
    if (!seen.isAnswered) continue;
    const era = eraAt(seen.call.era);
    const name = `${era.account}/${era.deployment}`;
    const slot = slots.get(name) ?? { usage: [], response: [], gateway: [], spans: [], metric: [] };
    slots.set(name, slot);
    const isHere = (source: Parameters<typeof quarterIn>[0]) => quarterIn(source, seen.call) === quarter;
    if (seen.hasUsage && isHere("usage_log")) slot.usage.push(seen);
    if (!seen.hasUsage && seen.hasResponse && seen.call.responseHasTokens && isHere("request_response"))
      slot.response.push(seen);
    if (seen.hasGateway && isHere("gateway")) slot.gateway.push(seen);
    if (seen.hasSpan && isHere("span")) slot.spans.push(seen);
    if (seen.hasMetric && isHere("metric")) slot.metric.push(seen);
  }
  return slots;
}

function loggedDrafts(slot: Slot): Draft[] {
  if (slot.usage.length > 0) return slot.usage.map((seen) => draftOf(seen, tokensOf(seen, "split"), whoCalled(seen)));
  if (slot.response.length > 0) {
    return slot.response.map((seen) => draftOf(seen, tokensOf(seen, "unsplit"), whoCalled(seen)));
  }
  if (slot.gateway.length > 0) {
    return slot.gateway.map((seen) => ({
      ...draftOf(seen, tokensOf(seen, "unsplit"), gatewayTold(seen)),
      isLong: null,
    }));
  }
  return slot.spans.map((seen) => {
    const tokens = times(spanTokens(seen), seen.workload.application?.itemCount ?? 1);
    return { ...draftOf(seen, tokens, spanTold(seen)), isLong: null };
  });
}

function draftOf(seen: Witnessed, tokens: Tokens, told: Told | null): Draft {
  const { operation, apiVersion, isStream } = seen.workload;
  const alike = `${seen.call.era}|${seen.isLong}|${operation}|${seen.hasResponse ? apiVersion : ""}|${isStream}`;
  return { era: eraAt(seen.call.era), isLong: seen.isLong, tokens, told, alike };
}

/** Who made a call of the resource log: its gateway call where the header joins them, else its Entra caller, else nobody. */
function whoCalled(seen: Witnessed): Told | null {
  const { path } = seen.workload;
  if (path.via === "gateway") return path.api === "openai-v2" && seen.hasGateway ? gatewayTold(seen) : null;
  return path.via === "entra" && seen.hasResponse ? callerTold(seen) : null;
}

/** Splits what nobody claims over those who called through what cannot be joined, by the tokens that were counted there. */
function splitPool(slot: Slot, drafts: readonly Draft[]): Draft[] {
  const isLog = slot.usage.length > 0 || slot.response.length > 0;
  const weights = isLog ? weightsOf(slot) : [];
  const pool = drafts.filter((draft) => draft.told === null);
  if (weights.length === 0 || pool.length === 0) return [...drafts];
  const claimed = drafts.filter((draft) => draft.told !== null);
  const split = [...Map.groupBy(pool, (draft) => draft.alike).values()].flatMap((alike) => {
    const total = sumOf(alike);
    const shares = weights.map(({ told }) => ({
      ...alike[0],
      told,
      tokens: { input: 0, cached: 0, unsplit: 0, output: 0 },
    }));
    for (const kind of ["input", "cached", "unsplit", "output"] as const) {
      largestRemainders(
        total[kind],
        weights.map((weight) => weight.tokens),
      ).forEach((part, index) => {
        const share = shares[index];
        if (share !== undefined) share.tokens[kind] = part;
      });
    }
    return shares as Draft[];
  });
  return [...claimed, ...split];
}

type Weight = { readonly told: Told; readonly tokens: number };

/** In order of the name, which decides between equal remainders. */
function weightsOf(slot: Slot): Weight[] {
  const gateway = slot.gateway.filter(
    ({ workload }) => workload.path.via === "gateway" && workload.path.api !== "openai-v2",
  );
  const spans = slot.spans.filter((seen) => !seen.hasGateway);
  const weights = new Map<string, { told: Told; tokens: number }>();
  for (const seen of gateway.length > 0 ? gateway : spans) {
    const told = gateway.length > 0 ? gatewayTold(seen) : spanTold(seen);
    const name = `${told.subscription}|${told.application}`;
    const weight = weights.get(name) ?? { told, tokens: 0 };
    const counted = seen.call.promptTokens + seen.call.outputTokens;
    weight.tokens += gateway.length > 0 ? counted : counted * (seen.workload.application?.itemCount ?? 1);
    weights.set(name, weight);
  }
  return [...weights].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, weight]) => weight);
}

/** Whole parts in proportion to the weights that sum to the total; what is left goes to the largest remainders. */
export function largestRemainders(total: number, weights: readonly number[]): number[] {
  const all = BigInt(weights.reduce((sum, weight) => sum + weight, 0));
  if (all === 0n) return weights.map(() => 0);
  const shares = weights.map((weight, index) => {
    const product = BigInt(total) * BigInt(weight);
    return { index, part: product / all, rest: product % all };
  });
  let left = BigInt(total) - shares.reduce((sum, { part }) => sum + part, 0n);
  for (const share of [...shares].sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1))) {
    if (left === 0n) break;
    share.part += 1n;
    left -= 1n;
  }
  return shares.map(({ part }) => Number(part));
}

/** What the metric counts beyond the logs, at the price of the model that most of the logged calls name. */
function remainder(slot: Slot, drafts: readonly Draft[]): Draft[] {
  const logged = sumOf(drafts);
  const prompt = slot.metric.reduce((sum, { call }) => sum + call.promptTokens, 0);
  const output = slot.metric.reduce((sum, { call }) => sum + call.outputTokens, 0);
  const unsplit = Math.max(0, prompt - logged.input - logged.cached - logged.unsplit);
  const beyond = Math.max(0, output - logged.output);
  const era = mainEra(
    drafts.length > 0 ? drafts.map((draft) => draft.era) : slot.metric.map(({ call }) => eraAt(call.era)),
  );
  if (era === undefined || unsplit + beyond === 0) return [];
  return [{ era, isLong: null, tokens: { input: 0, cached: 0, unsplit, output: beyond }, told: "metric", alike: "" }];
}

function mainEra(eras: readonly DeploymentEra[]): DeploymentEra | undefined {
  const counts = new Map<DeploymentEra, number>();
  for (const era of eras) counts.set(era, (counts.get(era) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function sumOf(drafts: readonly Draft[]): Tokens {
  return drafts.reduce(
    (sum, { tokens }) => ({
      input: sum.input + tokens.input,
      cached: sum.cached + tokens.cached,
      unsplit: sum.unsplit + tokens.unsplit,
      output: sum.output + tokens.output,
    }),
    { input: 0, cached: 0, unsplit: 0, output: 0 },
  );
}
