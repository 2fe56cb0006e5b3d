import type { MetricDimensionColumn } from "./store/metrics-table.ts";

export type CatalogueUnit = "Count" | "MilliSeconds" | "Percent";
export type CatalogueAggregation = "Total" | "Average" | "Minimum" | "Maximum" | "Count";

/** A platform metric of `Microsoft.CognitiveServices/accounts`: what it is split by and how it is added up. */
export type CatalogueMetric = {
  readonly name: string;
  readonly unit: CatalogueUnit;
  /** The first one is used when a request names none. */
  readonly aggregations: readonly CatalogueAggregation[];
  readonly dimensions: readonly MetricDimensionColumn[];
};

const D4 = ["region", "deployment", "model_name", "model_version"] as const;
const DT = ["api_name", "deployment", "feature_name", "usage_channel", "region", "model_version"] as const;
const DM = ["api_name", "region", "deployment", "model_name", "model_version"] as const;
const DR = [
  "api_name",
  "operation_name",
  "region",
  "stream_type",
  "deployment",
  "model_name",
  "model_version",
] as const;
const REQUESTS = [...DR, "status_code", "is_spillover", "service_tier_request", "service_tier_response"] as const;
const TOTAL = ["Total", "Count"] as const;
const GAUGE = ["Average", "Minimum", "Maximum", "Count"] as const;

function metric(
  name: string,
  unit: CatalogueUnit,
  aggregations: readonly CatalogueAggregation[],
  dimensions: readonly MetricDimensionColumn[],
): CatalogueMetric {
  return { name, unit, aggregations, dimensions };
}

/**
 * The metrics and their real dimensions, after Microsoft's generated list of 31 July 2026
 * (supported-metrics/microsoft-cognitiveservices-accounts-metrics). Legacy metrics that must not be used for Azure OpenAI are left out.
 */
export const METRICS_CATALOGUE: readonly CatalogueMetric[] = [
  metric("AzureOpenAIRequests", "Count", TOTAL, REQUESTS),
  metric("AzureOpenAIAvailabilityRate", "Percent", GAUGE, DR),
  metric("AzureOpenAITimeToResponse", "MilliSeconds", GAUGE, [...DR, "status_code"]),
  metric("AzureOpenAINormalizedTTFTInMS", "MilliSeconds", GAUGE, D4),
  metric("AzureOpenAITTLTInMS", "MilliSeconds", GAUGE, D4),
  metric("AzureOpenAINormalizedTBTInMS", "MilliSeconds", GAUGE, D4),
  metric("AzureOpenAITokenPerSecond", "Count", GAUGE, D4),
  metric("ProcessedPromptTokens", "Count", TOTAL, DT),
  metric("GeneratedTokens", "Count", TOTAL, DT),
  metric("TokenTransaction", "Count", TOTAL, DT),
  metric("ActiveTokens", "Count", ["Total", ...GAUGE], D4),
  metric("AzureOpenAIContextTokensCacheMatchRate", "Percent", GAUGE, D4),
  metric("AzureOpenAIProvisionedManagedUtilizationV2", "Percent", GAUGE, [...D4, "stream_type"]),
  metric("AudioPromptTokens", "Count", TOTAL, D4),
  metric("AudioCompletionTokens", "Count", TOTAL, D4),
  metric("RAITotalRequests", "Count", TOTAL, DM),
  metric("RAIHarmfulRequests", "Count", TOTAL, [...DM, "text_type", "category", "severity"]),
  metric("RAIRejectedRequests", "Count", TOTAL, [...DM, "text_type", "category"]),
  metric("ModelRequests", "Count", TOTAL, REQUESTS),
  metric("ModelAvailabilityRate", "Percent", GAUGE, D4),
  metric("InputTokens", "Count", TOTAL, DM),
  metric("OutputTokens", "Count", TOTAL, DM),
  metric("TotalTokens", "Count", TOTAL, DM),
  metric("AudioInputTokens", "Count", TOTAL, D4),
  metric("AudioOutputTokens", "Count", TOTAL, D4),
  metric("GeneratedImages", "Count", TOTAL, DM),
  metric("TimeToResponse", "MilliSeconds", GAUGE, [...DR, "status_code"]),
  metric("NormalizedTimeToFirstToken", "MilliSeconds", GAUGE, DR),
  metric("TimeToLastByte", "MilliSeconds", GAUGE, DR),
  metric("NormalizedTimeBetweenTokens", "MilliSeconds", GAUGE, DR),
  metric("TokensPerSecond", "Count", GAUGE, DR),
  metric("ProvisionedUtilization", "Percent", GAUGE, D4),
];
