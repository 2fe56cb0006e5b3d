/**
 * The tables of the ledger. Keys are kept once and charges refer to them, so a quarter hour is a few integers a row.
 * `qh` is the number of UTC quarter hours and `minute` of UTC minutes since 1970; `day` is the number of a local date.
 * Picodollars are BIGINT per charge and HUGEINT in sums.
 */
export const LEDGER_TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS price_line (id INTEGER PRIMARY KEY, text VARCHAR NOT NULL, meter VARCHAR NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS charge_key (
    id INTEGER PRIMARY KEY, part VARCHAR NOT NULL, account VARCHAR NOT NULL, accountName VARCHAR NOT NULL,
    deploymentName VARCHAR NOT NULL, deployment VARCHAR NOT NULL, model VARCHAR NOT NULL, version VARCHAR NOT NULL,
    scope VARCHAR NOT NULL, region VARCHAR NOT NULL, mode VARCHAR NOT NULL, contextBand VARCHAR NOT NULL,
    tokenKind VARCHAR NOT NULL, modality VARCHAR NOT NULL, operation VARCHAR NOT NULL, apiVersion VARCHAR NOT NULL,
    streamType VARCHAR NOT NULL, spillover VARCHAR NOT NULL, source VARCHAR NOT NULL, confidence VARCHAR NOT NULL,
    identityId VARCHAR NOT NULL, team VARCHAR NOT NULL, application VARCHAR NOT NULL, rule VARCHAR NOT NULL,
    ownerConfidence VARCHAR NOT NULL, pricing VARCHAR NOT NULL, note VARCHAR NOT NULL, lineId INTEGER NOT NULL,
    upperLineId INTEGER NOT NULL, meter VARCHAR NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS charge (
    qh INTEGER NOT NULL, key INTEGER NOT NULL, quantity BIGINT NOT NULL, listCost BIGINT NOT NULL,
    contractedCost BIGINT NOT NULL, contractedCostUpper BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS charge_day (
    zone VARCHAR NOT NULL, day INTEGER NOT NULL, key INTEGER NOT NULL, quantity HUGEINT NOT NULL, listCost HUGEINT NOT NULL,
    contractedCost HUGEINT NOT NULL, contractedCostUpper HUGEINT NOT NULL, charges BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS request_key (
    id INTEGER PRIMARY KEY, dayKey INTEGER NOT NULL, account VARCHAR NOT NULL, accountName VARCHAR NOT NULL,
    deploymentName VARCHAR NOT NULL, deployment VARCHAR NOT NULL, model VARCHAR NOT NULL, operation VARCHAR NOT NULL,
    apiVersion VARCHAR NOT NULL, streamType VARCHAR NOT NULL, spillover VARCHAR NOT NULL, status VARCHAR NOT NULL,
    cause VARCHAR NOT NULL, team VARCHAR NOT NULL, application VARCHAR NOT NULL, identityId VARCHAR NOT NULL,
    isInference BOOLEAN NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS request (
    qh INTEGER NOT NULL, key INTEGER NOT NULL, requests BIGINT NOT NULL, attempts BIGINT NOT NULL, withTokens BIGINT NOT NULL,
    unmeasured BIGINT NOT NULL, buckets INTEGER[] NOT NULL, counts INTEGER[] NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS request_day (
    zone VARCHAR NOT NULL, day INTEGER NOT NULL, key INTEGER NOT NULL, requests BIGINT NOT NULL, attempts BIGINT NOT NULL,
    withTokens BIGINT NOT NULL, unmeasured BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS latency_day (
    zone VARCHAR NOT NULL, day INTEGER NOT NULL, key INTEGER NOT NULL, bucket INTEGER NOT NULL, n BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS minute_request (
    minute INTEGER NOT NULL, key INTEGER NOT NULL, requests BIGINT NOT NULL, unmeasured BIGINT NOT NULL,
    buckets INTEGER[] NOT NULL, counts INTEGER[] NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS minute_team (minute INTEGER NOT NULL, key INTEGER NOT NULL, requests BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS metric_minute (
    minute INTEGER NOT NULL, account VARCHAR NOT NULL, deployment VARCHAR NOT NULL, series VARCHAR NOT NULL,
    label VARCHAR NOT NULL, value DOUBLE NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS row_count (
    qh INTEGER NOT NULL, account VARCHAR NOT NULL, deployment VARCHAR NOT NULL, source VARCHAR NOT NULL, rows BIGINT NOT NULL,
    duplicates BIGINT NOT NULL, requests BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS row_fault (
    qh INTEGER NOT NULL, account VARCHAR NOT NULL, deployment VARCHAR NOT NULL, fault VARCHAR NOT NULL, n BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS bucket (
    qh INTEGER PRIMARY KEY, hash VARCHAR NOT NULL, readAt BIGINT NOT NULL, origin VARCHAR DEFAULT 'logs')`,
  // Ledgers of before the summary rule hold raw quarter hours only.
  "ALTER TABLE bucket ADD COLUMN IF NOT EXISTS origin VARCHAR DEFAULT 'logs'",
  // By which price-book version a quarter hour was priced (empty: before versions were kept), and whether it came from the archive.
  "ALTER TABLE bucket ADD COLUMN IF NOT EXISTS book VARCHAR DEFAULT ''",
  "ALTER TABLE bucket ADD COLUMN IF NOT EXISTS isFromArchive BOOLEAN DEFAULT false",
  "CREATE TABLE IF NOT EXISTS closed_stretch (lo INTEGER NOT NULL, hi INTEGER NOT NULL)",
  `CREATE TABLE IF NOT EXISTS after_close (
    qh INTEGER PRIMARY KEY, requests BIGINT NOT NULL, tokens BIGINT NOT NULL, contractedCost BIGINT NOT NULL, seenAt BIGINT NOT NULL)`,
  "CREATE TABLE IF NOT EXISTS archived_month (month VARCHAR PRIMARY KEY, hash VARCHAR NOT NULL, failure VARCHAR NOT NULL)",
  `CREATE TABLE IF NOT EXISTS identity (id VARCHAR PRIMARY KEY, text VARCHAR NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS source_clock (
    source VARCHAR, workspace VARCHAR, resource VARCHAR, text VARCHAR NOT NULL, PRIMARY KEY (source, workspace, resource))`,
  `CREATE TABLE IF NOT EXISTS fact (name VARCHAR PRIMARY KEY, text VARCHAR NOT NULL)`,
];
