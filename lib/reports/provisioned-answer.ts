import { formatCount, formatRatio } from "../format/format-count.ts";
import { formatMoney } from "../format/format-money.ts";
import { type Money, money } from "../money/money.ts";
import { costOf, type UnitPrice } from "../money/unit-price.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { breakEvenPerMille, HOURS_PER_MONTH, payAsYouGoPerPtuHour } from "../pricing/provisioned/break-even.ts";
import type { CurvePoint, PricedRequest, PtuTerm } from "../pricing/provisioned/cost-curve.ts";
import { type CapacityPlan, type DepthAnswer, planCapacity } from "../pricing/provisioned/plan-capacity.ts";
import { sizeFor, type Throughput } from "../pricing/provisioned/throughput.ts";
import type { Instant } from "../time/instant.ts";
import type { Scope } from "../usage/price-key.ts";
import type { ChartModel, ChartValue } from "./chart-model.ts";
import type { Cell, Row } from "./table-model.ts";

/** The load of one minute as the platform counts it, or one request of a trace at its own instant. */
export type MinuteLoad = {
  readonly atMs: number;
  readonly prompt: bigint;
  readonly generated: bigint;
  readonly requests: bigint;
};

/** A cached share of the prompt that may be the true one, in thousandths. */
export type CachedShare = { readonly perMille: bigint; readonly name: string };

export type ProvisionedQuestion = {
  readonly minutes: readonly MinuteLoad[];
  readonly cachedShares: readonly CachedShare[];
  readonly throughput: Throughput;
  readonly prices: { readonly input: UnitPrice; readonly cached: UnitPrice; readonly output: UnitPrice };
  readonly scope: Scope;
  readonly region: string;
  readonly now: Instant;
  /** Units that are deployed today, in tenths; zero at pay-as-you-go. */
  readonly deployedTenths: bigint;
  /** Units that are reserved and paid already, and would cost nothing more. */
  readonly reservedPtu: bigint;
  readonly book: PriceBook;
};

export type ProvisionedAnswer = {
  readonly sentence: string;
  readonly reasons: readonly string[];
  readonly chart: ChartModel;
  readonly rows: readonly Row[];
  readonly breakEven: readonly { readonly term: string; readonly text: string; readonly exact: string }[];
  readonly load: readonly { readonly name: string; readonly value: string }[];
  /** What the sizes were tried with. */
  readonly cases: readonly string[];
};

const TERMS: Readonly<Record<PtuTerm["name"], string>> = {
  hourly: "by the hour",
  month: "reserved by the month",
  year: "reserved by the year",
};
const ARRIVALS_PER_MINUTE = 4;
const MOST_SIZES = 24n;

type Case = { readonly share: CachedShare; readonly plan: CapacityPlan; readonly depth: DepthAnswer };

/**
 * Replays minutes of load through provisioned sizes, for every cached share and bucket depth that may be true, and says which
 * size and term costs least. A minute's tokens are spread evenly over up to four arrivals: bursts inside a minute are unseen.
 * All costs are brought to a month of 730 hours.
 */
export function answerProvisioned(question: ProvisionedQuestion): ProvisionedAnswer {
  const { throughput, scope, region, now, book, prices, deployedTenths } = question;
  const currency = book.currency;
  const tried = coarser(throughput, question.minutes, deployedTenths);
  const cases = question.cachedShares.flatMap((share): Case[] => {
    const requests = question.minutes.flatMap((minute) => arrivals(minute, share, question));
    const plan = planCapacity(
      {
        requests,
        throughput: tried,
        scope,
        region,
        at: now,
        reservedPtu: question.reservedPtu,
        // A part of a unit is the mean of a time in which the size changed, and nobody has that size.
        deployedPtu: deployedTenths % 10n === 0n ? deployedTenths / 10n : 0n,
      },
      book,
    );
    return plan.depths.map((depth) => ({ share, plan, depth }));
  });
  const [dear] = cases;
  if (!dear) throw new RangeError("There is no cached share to plan with.");
  const monthly = (cost: Money, plan: CapacityPlan) => money((cost * HOURS_PER_MONTH) / plan.hours);
  const today = nearest(dear.depth.curve, deployedTenths);
  const mix = mixOf(question.minutes, dear.share);
  const perHour = payAsYouGoPerPtuHour(mix, prices, throughput);
  return {
    sentence: sentenceOf(cases, monthly, currency),
    reasons: reasonsOf(dear, monthly, currency, today, deployedTenths),
    chart: chartOf(dear, monthly, currency, today, deployedTenths),
    rows: dear.depth.curve.map((point, index) => sizeRow(point, index, cases, monthly, currency, today)),
    breakEven: dear.plan.terms.map(({ name, ptuHour }) => {
      const perMille = breakEvenPerMille(ptuHour, perHour);
      return {
        term: TERMS[name],
        exact: perMille.toString(),
        text: perMille > 1_000n ? "never: dearer even when full" : `above ${formatRatio(Number(perMille) / 1_000)} use`,
      };
    }),
    load: [
      { name: "Mean", value: loadText(dear.plan.perMinute.mean, throughput) },
      { name: "p95 minute", value: loadText(dear.plan.perMinute.p95, throughput) },
      { name: "p99 minute", value: loadText(dear.plan.perMinute.p99, throughput) },
    ],
    cases: cases.map(({ share, depth }) => `${share.name}, a bucket of ${depth.bucketSeconds} s`),
  };
}

/** Very large loads are tried in coarser steps than can be bought, so that the answer comes while somebody waits. */
function coarser(throughput: Throughput, minutes: readonly MinuteLoad[], deployedTenths: bigint): Throughput {
  const byMinute = new Map<number, bigint>();
  for (const { atMs, prompt, generated } of minutes) {
    const minute = Math.floor(atMs / 60_000);
    byMinute.set(minute, (byMinute.get(minute) ?? 0n) + prompt + throughput.outputWeight * generated);
  }
  let most = 0n;
  for (const load of byMinute.values()) if (load > most) most = load;
  const needed = sizeFor(most, throughput);
  const size = needed * 10n > deployedTenths ? needed : deployedTenths / 10n;
  const steps = (size - throughput.minimum) / throughput.step;
  return { ...throughput, step: throughput.step * (steps / MOST_SIZES + 1n) };
}

function arrivals(
  minute: MinuteLoad,
  share: CachedShare,
  { prices, throughput }: ProvisionedQuestion,
): readonly PricedRequest[] {
  const cached = (minute.prompt * share.perMille) / 1_000n;
  const fresh = minute.prompt - cached;
  const count = Math.max(1, Math.min(ARRIVALS_PER_MINUTE, Number(minute.requests)));
  const tokens = Number(fresh + throughput.outputWeight * minute.generated) / count;
  const cost = costOf(fresh, prices.input) + costOf(cached, prices.cached) + costOf(minute.generated, prices.output);
  const each = cost / BigInt(count);
  return Array.from({ length: count }, (_, index) => ({
    atMs: minute.atMs + (index * 60_000) / count,
    tokens,
    payAsYouGo: money(index === 0 ? cost - each * BigInt(count - 1) : each),
  }));
}

function mixOf(minutes: readonly MinuteLoad[], share: CachedShare) {
  const prompt = minutes.reduce((total, minute) => total + minute.prompt, 0n);
  const cached = (prompt * share.perMille) / 1_000n;
  return {
    input: prompt - cached,
    cached,
    output: minutes.reduce((total, minute) => total + minute.generated, 0n),
  };
}

type Monthly = (cost: Money, plan: CapacityPlan) => Money;

function choiceText(best: DepthAnswer["cheapest"]): string {
  if (!best || best.ptu === 0n) return "pay-as-you-go";
  return `${formatCount(best.ptu)} PTU ${TERMS[best.term]}`;
}

function sentenceOf(cases: readonly Case[], monthly: Monthly, currency: string): string {
  const choices = [...new Set(cases.map(({ depth }) => choiceText(depth.cheapest)))];
  const costs = cases.flatMap(({ plan, depth }) => (depth.cheapest ? [monthly(depth.cheapest.cost, plan)] : []));
  const now = cases.map(({ plan }) => monthly(plan.payAsYouGo, plan));
  const answer = `${choices.join(" or ")}, ${rangeText(costs, currency)} a month`;
  const against = choices.every((choice) => choice === "pay-as-you-go")
    ? "no size pays at this load"
    : `against ${rangeText(now, currency)} at pay-as-you-go`;
  const why =
    choices.length > 1 ? " What nobody tells (the depth of the bucket, the cached share) decides between them." : "";
  return `It would take ${answer}: ${against}.${why}`;
}

function reasonsOf(
  { plan, depth }: Case,
  monthly: Monthly,
  currency: string,
  today: CurvePoint | undefined,
  deployedTenths: bigint,
): readonly string[] {
  const text = (cost: Money) => formatMoney(monthly(cost, plan), { currency });
  const best = depth.cheapest;
  if (!best) return ["No price of provisioned capacity is known here, so no size can be compared."];
  const named = (["hourly", "month", "year"] as const).flatMap((term): string[] => {
    const options = depth.curve.flatMap((point) => {
      const cost = point.costs[term];
      return cost === undefined || point.ptu === 0n ? [] : [{ point, cost }];
    });
    const first = options.toSorted((a, b) => (a.cost < b.cost ? -1 : a.cost > b.cost ? 1 : 0))[0];
    if (!first) return [`The price ${TERMS[term]} is unknown here.`];
    if (best.ptu === first.point.ptu && best.term === term)
      return [
        `${formatCount(first.point.ptu)} PTU ${TERMS[term]} cost ${text(first.cost)} with ${text(first.point.spilledCost)} of it spilled over; ${formatRatio(first.point.utilisation)} in use.`,
      ];
    return [
      `Not ${TERMS[term]}: its best size, ${formatCount(first.point.ptu)} PTU, costs ${text(first.cost)}, ${text(money(first.cost - best.cost))} more, and would be ${formatRatio(first.point.utilisation)} in use.`,
    ];
  });
  const payAsYouGo =
    best.ptu === 0n
      ? `Pay-as-you-go costs ${text(plan.payAsYouGo)}.`
      : `Not pay-as-you-go: ${text(plan.payAsYouGo)}, ${text(money(plan.payAsYouGo - best.cost))} more.`;
  const none =
    depth.none === null
      ? "Every size that was tried refuses something."
      : `Refusing nothing needs ${formatCount(depth.none)} PTU${depth.onePercent !== null && depth.onePercent !== depth.none ? `, at most one per cent ${formatCount(depth.onePercent)}` : ""}.`;
  const deployed =
    today && today.ptu > 0n && today.ptu !== best.ptu
      ? [
          `Today ${deployedTenths === today.ptu * 10n ? "" : "about "}${formatCount(today.ptu)} PTU are deployed: ${today.costs.hourly === undefined ? "at an unknown price" : `${text(today.costs.hourly)} by the hour`}, ${formatRatio(today.utilisation)} in use, ${formatRatio(today.refusedShare)} refused.`,
        ]
      : [];
  return [payAsYouGo, ...named, none, ...deployed];
}

function chartOf(
  { plan, depth }: Case,
  monthly: Monthly,
  currency: string,
  today: CurvePoint | undefined,
  deployedTenths: bigint,
): ChartModel {
  const value = (cost: Money | undefined): ChartValue => {
    if (cost === undefined) return { n: null, text: "unknown", exact: "" };
    const month = monthly(cost, plan);
    return { n: Number(month) / 1e12, text: formatMoney(month, { currency }), exact: month.toString() };
  };
  return {
    unit: "money",
    unitName: `${currency} a month (730 h), spillover included`,
    currency,
    zoneName: "by size in PTU",
    pointName: "PTU",
    series: [
      ...plan.terms.map(({ name }, index) => ({ key: name, name: TERMS[name], slot: index })),
      { key: "payg", name: "pay-as-you-go", slot: "other" as const, line: "dashed" as const },
    ],
    points: depth.curve.map((point) => ({
      key: point.ptu.toString(),
      label: formatCount(point.ptu),
      state: "final" as const,
      values: [...plan.terms.map(({ name }) => value(point.costs[name])), value(plan.payAsYouGo)],
    })),
    ...(today ? { marks: [{ at: today.ptu.toString(), word: deployedTenths === 0n ? "" : "today" }] } : {}),
  };
}

function sizeRow(
  point: CurvePoint,
  index: number,
  cases: readonly Case[],
  monthly: Monthly,
  currency: string,
  today: CurvePoint | undefined,
): Row {
  const [dear] = cases;
  const points = cases.flatMap(({ depth }) => depth.curve.find(({ ptu }) => ptu === point.ptu) ?? []);
  const cost = (term: PtuTerm["name"]): Cell => {
    const amount = point.costs[term];
    if (amount === undefined || !dear) return { text: "unknown" };
    const month = monthly(amount, dear.plan);
    return { text: formatMoney(month, { currency }), exact: month.toString(), sort: Number(month) };
  };
  const spilled = dear ? monthly(point.spilledCost, dear.plan) : money(0n);
  const isToday = today?.ptu === point.ptu;
  const isBest = dear?.depth.cheapest?.ptu === point.ptu;
  const notes = [...(isToday ? ["today"] : []), ...(isBest ? ["cheapest"] : [])];
  return {
    id: String(index),
    cells: {
      ptu: {
        text: point.ptu === 0n ? "none" : formatCount(point.ptu),
        exact: point.ptu.toString(),
        sort: Number(point.ptu),
        ...(notes.length > 0 ? { note: notes.join(", ") } : {}),
      },
      hourly: cost("hourly"),
      month: cost("month"),
      year: cost("year"),
      refused: ratioRange(points.map(({ refusedShare }) => refusedShare)),
      spilled: { text: formatMoney(spilled, { currency }), exact: spilled.toString(), sort: Number(spilled) },
      utilisation: point.ptu === 0n ? { text: "–" } : ratioRange(points.map(({ utilisation }) => utilisation)),
    },
  };
}

function ratioRange(values: readonly number[]): Cell {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [a, b] = [formatRatio(low), formatRatio(high)];
  return { text: a === b ? a : `${a.replace(/\u00a0%$/, "")}–${b}`, sort: high };
}

function rangeText(amounts: readonly Money[], currency: string): string {
  const sorted = amounts.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const [low, high] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined) return "an unknown amount";
  const [a, b] = [formatMoney(low, { currency }), formatMoney(high, { currency })];
  return a === b ? a : `${a} to ${b}`;
}

/** The size on the curve that is nearest to what is deployed. */
function nearest(curve: readonly CurvePoint[], tenths: bigint): CurvePoint | undefined {
  const distance = ({ ptu }: CurvePoint) => (ptu * 10n > tenths ? ptu * 10n - tenths : tenths - ptu * 10n);
  return curve.toSorted((a, b) => (distance(a) < distance(b) ? -1 : 1))[0];
}

/** The size is in the steps that can be bought, however coarse the sizes are that were tried. */
function loadText(tokens: number, throughput: Throughput): string {
  const ptu = sizeFor(BigInt(Math.ceil(tokens)), throughput);
  return `${formatCount(Math.round(tokens))} equivalent tokens a minute: ${formatCount(ptu)} PTU`;
}
