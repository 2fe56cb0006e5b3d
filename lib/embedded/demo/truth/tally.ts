import { DEMO_ACCOUNTS } from "../accounts.ts";
import { DEPLOYMENT_ERAS, type DeploymentEra } from "../deployments.ts";
import { DEMO_TEAMS, type DemoTeam } from "../workloads.ts";
import { type TokenPrices, tokenPricesAt } from "./price-table.ts";

/** Who can tell: `all` is what really happened, `expected` what a product that follows the rules must show. */
export const TRUTH_SOURCES = ["all", "usage_log", "request_response", "gateway", "span", "metric", "expected"] as const;
export type TruthSource = (typeof TRUTH_SOURCES)[number];

export type TruthTeam = DemoTeam | "unattributed";

/** Numbers that add up. Every number stays below 2^53, which `added` checks; sums over days are made in bigint. */
export type Tally = {
  requests: number;
  input: number;
  cached: number;
  output: number;
  /** Tokens without a known price, part of the above. */
  unpriced: number;
  /** Picodollars at least and at most; the same where nothing is unknown. Capacity is part of both. */
  lower: number;
  upper: number;
  capacity: number;
};

export const TALLY_FIELDS = [
  "requests",
  "input",
  "cached",
  "output",
  "unpriced",
  "lower",
  "upper",
  "capacity",
] as const;

/** Where a number belongs: a source, a deployment (or an account, when a source does not tell the deployment), a team. */
export type TallyKey = `${TruthSource}|${string}|${string}|${string}|${TruthTeam}`;

/** The key of numbers of a known deployment. */
export function deploymentKey(source: TruthSource, era: DeploymentEra, team: TruthTeam): TallyKey {
  return KEYS.get(era)?.[source][team] ?? keyOf(source, era, team);
}

/** The key of numbers whose deployment the source does not tell. */
export function accountKey(source: TruthSource, account: keyof typeof DEMO_ACCOUNTS, team: TruthTeam): TallyKey {
  return `${source}|${DEMO_ACCOUNTS[account].name}|||${team}`;
}

/** Tokens of one kind of knowledge, to be priced: `unsplit` is prompt whose cached share nobody tells. */
export type Tokens = {
  readonly input: number;
  readonly cached: number;
  readonly unsplit: number;
  readonly output: number;
};

/**
 * Tokens with their price on the quarter hour that they belong to; provisioned tokens cost nothing by themselves. When
 * nobody tells whether a request was long, the price is the range from the short to the long band.
 */
export function pricedTally(era: DeploymentEra, at: number, isLong: boolean | null, tokens: Tokens): Tally {
  const { input, cached, unsplit, output } = tokens;
  const counted = { requests: 0, input: input + unsplit, cached, output, capacity: 0 };
  if (era.ptu !== null) return { ...counted, unpriced: 0, lower: 0, upper: 0 };
  const [least, most] = [tokenPricesAt(era, at, isLong ?? false), tokenPricesAt(era, at, isLong ?? true)];
  if (least === undefined || most === undefined) {
    return { ...counted, unpriced: input + cached + unsplit + output, lower: 0, upper: 0 };
  }
  const certain = (prices: TokenPrices) =>
    input * prices.input + cached * (prices.cached ?? prices.input) + output * (prices.output ?? 0);
  return {
    ...counted,
    unpriced: 0,
    lower: certain(least) + unsplit * (least.cached ?? least.input),
    upper: certain(most) + unsplit * most.input,
  };
}

/** Adds one tally to another in place; throws when a number is no longer exact. */
export function added(to: Tally, more: Tally): void {
  for (const field of TALLY_FIELDS) {
    to[field] += more[field];
    if (!Number.isSafeInteger(to[field]))
      throw new RangeError(`The truth of one day is too large to be exact: ${field}.`);
  }
}

/** Nothing yet. */
export function emptyTally(): Tally {
  return { requests: 0, input: 0, cached: 0, output: 0, unpriced: 0, lower: 0, upper: 0, capacity: 0 };
}

/** The era of a number; throws for a number that is none. */
export function eraAt(index: number): DeploymentEra {
  const era = DEPLOYMENT_ERAS[index];
  if (era === undefined) throw new RangeError(`There is no deployment ${index}.`);
  return era;
}

function keyOf(source: TruthSource, era: DeploymentEra, team: TruthTeam): TallyKey {
  return `${source}|${era.account}|${era.deployment}|${era.model}|${team}`;
}

type Keys = Readonly<Record<TruthSource, Readonly<Record<TruthTeam, TallyKey>>>>;

/** A million calls ask for a few hundred keys, and hashing a new text each time costs more than all the rest. */
const KEYS: ReadonlyMap<DeploymentEra, Keys> = new Map(
  DEPLOYMENT_ERAS.map((era) => {
    const ofSource = (source: TruthSource) =>
      Object.fromEntries([...DEMO_TEAMS, "unattributed" as const].map((team) => [team, keyOf(source, era, team)]));
    return [era, Object.fromEntries(TRUTH_SOURCES.map((source) => [source, ofSource(source)])) as Keys];
  }),
);
