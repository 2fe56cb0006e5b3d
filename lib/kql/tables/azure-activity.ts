import { tableOf } from "./table.ts";

/** `AzureActivity`: control-plane events, among them the writes and deletes of deployments. */
export const AZURE_ACTIVITY = tableOf(
  "AzureActivity",
  `
  TenantId string
  TimeGenerated datetime
  OperationName string
  OperationNameValue string
  Level string
  ActivityStatus string
  ActivityStatusValue string
  ActivitySubstatus string
  ActivitySubstatusValue string
  ResourceGroup string
  SubscriptionId string
  CorrelationId string
  Caller string
  CallerIpAddress string
  Category string
  CategoryValue string
  HTTPRequest string
  Properties string
  Properties_d dynamic
  Authorization string
  Authorization_d dynamic
  Claims string
  Claims_d dynamic
  EventDataId string
  EventSubmissionTimestamp datetime
  Hierarchy string
  OperationId string
  Resource string
  ResourceId string
  ResourceProvider string
  ResourceProviderValue string
  `,
);
