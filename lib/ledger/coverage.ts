import type { AccountId, DeploymentName } from "../usage/usage-fact.ts";
import { keyConditions } from "./conditions.ts";
import type { CoverageQuery, DeploymentCoverage, SeenDeployment } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { ceilQuarter, floorQuarter, quarterInstant } from "./period-buckets.ts";
import { chargeColumn, toBigInt } from "./sum-charges.ts";

const UNOWNED = "'unattributed'";

/** Per deployment: how many of its requests and tokens are known, priced and owned, and what each source counts. */
export async function coverage(database: LedgerDatabase, query: CoverageQuery): Promise<DeploymentCoverage[]> {
  const [from, to] = [floorQuarter(query.period.start), ceilQuarter(query.period.end)];
  const sees = keyConditions(query.sees, {}, chargeColumn);
  const rows = await database.rows(
    `WITH requested AS (
       SELECT k.account, k.deploymentName AS name, sum(r.requests) AS requests, sum(r.withTokens) AS withTokens,
         sum(r.requests) FILTER (b.origin = 'logs') AS raw,
         coalesce(sum(r.requests) FILTER (k.team <> ${UNOWNED}), 0) AS owned
       FROM request r JOIN request_key k ON k.id = r.key JOIN bucket b ON b.qh = r.qh
       WHERE r.qh >= ${from} AND r.qh < ${to} AND k.isInference AND r.attempts > 0 AND ${sees.sql} GROUP BY ALL),
     charged AS (
       SELECT k.account, k.deploymentName AS name, sum(c.quantity) AS tokens,
         coalesce(sum(c.quantity) FILTER (k.pricing <> 'unpriced'), 0) AS priced,
         coalesce(sum(c.quantity) FILTER (k.team <> ${UNOWNED}), 0) AS owned,
         coalesce(sum(c.quantity) FILTER (k.confidence = 'metric_only'), 0) AS metricOnly,
         coalesce(sum(c.quantity) FILTER (k.confidence IN ('estimated', 'estimated_split')), 0) AS estimated
       FROM charge c JOIN charge_key k ON k.id = c.key
       WHERE c.qh >= ${from} AND c.qh < ${to} AND k.part = 'usage' AND ${sees.sql} GROUP BY ALL),
     counted AS (
       SELECT account, deployment AS name, source, sum(requests) AS requests FROM row_count JOIN bucket USING (qh)
       WHERE qh >= ${from} AND qh < ${to} AND origin = 'logs' GROUP BY ALL),
     metered AS (
       SELECT account, deployment AS name, sum(value) AS requests FROM metric_minute
       WHERE minute >= ${from * 15} AND minute < ${to * 15} AND series = 'requests' GROUP BY ALL),
     seen AS (SELECT account, name FROM requested UNION SELECT account, name FROM charged)
     SELECT seen.account, seen.name, r.requests, r.withTokens, r.owned, c.tokens, c.priced, c.owned, c.metricOnly, c.estimated,
       m.requests::BIGINT, (SELECT sum(requests) FROM counted g WHERE g.source = 'gateway_log' AND g.account = seen.account AND g.name = seen.name), r.raw
     FROM seen LEFT JOIN requested r ON r.account = seen.account AND r.name = seen.name
     LEFT JOIN charged c ON c.account = seen.account AND c.name = seen.name
     LEFT JOIN metered m ON m.account = seen.account AND m.name = seen.name
     ORDER BY seen.account, seen.name`,
    [...sees.values, ...sees.values],
  );
  return rows.map((row) => ({
    account: String(row[0]) as AccountId,
    deployment: String(row[1]) as DeploymentName,
    requests: toBigInt(row[2]),
    requestsWithTokens: toBigInt(row[3]),
    requestsWithOwner: toBigInt(row[4]),
    tokens: toBigInt(row[5]),
    pricedTokens: toBigInt(row[6]),
    ownedTokens: toBigInt(row[7]),
    metricOnlyTokens: toBigInt(row[8]),
    estimatedTokens: toBigInt(row[9]),
    requestsByLog: row[12] === null || row[12] === undefined ? null : toBigInt(row[12]),
    requestsByMetric: row[10] === null ? null : toBigInt(row[10]),
    requestsByGateway: row[11] === null ? null : toBigInt(row[11]),
  }));
}

/** The deployments with charges or requests in a period, and what their newest charge says of them. */
export async function listDeployments(database: LedgerDatabase, query: CoverageQuery): Promise<SeenDeployment[]> {
  const [from, to] = [floorQuarter(query.period.start), ceilQuarter(query.period.end)];
  const sees = keyConditions(query.sees, {}, chargeColumn);
  const rows = await database.rows(
    `SELECT k.account, k.deploymentName, k.deployment,
       arg_max(k.model, c.qh), arg_max(k.version, c.qh), arg_max(k.scope, c.qh),
       coalesce(arg_max(k.mode, c.qh) FILTER (k.part = 'usage'), 'provisioned'), arg_max(k.region, c.qh),
       bool_or(k.part <> 'usage' OR k.pricing = 'included'), min(c.qh), max(c.qh)
     FROM charge c JOIN charge_key k ON k.id = c.key
     WHERE c.qh >= ${from} AND c.qh < ${to} AND k.deploymentName <> '' AND ${sees.sql}
     GROUP BY k.account, k.deploymentName, k.deployment ORDER BY k.deployment`,
    [...sees.values],
  );
  return rows.map((row) => ({
    account: String(row[0]) as AccountId,
    deployment: String(row[1]) as DeploymentName,
    key: String(row[2]),
    model: String(row[3]),
    version: String(row[4]),
    scope: String(row[5]),
    mode: String(row[6]),
    region: String(row[7]),
    isProvisioned: row[8] === true,
    firstSeen: quarterInstant(Number(row[9])),
    lastSeen: quarterInstant(Number(row[10]) + 1),
  }));
}
