import { HOUR_MS, MINUTE_MS, QUARTER_MS } from "../calendar.ts";
import { generateHistoryHour, type HistoryPart } from "../history/generate-hour.ts";
import { HISTORY_ERAS, type HistoryEra, workloadStart } from "../history/history-eras.ts";
import { type DemoTenant, historyStartOf } from "../tenant.ts";
import { WORKLOADS, type Workload } from "../workloads.ts";
import { largestRemainders } from "./expected-tallies.ts";
import { NOTHING_TOLD, ownerOf, type Told } from "./owners.ts";
import { PTU_HOUR_PICODOLLARS } from "./price-table.ts";
import { accountKey, deploymentKey, emptyTally, pricedTally, type Tally, type TallyKey, type Tokens } from "./tally.ts";

/**
 * The truth about a quarter hour of the history, from the parts that were generated: what each source tells, and what a product must
 * show that reads the summary. Metrics are forgotten after 93 days, so nobody knows what the logs missed.
 */
export function historyTallies(tenant: DemoTenant, quarter: number): [TallyKey, Tally][] {
  const parts = generateHistoryHour(tenant, Math.floor((quarter * QUARTER_MS) / HOUR_MS)).filter(
    (part) => part.quarter === quarter,
  );
  return [...parts.flatMap(sourceTallies), ...expected(parts, quarter), ...capacity(tenant, quarter)];
}

function sourceTallies(part: HistoryPart): [TallyKey, Tally][] {
  const era = eraOf(part);
  const workload = workloadOf(part);
  const at = part.quarter * QUARTER_MS;
  const name = `${era.account}/${era.deployment}`;
  const tally = (requests: number, tokens: Tokens): Tally => ({
    ...pricedTally(era, at, part.isLong, tokens),
    requests,
  });
  const failed = { ...emptyTally(), requests: part.failed };
  const { caller, gateway, span } = toldOf(workload);
  const tallies: [TallyKey, Tally][] = [
    [deploymentKey("all", era, workload.team ?? "unattributed"), tally(part.calls + part.failed, splitOf(part))],
    [deploymentKey("usage_log", era, ownerOf(NOTHING_TOLD, name)), tally(part.calls, splitOf(part))],
    [deploymentKey("request_response", era, ownerOf(caller, name)), tally(part.calls, NO_TOKENS)],
    part.failedStatus === 429
      ? [accountKey("request_response", era.account, ownerOf(NOTHING_TOLD, "")), failed]
      : [deploymentKey("request_response", era, ownerOf(NOTHING_TOLD, name)), failed],
  ];
  if (workload.path.via === "gateway") {
    const refused = { ...gateway, application: "" };
    tallies.push([deploymentKey("gateway", era, ownerOf(gateway, name)), tally(part.calls, unsplitOf(part))]);
    tallies.push([deploymentKey("gateway", era, ownerOf(refused, name)), failed]);
  }
  if (workload.application && part.spans > 0) {
    const { itemCount } = workload.application;
    const tokens = itemCount === 1 ? splitOf(part) : unsplitOf(part);
    tallies.push([deploymentKey("span", era, ownerOf(span, name)), tally(part.spans * itemCount, tokens)]);
  }
  return tallies;
}

/** Per deployment: what somebody claims, and the rest split over those whose calls cannot be joined. */
function expected(parts: readonly HistoryPart[], quarter: number): [TallyKey, Tally][] {
  const slots = Map.groupBy(parts, (part) => `${eraOf(part).account}/${eraOf(part).deployment}`);
  return [...slots].flatMap(([deployment, slot]) =>
    splitPool(slot).map(({ part, told, tokens }): [TallyKey, Tally] => [
      deploymentKey("expected", eraOf(part), ownerOf(told ?? NOTHING_TOLD, deployment)),
      pricedTally(eraOf(part), quarter * QUARTER_MS, part.isLong, tokens),
    ]),
  );
}

/** `told`: null is nobody. */
type Draft = { readonly part: HistoryPart; readonly told: Told | null; readonly tokens: Tokens };

function splitPool(slot: readonly HistoryPart[]): Draft[] {
  const drafts = slot.map((part): Draft => {
    const { path } = workloadOf(part);
    const { caller, gateway } = toldOf(workloadOf(part));
    const told = path.via === "entra" ? caller : path.via === "gateway" && path.api === "openai-v2" ? gateway : null;
    return { part, told, tokens: splitOf(part) };
  });
  const weights = weightsOf(slot);
  const pool = drafts.filter(({ told }) => told === null);
  if (weights.length === 0) return drafts;
  const split = [...Map.groupBy(pool, ({ part }) => alike(part)).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const tokens = weights.map(() => ({ input: 0, cached: 0, unsplit: 0, output: 0 }));
    for (const kind of ["input", "cached", "output"] as const) {
      const total = same.reduce((sum, draft) => sum + draft.tokens[kind], 0);
      const shares = largestRemainders(
        total,
        weights.map((weight) => weight.tokens),
      );
      shares.forEach((share, index) => {
        const into = tokens[index];
        if (into) into[kind] = share;
      });
    }
    return weights.map(({ told }, index): Draft => ({ part: first.part, told, tokens: tokens[index] ?? NO_TOKENS }));
  });
  return [...drafts.filter(({ told }) => told !== null), ...split];
}

/** Gateway tokens of calls without Azure OpenAI's id, or else those of spans that no gateway knows; in order of the name. */
function weightsOf(slot: readonly HistoryPart[]): { told: Told; tokens: number }[] {
  const weights = new Map<string, { told: Told; tokens: number }>();
  const add = (told: Told, tokens: number) => {
    const name = `${told.subscription}|${told.application}`;
    const known = weights.get(name) ?? { told, tokens: 0 };
    known.tokens += tokens;
    weights.set(name, known);
  };
  for (const part of slot) {
    const { path } = workloadOf(part);
    if (part.calls > 0 && path.via === "gateway" && path.api !== "openai-v2")
      add(toldOf(workloadOf(part)).gateway, part.promptTokens + part.outputTokens);
  }
  if (weights.size === 0) {
    for (const part of slot) {
      const { path, application } = workloadOf(part);
      if (part.spans > 0 && application && path.via !== "gateway")
        add(toldOf(workloadOf(part)).span, part.promptTokens + part.outputTokens);
    }
  }
  return [...weights].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, weight]) => weight);
}

function alike(part: HistoryPart): string {
  const { operation, apiVersion, isStream } = workloadOf(part);
  return `${part.era}|${part.isLong}|${operation}|${apiVersion}|${isStream}`;
}

/** Provisioned capacity costs its hours, used or not, since its first workload. */
function capacity(tenant: DemoTenant, quarter: number): [TallyKey, Tally][] {
  const at = quarter * QUARTER_MS;
  return HISTORY_ERAS.flatMap((era): [TallyKey, Tally][] => {
    const first = WORKLOADS.find(({ account, deployment }) => account === era.account && deployment === era.deployment);
    if (era.ptu === null || first === undefined) return [];
    if (at < workloadStart(first.name, tenant.start, historyStartOf(tenant))) return [];
    const cost = Math.round((era.ptu * (QUARTER_MS / MINUTE_MS) * PTU_HOUR_PICODOLLARS) / 60);
    const tally = { ...emptyTally(), lower: cost, upper: cost, capacity: cost };
    const owner = ownerOf(NOTHING_TOLD, `${era.account}/${era.deployment}`);
    return [
      [deploymentKey("all", era, owner), tally],
      [deploymentKey("expected", era, owner), tally],
    ];
  });
}

function toldOf({ path, application }: Workload): { caller: Told; gateway: Told; span: Told } {
  const role = application?.role ?? "";
  return {
    caller: { ...NOTHING_TOLD, caller: path.via === "entra" ? path.objectId : "" },
    gateway: { ...NOTHING_TOLD, subscription: path.via === "gateway" ? path.subscription : "", application: role },
    span: { ...NOTHING_TOLD, application: role },
  };
}

function splitOf({ promptTokens, cachedTokens, outputTokens }: HistoryPart): Tokens {
  return { input: promptTokens - cachedTokens, cached: cachedTokens, unsplit: 0, output: outputTokens };
}

function unsplitOf(part: HistoryPart): Tokens {
  if (workloadOf(part).operation === "Embeddings_Create") return splitOf(part);
  return { input: 0, cached: 0, unsplit: part.promptTokens, output: part.outputTokens };
}

const NO_TOKENS: Tokens = { input: 0, cached: 0, unsplit: 0, output: 0 };

function eraOf(part: HistoryPart): HistoryEra {
  const era = HISTORY_ERAS[part.era];
  if (era === undefined) throw new RangeError(`The history has no deployment ${part.era}.`);
  return era;
}

function workloadOf(part: HistoryPart): Workload {
  const workload = WORKLOADS[part.workload];
  if (workload === undefined) throw new RangeError(`There is no workload ${part.workload}.`);
  return workload;
}
