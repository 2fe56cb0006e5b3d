import type { AttributionRule } from "../attribution/attribution-rule.ts";
import { ownerFinder } from "../attribution/find-owner.ts";
import { mergeHistograms } from "../ledger/latency-histogram.ts";
import type { BucketBatch, MinuteRequests, MinuteTeamRequests, OwnedRequests, RowCount } from "../ledger/ledger.ts";
import { readModelName } from "../pricing/model-name.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import type { Reservation } from "../pricing/provisioned/reservations.ts";
import { addMs, type Instant, type Period, QUARTER_HOUR_MS, quarterHourOf } from "../time/instant.ts";
import { capacityFacts } from "../usage/capacity-facts.ts";
import type { Inventory } from "../usage/inventory-lookup.ts";
import { type IdentifiedMinute, type IdentifiedRequests, minuteFacts, requestFacts } from "../usage/request-facts.ts";
import type { AccountId, DeploymentName, Identity } from "../usage/usage-fact.ts";
import { hostResolver, type MetricTokens, type UsageContext, usageFacts } from "../usage/usage-facts.ts";
import { capacityCharges } from "./capacity-charges.ts";
import type { LogRows } from "./read-window.ts";
import { rowFaults } from "./row-faults.ts";
import { usageCharges } from "./usage-charges.ts";

/** Everything that turns rows into charges; pure. */
export type BatchContext = {
  readonly inventory: Inventory;
  readonly accounts: readonly AccountId[];
  readonly rules: readonly AttributionRule[];
  readonly book: PriceBook;
  readonly reservations: readonly Reservation[];
  readonly hmacKey: Uint8Array;
  readonly gatewayCallers: ReadonlySet<string>;
  readonly now: Instant;
};

/**
 * The metric remainder is drawn only from quarter hours that ended this long ago: younger ones still wait for log rows,
 * and the remainder would come and go.
 */
export const REMAINDER_DELAY_MS = 4 * QUARTER_HOUR_MS;

/** The whole content of quarter hours. `metricTokens` is null where metrics are not connected or no longer kept. */
export function bucketBatch(
  quarterHours: readonly Instant[],
  rows: LogRows,
  metricTokens: readonly MetricTokens[] | null,
  context: BatchContext,
): BucketBatch {
  const usage: UsageContext = {
    inventory: context.inventory,
    hmacKey: context.hmacKey,
    gatewayCallers: context.gatewayCallers,
    hasContextBands: bandedModels(context.book),
    accounts: context.accounts,
  };
  const settled =
    metricTokens?.filter((row) => row.quarterHour + QUARTER_HOUR_MS + REMAINDER_DELAY_MS <= context.now) ?? null;
  const facts = usageFacts({ ...rows, metricTokens: settled }, usage);
  const charges = usageCharges(facts, context);
  const capacities = capacityFacts(context.inventory, context.now);
  const requests = requestFacts(rows, usage);
  const minutes = rows.hasMinutes ? minuteFacts(rows.requests, usage) : [];
  return {
    quarterHours,
    charges: [...charges, ...capacityCharges(capacities, quarterHours, charges, context)],
    requests: ownedRequests(requests, context.rules),
    minutes: mergedMinutes(minutes),
    teamMinutes: teamMinutes(minutes, context.rules),
    rowCounts: rowCounts(rows, usage),
    rowFaults: rowFaults(rows, usage),
    identities: distinctIdentities([
      ...facts.map((fact) => fact.identity),
      ...requests.map((request) => request.identity),
    ]),
    readAt: context.now,
  };
}

/** The quarter hours of a window. */
export function quartersOf(window: Period): Instant[] {
  const quarters: Instant[] = [];
  for (let at = quarterHourOf(window.start); at < window.end; at = addMs(at, QUARTER_HOUR_MS)) quarters.push(at);
  return quarters;
}

/** Whether the price of a model depends on the size of one request, as far as the price book tells. */
function bandedModels(book: PriceBook): UsageContext["hasContextBands"] {
  const known =
    banded.get(book) ??
    new Set(book.rows.flatMap((row) => (row.measure === "token" && row.contextBand !== "any" ? [row.model] : [])));
  banded.set(book, known);
  return (model, version) => known.has(readModelName(model, version).model);
}

const banded = new WeakMap<PriceBook, ReadonlySet<string>>();

function ownedRequests(requests: readonly IdentifiedRequests[], rules: readonly AttributionRule[]): OwnedRequests[] {
  const findOwner = ownerFinder(rules);
  return requests.map(({ fact, identity, model, isInference, withTokens, latency }) => {
    const { account, deployment, quarterHour } = fact;
    const owner = findOwner({ quarterHour, account, deployment, identity, isEstimated: false });
    return { ...fact, model, team: owner.team, application: owner.application, isInference, withTokens, latency };
  });
}

function mergedMinutes(minutes: readonly IdentifiedMinute[]): MinuteRequests[] {
  const merged = new Map<string, MinuteRequests[]>();
  for (const {
    minute,
    streamType,
    status,
    requests,
    account,
    deployment,
    operation,
    cause,
    isInference,
    latency,
  } of minutes) {
    const key = JSON.stringify([minute, account, deployment, operation, streamType, status, cause]);
    const part = { minute, account, deployment, operation, streamType, status, cause, isInference, requests, latency };
    merged.set(key, [...(merged.get(key) ?? []), part]);
  }
  return [...merged.values()].flatMap((parts) => {
    const [first] = parts;
    if (!first) return [];
    const requests = parts.reduce((total, part) => total + part.requests, 0n);
    return [{ ...first, requests, latency: mergeHistograms(parts.map((part) => part.latency)) }];
  });
}

function teamMinutes(minutes: readonly IdentifiedMinute[], rules: readonly AttributionRule[]): MinuteTeamRequests[] {
  const findOwner = ownerFinder(rules);
  const merged = new Map<string, MinuteTeamRequests>();
  for (const row of minutes) {
    const { minute, account, deployment, status, cause, identity, isInference } = row;
    if (!isInference) continue;
    const quarterHour = quarterHourOf(minute);
    const { team } = findOwner({ quarterHour, account, deployment, identity, isEstimated: false });
    const key = JSON.stringify([minute, team, account, deployment, status, cause]);
    const requests = row.requests + (merged.get(key)?.requests ?? 0n);
    merged.set(key, { minute, team, account, deployment, status, cause, requests });
  }
  return [...merged.values()];
}

function rowCounts(rows: LogRows, usage: UsageContext): RowCount[] {
  const accountOf = hostResolver(rows, usage);
  const counted = new Map<string, RowCount>();
  const add = (row: RowCount) => {
    const key = JSON.stringify([row.quarterHour, row.account, row.deployment, row.source]);
    const known = counted.get(key);
    counted.set(key, {
      ...row,
      rows: row.rows + (known?.rows ?? 0n),
      duplicates: row.duplicates + (known?.duplicates ?? 0n),
      requests: row.requests + (known?.requests ?? 0n),
    });
  };
  for (const row of rows.requests) {
    add({
      quarterHour: quarterHourOf(row.start),
      account: row.account as AccountId,
      deployment: row.deployment as DeploymentName,
      source: row.withUsage > 0n ? "usage_log" : "request_response",
      rows: row.rows,
      duplicates: row.duplicates,
      requests: row.requests,
    });
  }
  for (const row of rows.gateway ?? []) {
    add({
      quarterHour: row.quarterHour,
      account: row.host === "" ? ("" as AccountId) : accountOf(row.host),
      deployment: row.deployment as DeploymentName,
      source: "gateway_log",
      rows: row.rows,
      duplicates: row.rows - row.requests,
      requests: row.requests,
    });
  }
  for (const row of rows.spans ?? []) {
    add({
      quarterHour: row.quarterHour,
      account: accountOf(row.host),
      deployment: row.deployment as DeploymentName,
      source: "span",
      rows: row.rows,
      duplicates: row.rows - row.spans,
      requests: row.requests,
    });
  }
  return [...counted.values()];
}

function distinctIdentities(identities: readonly Identity[]): Identity[] {
  return [...new Map(identities.map((identity) => [identity.identityId, identity])).values()].filter(
    (identity) => (identity.identityId as string) !== "",
  );
}
