import { tableOf } from "./table.ts";

/** `AzureMetrics`: one row per metric, resource and minute, without dimensions. The security columns are always empty. */
export const AZURE_METRICS = tableOf(
  "AzureMetrics",
  `
  TenantId string
  TimeGenerated datetime
  ResourceId string
  OperationName string
  OperationVersion string
  ResultType string
  ResultSignature string
  ResultDescription string
  CallerIPAddress string
  CorrelationId string
  Resource string
  ResourceGroup string
  ResourceProvider string
  SubscriptionId string
  MetricName string
  Total real
  Count real
  Maximum real
  Minimum real
  Average real
  TimeGrain string
  UnitName string
  MaliciousIP string
  IndicatorThreatType string
  Description string
  TLPLevel string
  Confidence string
  Severity int
  FirstReportedDateTime string
  LastReportedDateTime string
  IsActive string
  AdditionalInformation string
  RemoteIPCountry string
  RemoteIPLatitude real
  RemoteIPLongitude real
  `,
);
