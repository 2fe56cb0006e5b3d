import { DEMO_ACCOUNTS, type DemoAccountName } from "../accounts.ts";
import { DAY_MS, MINUTE_MS, QUARTER_MS } from "../calendar.ts";
import type { DemoCall } from "../demo-call.ts";
import { DEPLOYMENT_ERAS, type DeploymentEra, eraEnd, eraStart } from "../deployments.ts";
import { generateQuarter } from "../generate-quarter.ts";
import type { DemoTenant } from "../tenant.ts";
import { LONG_PROMPT_TOKENS, PTU_HOUR_PICODOLLARS, tokenPricesAt } from "../truth/price-table.ts";
import { quarterIn, tokensOf, witnessed } from "../truth/source-tallies.ts";
import { eraAt } from "../truth/tally.ts";
import { type BilledKind, type BilledMeter, PTU_METER, tokenMeter } from "./meters.ts";

/** One billed line: an account, a deployment, a meter and a UTC day. */
export type BilledLine = {
  readonly day: string;
  readonly account: DemoAccountName;
  readonly deployment: string;
  readonly meter: BilledMeter;
  /** Tokens, or sixtieths of an hour. */
  readonly quantity: bigint;
  /** Picodollars of one of them at list price. */
  readonly unitListPicodollars: { readonly numerator: bigint; readonly denominator: bigint };
  readonly discountBasisPoints: bigint;
};

/** What the company agreed with Azure: 8.63 % off every list price. */
export const CONTRACT_BASIS_POINTS = 863n;

/**
 * What Azure bills for the part of a UTC month that the demo has seen until `until` (epoch ms), counted from the calls
 * themselves at the truth's own prices less the contract. `month` is written `2026-10`. Ordered by account, deployment,
 * meter and day.
 */
export function billMonth(tenant: DemoTenant, month: string, until: number): BilledLine[] {
  const { start, end } = monthOf(month);
  const [from, to] = [Math.max(start, tenant.start), Math.min(end, until)];
  const lines = new Map<string, BilledLine>();
  if (from >= to) return [];
  for (let quarter = Math.floor(from / QUARTER_MS) - 1; quarter * QUARTER_MS < to; quarter++) {
    for (const call of generateQuarter(tenant, quarter)) if (call.startedAt <= until) addCall(lines, call, from, to);
  }
  for (const era of DEPLOYMENT_ERAS) if (era.ptu !== null) addCapacity(lines, era, era.ptu, tenant, from, to);
  return [...lines.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** The first instant of a UTC month and of the next (epoch ms). Throws a RangeError for a text that is no month. */
export function monthOf(month: string): { readonly start: number; readonly end: number } {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month);
  if (!match) throw new RangeError(`"${month}" is not a month: write it as 2026-10.`);
  const [year, number] = [Number(match[1]), Number(match[2])];
  return { start: Date.UTC(year, number - 1), end: Date.UTC(year, number) };
}

/** Picodollars of a line, rounded half away from zero once; `contract` is what it would cost at the contract's price. */
export function costOfLine(line: BilledLine, price: "billed" | "list" | "contract" = "billed"): bigint {
  const off = price === "list" ? 0n : price === "contract" ? CONTRACT_BASIS_POINTS : line.discountBasisPoints;
  const { numerator, denominator } = line.unitListPicodollars;
  const [over, under] = [line.quantity * numerator * (10_000n - off), denominator * 10_000n];
  return (2n * over + under) / (2n * under);
}

function addCall(lines: Map<string, BilledLine>, call: DemoCall, from: number, to: number): void {
  const at = quarterIn("all", call) * QUARTER_MS;
  if (at < from || at >= to || call.outcome === "gateway_limit") return;
  const era = eraAt(call.era);
  if (era.ptu !== null) return;
  const isLong = call.promptTokens > LONG_PROMPT_TOKENS;
  const prices = tokenPricesAt(era, at, isLong);
  if (prices === undefined) return;
  const tokens = tokensOf(witnessed(call, Number.POSITIVE_INFINITY), "split");
  const kinds: readonly BilledKind[] = ["input", "cached", "output"];
  for (const kind of kinds) {
    const [quantity, price] = [tokens[kind], prices[kind]];
    const meter = tokenMeter(era, kind, isLong);
    if (quantity === 0 || price === null || meter === undefined) continue;
    addLine(lines, era, dayAt(at), meter, BigInt(quantity), { numerator: BigInt(price), denominator: 1n });
  }
}

function addCapacity(
  lines: Map<string, BilledLine>,
  era: DeploymentEra,
  ptu: number,
  tenant: DemoTenant,
  from: number,
  to: number,
): void {
  const [begin, end] = [Math.max(from, eraStart(era, tenant.createdAt)), Math.min(to, eraEnd(era, tenant.createdAt))];
  for (let day = Math.floor(begin / DAY_MS) * DAY_MS; day < end; day += DAY_MS) {
    const minutes = Math.floor((Math.min(end, day + DAY_MS) - Math.max(begin, day)) / MINUTE_MS);
    const price = { numerator: BigInt(PTU_HOUR_PICODOLLARS), denominator: 60n };
    if (minutes > 0) addLine(lines, era, dayAt(day), PTU_METER, BigInt(ptu * minutes), price);
  }
}

function addLine(
  lines: Map<string, BilledLine>,
  era: DeploymentEra,
  day: string,
  meter: BilledMeter,
  quantity: bigint,
  unitListPicodollars: BilledLine["unitListPicodollars"],
): void {
  const { name: account } = DEMO_ACCOUNTS[era.account];
  const place = { day, account: account as DemoAccountName, deployment: era.deployment, meter };
  const key = keyOf(place);
  lines.set(key, {
    ...place,
    quantity: (lines.get(key)?.quantity ?? 0n) + quantity,
    unitListPicodollars,
    discountBasisPoints: CONTRACT_BASIS_POINTS,
  });
}

function keyOf({ account, deployment, meter, day }: Pick<BilledLine, "account" | "deployment" | "meter" | "day">) {
  return `${account}|${deployment}|${meter.name}|${day}`;
}

function dayAt(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
