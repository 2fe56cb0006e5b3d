import { longerRetention } from "../../doctor/remedies.ts";
import { formatCount, formatCountShort, formatShare } from "../../format/format-count.ts";
import { formatInstant } from "../../format/format-time.ts";
import type { DeploymentCoverage } from "../../ledger/ledger.ts";
import { HOUR_MS, type Instant } from "../../time/instant.ts";
import { type DataGap, type DataGapInput, faultsOf, names, sumOf } from "./data-gap.ts";

const SHORT_HISTORY_MS = 85 * 24 * HOUR_MS;

/** Tokens, prices, owners and months that figures lack. */
export function figureGaps(input: DataGapInput): DataGap[] {
  return [...tokenGaps(input), ...priceGaps(input), ...ownerGaps(input), ...historyGaps(input)];
}

function tokenGaps({ coverage, faults, now, zone }: DataGapInput): DataGap[] {
  const unlogged = coverage.filter((row) => row.metricOnlyTokens > 0n && row.metricOnlyTokens === row.tokens);
  const partly = coverage.filter((row) => row.metricOnlyTokens > 0n && row.metricOnlyTokens < row.tokens);
  const without = faultsOf(faults, "without_tokens");
  const last = without.rows.reduce<Instant | null>((at, { last: end }) => (at === null || end > at ? end : at), null);
  return [
    ...(unlogged.length > 0
      ? [
          {
            id: "metric-only-deployments",
            kind: "uncertain" as const,
            title: "Deployments that only metrics know",
            seen: `${names(unlogged)}: ${formatCountShort(sumOf(unlogged, "metricOnlyTokens"))} tokens without any log row.`,
            means:
              'Batch jobs and deployments without a diagnostic setting look like this. Their cost is "at most", without owner.',
            next: "Nothing to do for batch: no log holds its lines. Otherwise see the account's diagnostic setting.",
            remedies: [],
          },
        ]
      : []),
    ...(partly.length > 0
      ? [
          {
            id: "usage-rows-missing",
            kind: "uncertain" as const,
            title: "Usage rows are missing",
            seen: `${faultsOf(faults, "without_usage").text("answered calls")} have no usage row. Metrics count ${formatCountShort(sumOf(partly, "metricOnlyTokens"))} tokens more than the logs, most at ${names(byMost(partly))}.`,
            means:
              "These tokens are charged as metric only: the cached share and the owner are unknown, the cost does not fall.",
            next: null,
            remedies: [],
          },
        ]
      : []),
    ...(without.count > 0n
      ? [
          {
            id: "calls-without-tokens",
            kind: "uncertain" as const,
            title: "Answered calls without any token count",
            seen: `${without.text("calls")}, the last on ${formatInstant(last ?? now, zone)}: neither a usage row nor RequestResponse tells their tokens.`,
            means:
              "Older RequestResponse rows carry no token counts at all. What metrics count of them is charged as metric only.",
            next: null,
            remedies: [],
          },
        ]
      : []),
  ];
}

function priceGaps({ coverage, inventory }: DataGapInput): DataGap[] {
  const unpriced = coverage.filter((row) => row.pricedTokens < row.tokens);
  const known = new Set(inventory.map((row) => `${row.account}/${row.deployment}`));
  const unknown = coverage.filter((row) => row.deployment !== "" && !known.has(`${row.account}/${row.deployment}`));
  return [
    ...(unpriced.length > 0
      ? [
          {
            id: "unpriced",
            kind: "missing" as const,
            title: "Tokens without a price",
            seen: `${formatCountShort(sumOf(unpriced, "tokens") - sumOf(unpriced, "pricedTokens"))} tokens of ${names(unpriced)}.`,
            means: "Totals say “at least”: these tokens are kept and cost an unknown amount, never zero.",
            next: "Give the model a price on Prices, or sync the newest list; then price the past again.",
            remedies: [{ tool: "Shell" as const, text: "npm run prices -- sync\nnpm run prices -- reprice --apply" }],
          },
        ]
      : []),
    ...(unknown.length > 0
      ? [
          {
            id: "not-in-inventory",
            kind: "uncertain" as const,
            title: "Deployments that deployments.yaml does not name",
            seen: `${names(unknown)}.`,
            means: "SKU and region are unknown, so the cost is the range over what they may be.",
            next: "Let the draft add them, and give each its SKU.",
            remedies: [{ tool: "Shell" as const, text: "npm run inventory -- draft" }],
          },
        ]
      : []),
  ];
}

function ownerGaps({ coverage, faults }: DataGapInput): DataGap[] {
  const { requests, known } = faults.callers;
  const [tokens, owned] = [sumOf(coverage, "tokens"), sumOf(coverage, "ownedTokens")];
  const gaps: DataGap[] = [];
  if (requests > 0n && known === 0n)
    gaps.push({
      id: "no-callers",
      kind: "uncertain",
      title: "No request names its caller",
      seen: `${formatCount(requests)} requests, all with an API key and not through a gateway that can be joined.`,
      means: "Owners can be told by deployment alone.",
      next: "Let applications sign in with Entra ID, or put API Management in front of the models.",
      remedies: [],
    });
  if (tokens > owned)
    gaps.push({
      id: "unowned",
      kind: "uncertain",
      title: "Tokens without an owner",
      seen: `${formatShare(tokens - owned, tokens)} of all tokens, most at ${names(
        coverage
          .filter((row) => row.tokens > row.ownedTokens)
          .toSorted((a, b) => (b.tokens - b.ownedTokens > a.tokens - a.ownedTokens ? 1 : -1)),
      )}.`,
      means: "Their cost is in every total and in no team's.",
      next: "Give their callers, subscriptions or deployments an owner in the rules of Settings.",
      remedies: [],
    });
  return gaps;
}

function historyGaps({ readBack, now, zone }: DataGapInput): DataGap[] {
  if (readBack.state !== "complete" || readBack.from === null || now - readBack.from >= SHORT_HISTORY_MS) return [];
  return [
    {
      id: "short-history",
      kind: "missing",
      title: `The workspace remembers ${Math.round((now - readBack.from) / (24 * HOUR_MS))} days`,
      seen: `Its oldest row is of ${formatInstant(readBack.from, zone, { withYear: true })}.`,
      means: "Earlier months cannot be shown or compared, and a quarter's budget lacks its beginning.",
      next: "Keep rows for longer from now on; those that were deleted do not come back.",
      remedies: longerRetention(400),
    },
  ];
}

function byMost(rows: readonly DeploymentCoverage[]): DeploymentCoverage[] {
  return rows.toSorted((a, b) => (b.metricOnlyTokens > a.metricOnlyTokens ? 1 : -1));
}
