import { setImmediate as nextTurn } from "node:timers/promises";
import type { AttributionRule } from "../attribution/attribution-rule.ts";
import { ownerFinder } from "../attribution/find-owner.ts";
import type { BucketBatch, MinuteTeamRequests, OwnedRequests, RowCount } from "../ledger/ledger.ts";
import { readModelName } from "../pricing/model-name.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import type { Reservation } from "../pricing/provisioned/reservations.ts";
import {
  addMs,
  type Instant,
  MINUTE_MS,
  type Period,
  QUARTER_HOUR_MS,
  quarterHourOf,
  toInstant,
} from "../time/instant.ts";
import { capacityFacts } from "../usage/capacity-facts.ts";
import type { Inventory } from "../usage/inventory-lookup.ts";
import { type IdentifiedMinutes, type IdentifiedRequests, minuteFacts, requestFacts } from "../usage/request-facts.ts";
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

/**
 * The whole content of quarter hours. `metricTokens` is null where metrics are not connected or no longer kept. Worked out in
 * pieces of six hours with a pause in between, so that a server goes on answering.
 */
export async function bucketBatch(
  quarterHours: readonly Instant[],
  rows: LogRows,
  metricTokens: readonly MetricTokens[] | null,
  context: BatchContext,
): Promise<BucketBatch> {
  const seen = new Set([...context.accounts, ...rows.usage.map(accountOf), ...rows.requests.map(accountOf)]);
  const usage: UsageContext = {
    inventory: context.inventory,
    hmacKey: context.hmacKey,
    gatewayCallers: context.gatewayCallers,
    hasContextBands: bandedModels(context.book),
    accounts: [...seen],
  };
  const pieces = piecesOf(quarterHours, rows, metricTokens);
  const parts: BucketBatch[] = [];
  for (const piece of pieces) {
    parts.push(batchOfPiece(piece.quarterHours, piece.rows, piece.metricTokens, usage, context));
    await nextTurn();
  }
  return {
    quarterHours,
    charges: parts.flatMap((part) => part.charges),
    requests: parts.flatMap((part) => part.requests),
    minutes: parts.flatMap((part) => part.minutes),
    teamMinutes: parts.flatMap((part) => part.teamMinutes),
    rowCounts: parts.flatMap((part) => part.rowCounts),
    rowFaults: parts.flatMap((part) => part.rowFaults),
    identities: distinctIdentities(parts.flatMap((part) => part.identities)),
    readAt: context.now,
  };
}

function accountOf(row: { readonly account: string }): AccountId {
  return row.account as AccountId;
}

type Piece = {
  readonly quarterHours: readonly Instant[];
  readonly rows: LogRows;
  readonly metricTokens: readonly MetricTokens[] | null;
};

/** Quarter hours cut at the multiples of six hours, at which the folded requests are cut too. */
function piecesOf(
  quarterHours: readonly Instant[],
  rows: LogRows,
  metricTokens: readonly MetricTokens[] | null,
): Piece[] {
  const at = (instant: Instant): number => Math.floor(instant / PIECE_MS);
  const byQuarter = (row: { readonly quarterHour: Instant }): number => at(row.quarterHour);
  const usage = Map.groupBy(rows.usage, byQuarter);
  const requests = Map.groupBy(rows.requests, (row) => at(row.stretch));
  const gateway = rows.gateway && Map.groupBy(rows.gateway, byQuarter);
  const spans = rows.spans && Map.groupBy(rows.spans, byQuarter);
  const metric = metricTokens && Map.groupBy(metricTokens, byQuarter);
  return [...Map.groupBy(quarterHours, at)].map(([number, quarters]) => ({
    quarterHours: quarters,
    rows: {
      usage: usage.get(number) ?? [],
      requests: requests.get(number) ?? [],
      gateway: gateway && (gateway.get(number) ?? []),
      spans: spans && (spans.get(number) ?? []),
      hasMinutes: rows.hasMinutes,
    },
    metricTokens: metric && (metric.get(number) ?? []),
  }));
}

const PIECE_MS = 24 * QUARTER_HOUR_MS;

function batchOfPiece(
  quarterHours: readonly Instant[],
  rows: LogRows,
  metricTokens: readonly MetricTokens[] | null,
  usage: UsageContext,
  context: BatchContext,
): BucketBatch {
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
    minutes: minutes.map(({ identity: _identity, ...series }) => series),
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

function teamMinutes(minutes: readonly IdentifiedMinutes[], rules: readonly AttributionRule[]): MinuteTeamRequests[] {
  const findOwner = ownerFinder(rules);
  return minutes.flatMap((row) => {
    const { account, deployment, status, cause, identity, isInference } = row;
    if (!isInference) return [];
    // A dated rule may hand the calls over to another team between two quarter hours.
    const teams = new Map<number, string>();
    const teamAt = (minute: number): string => {
      const quarter = Math.floor(minute / 15);
      const known = teams.get(quarter);
      if (known !== undefined) return known;
      const quarterHour = toInstant(quarter * QUARTER_HOUR_MS);
      const { team } = findOwner({ quarterHour, account, deployment, identity, isEstimated: false });
      teams.set(quarter, team);
      return team;
    };
    const series = new Map<string, { minutes: number[]; counts: number[] }>();
    for (const [minute, count] of countsByMinute(row)) {
      const team = teamAt(minute);
      let part = series.get(team);
      if (!part) {
        part = { minutes: [], counts: [] };
        series.set(team, part);
      }
      part.minutes.push(minute);
      part.counts.push(count);
    }
    return [...series].map(([team, part]) => ({ team, account, deployment, status, cause, ...part }));
  });
}

/** The latency buckets of a minute are one count. */
function countsByMinute({ minutes, counts }: IdentifiedMinutes): Map<number, number> {
  const byMinute = new Map<number, number>();
  for (let index = 0; index < minutes.length; index += 1) {
    const minute = minutes[index] ?? 0;
    byMinute.set(minute, (byMinute.get(minute) ?? 0) + (counts[index] ?? 0));
  }
  return byMinute;
}

function rowCounts(rows: LogRows, usage: UsageContext): RowCount[] {
  const accountOf = hostResolver(rows, usage);
  const counted = new Map<string, Counted>();
  const add = (
    quarterHour: Instant,
    account: string,
    deployment: string,
    source: RowCount["source"],
    counts: { readonly rows: number; readonly duplicates: number; readonly requests: number },
  ) => {
    const key = `${quarterHour}/${source}/${account}/${deployment}`;
    const known = counted.get(key);
    if (known) {
      known.rows += counts.rows;
      known.duplicates += counts.duplicates;
      known.requests += counts.requests;
    } else {
      counted.set(key, {
        quarterHour,
        account: account as AccountId,
        deployment: deployment as DeploymentName,
        source,
        ...counts,
      });
    }
  };
  for (const row of rows.requests) {
    for (const { quarterHour, source, ...counts } of countsOf(row))
      add(quarterHour, row.account, row.deployment, source, counts);
  }
  for (const row of rows.gateway ?? []) {
    add(row.quarterHour, row.host === "" ? "" : accountOf(row.host), row.deployment, "gateway_log", {
      rows: Number(row.rows),
      duplicates: Number(row.rows - row.requests),
      requests: Number(row.requests),
    });
  }
  for (const row of rows.spans ?? []) {
    add(row.quarterHour, accountOf(row.host), row.deployment, "span", {
      rows: Number(row.rows),
      duplicates: Number(row.rows - row.spans),
      requests: Number(row.requests),
    });
  }
  return [...counted.values()].map((row) => ({
    ...row,
    rows: BigInt(row.rows),
    duplicates: BigInt(row.duplicates),
    requests: BigInt(row.requests),
  }));
}

/** What a folded row counts per quarter hour and source, so that its many entries share one key. */
function countsOf({ stretch, minutes, n, rows, duplicates, withUsage }: LogRows["requests"][number]): LoggedCounts[] {
  const slots: LoggedCounts[] = [];
  const perQuarter = QUARTER_HOUR_MS / MINUTE_MS;
  for (let index = 0; index < minutes.length; index += 1) {
    const quarter = Math.floor((minutes[index] ?? 0) / perQuarter);
    const hasUsage = (withUsage[index] ?? 0) > 0;
    const slot = 2 * quarter + (hasUsage ? 1 : 0);
    let counts = slots[slot];
    if (!counts) {
      const source = hasUsage ? "usage_log" : "request_response";
      counts = { quarterHour: addMs(stretch, quarter * QUARTER_HOUR_MS), source, rows: 0, duplicates: 0, requests: 0 };
      slots[slot] = counts;
    }
    counts.rows += rows[index] ?? 0;
    counts.duplicates += duplicates[index] ?? 0;
    counts.requests += n[index] ?? 0;
  }
  return slots.filter((counts) => counts !== undefined);
}

type LoggedCounts = {
  readonly quarterHour: Instant;
  readonly source: "usage_log" | "request_response";
  rows: number;
  duplicates: number;
  requests: number;
};

type Counted = Omit<RowCount, "rows" | "duplicates" | "requests"> & {
  rows: number;
  duplicates: number;
  requests: number;
};

function distinctIdentities(identities: readonly Identity[]): Identity[] {
  return [...new Map(identities.map((identity) => [identity.identityId, identity])).values()].filter(
    (identity) => (identity.identityId as string) !== "",
  );
}
