import { SUMMARY_COLUMNS } from "../kql/tables/token-ledger-summary.ts";
import type { Connected } from "../queries/connected.ts";
import {
  SUMMARY_BIN_MINUTES,
  SUMMARY_TABLE,
  type SummaryBinMinutes,
  summaryRuleQuery,
} from "../queries/summary-rule.ts";

export type SummaryBicepOptions = {
  readonly sources: Connected;
  readonly binMinutes: SummaryBinMinutes;
  /** Days that the summary stays readable, 4 to 730: the longest interactive retention. */
  readonly retentionDays: number;
};

/** KQL types that the tables API (`ColumnTypeEnum`) writes otherwise. */
const COLUMN_TYPES: Readonly<Record<string, string>> = { bool: "boolean", datetime: "dateTime" };

/** The longest delay that a rule may have: rows arrive up to four hours late, and history is in no hurry. */
const BIN_DELAY_MINUTES = 1_440;

/**
 * The Bicep file that keeps aggregated history in a Log Analytics workspace: the table with its retention, and the
 * summary rule that fills it with the product's own questions. The schema of the resources is that of API 2025-07-01.
 */
export function summaryBicep({ sources, binMinutes, retentionDays }: SummaryBicepOptions): string {
  return `// Token Ledger: aggregated history beyond the retention of the raw tables.
// Deploy:  az deployment group create -g RESOURCE_GROUP -f summary-rule.bicep -p workspaceName=WORKSPACE
// A rule sees what arrives from now on; it cannot be run over the past. Deploy it before you need it.
// Needs Log Analytics Contributor on the workspace. Public cloud only. The product itself only reads.

@description('Name of the Log Analytics workspace that holds the raw tables.')
param workspaceName string

@description('Minutes of one bin. Calls on the edge of two bins are told in both halves, so long bins tell more.')
@allowed([
${SUMMARY_BIN_MINUTES.map((minutes) => `  ${minutes}`).join("\n")}
])
param binMinutes int = ${binMinutes}

@description('Days that the summary stays readable.')
@minValue(4)
@maxValue(730)
param retentionDays int = ${retentionDays}

@description('False when the table is there already: the columns that the service added to it must not be sent again.')
param createTable bool = true

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource summaryTable 'Microsoft.OperationalInsights/workspaces/tables@2025-07-01' = if (createTable) {
  parent: workspace
  name: '${SUMMARY_TABLE}'
  properties: {
    plan: 'Analytics'
    retentionInDays: retentionDays
    totalRetentionInDays: retentionDays
    schema: {
      name: '${SUMMARY_TABLE}'
      columns: [
        { name: 'TimeGenerated', type: 'dateTime' }
${SUMMARY_COLUMNS.map(({ name, type }) => `        { name: '${name}', type: '${COLUMN_TYPES[type] ?? type}' }`).join("\n")}
      ]
    }
  }
}

resource summaryRule 'Microsoft.OperationalInsights/workspaces/summaryLogs@2025-07-01' = {
  parent: workspace
  name: 'token-ledger-summary'
  dependsOn: [
    summaryTable
  ]
  properties: {
    ruleType: 'User'
    displayName: 'Token Ledger: usage by quarter hour'
    description: 'Tokens and requests of Azure OpenAI per quarter hour and complete key, for Token Ledger.'
    ruleDefinition: {
      binSize: binMinutes
      binDelay: ${BIN_DELAY_MINUTES}
      timeSelector: 'TimeGenerated'
      #disable-next-line BCP073
      destinationTable: '${SUMMARY_TABLE}'
      query: '''
${summaryRuleQuery(sources)}
'''
    }
  }
}

output summaryRuleId string = summaryRule.id
`;
}
