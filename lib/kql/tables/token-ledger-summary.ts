import { tableOf } from "./table.ts";

/**
 * `TokenLedgerSummary_CL`: what the product's own summary rule writes, one row per quarter hour and complete key, and one
 * row `rowOf = "bin"` per bin that ran. The last four columns are those that Azure Monitor adds to every such table.
 */
export const TOKEN_LEDGER_SUMMARY = tableOf(
  "TokenLedgerSummary_CL",
  `
  TenantId string
  TimeGenerated datetime
  rowOf string
  quarterHour datetime
  source string
  account string
  deployment string
  model string
  version string
  region string
  operation string
  apiName string
  streamType string
  caller string
  isLong bool
  isJoined bool
  apimSubscription string
  apimProduct string
  apimUser string
  api string
  backend string
  application string
  status string
  provesFilter bool
  gateway string
  host string
  isJoinable bool
  backendStatus string
  reason string
  calls long
  requests long
  rows long
  duplicates long
  withTokens long
  withUsage long
  prompt long
  cached long
  unsplit long
  output long
  oddArrays long
  addedRows long
  completion long
  spans long
  cachedKnown long
  filtered long
  sampled long
  _RuleName string
  _RuleLastModifiedTime datetime
  _BinSize int
  _BinStartTime datetime
  `,
);

/** Columns that the rule's own query writes, in the order of the table; the others come from the service. */
export const SUMMARY_COLUMNS = TOKEN_LEDGER_SUMMARY.columns.filter(({ name }) => /^[a-z]/.test(name));
