import { type Kql, kql, long } from "../kql/kql.ts";
import type { Period } from "../time/instant.ts";
import type { Connected } from "./connected.ts";
import { gatewayCalls } from "./gateway-calls.ts";
import { inPaddedWindow } from "./window.ts";

/** A request with more prompt tokens than this is billed whole in the long band, from gpt-5.4 on (pricing reference, section 1). */
export const LONG_CONTEXT_TOKENS = 272_000;

/**
 * One row per call of the accounts' own logs that may touch the window. Rows of one account, category and correlation id
 * are one call: identical rows collapse, the twin of a `RequestResponse` row adds nothing, differing usage rows add up.
 * `envelopeAt` is when the request came in, `usageAt` when its usage row was written. Without a gateway the columns of
 * the gateway are empty.
 */
export function calls(window: Period | null, sources: Connected): Kql {
  return sources.gateway
    ? kql`${resourceCalls(window)}
| join kind=leftouter (
    ${gatewayIdentities(window, sources)}
  ) on $left.id == $right.backendRequestId
| extend isJoined = isnotempty(backendRequestId), provesFilter = coalesce(provesFilter, false)`
    : kql`${resourceCalls(window)}
| extend apimSubscription = "", apimProduct = "", apimUser = "", api = "", backend = "", application = "", isJoined = false, provesFilter = false`;
}

function gatewayIdentities(window: Period | null, sources: Connected): Kql {
  return kql`${gatewayCalls(window, sources)}
    | where isnotempty(backendRequestId)
    | summarize apimSubscription = max(apimSubscription), apimProduct = max(apimProduct), apimUser = max(apimUser), api = max(api), backend = max(backend), application = max(application), provesFilter = countif(provesFilter) > 0 by backendRequestId`;
}

function resourceCalls(window: Period | null): Kql {
  return kql`AzureDiagnostics
| ${inPaddedWindow(window)}
| where ResourceProvider =~ "MICROSOFT.COGNITIVESERVICES" and Category in ("RequestResponse", "AzureOpenAIRequestUsage")
| extend properties = parse_json(column_ifexists("properties_s", "")), isUsage = Category == "AzureOpenAIRequestUsage"
| extend prompt = coalesce(tolong(properties.promptTokens), tolong(array_sum(properties.promptTokens))), cached = coalesce(tolong(properties.cachedTokens), tolong(array_sum(properties.cachedTokens))), output = iff(isUsage, coalesce(tolong(properties.generatedTokens), tolong(array_sum(properties.generatedTokens))), tolong(properties.completionTokens))
| extend isOddArray = isUsage and coalesce(array_length(properties.promptTokens), 1) != 1
| extend id = iff(isempty(CorrelationId), strcat("~", tostring(TimeGenerated), OperationName, tostring(DurationMs), tostring(prompt), tostring(output)), CorrelationId)
| summarize copies = count() by account = tolower(_ResourceId), id, isUsage, at = TimeGenerated, operation = OperationName, status = ResultSignature, durationMs = DurationMs, region = column_ifexists("location_s", ""), caller = tostring(properties.callerObjectId), streamType = tostring(properties.streamType), deployment = tostring(properties.modelDeploymentName), model = tostring(properties.modelName), version = tostring(properties.modelVersion), apiName = tostring(properties.apiName), prompt, cached, output, isOddArray
| summarize usageAt = minif(at, isUsage), envelopeAt = minif(at, not(isUsage)), rows = sum(copies), duplicates = sum(copies) - count(), usageRows = countif(isUsage), oddArrays = countif(isOddArray), operation = max(operation), status = max(iff(isUsage, "", status)), durationMs = maxif(durationMs, not(isUsage) and durationMs >= 0), region = max(region), caller = max(caller), streamType = max(streamType), deployment = max(deployment), model = max(model), version = max(version), apiName = max(apiName), hasUsage = countif(isUsage and isnotnull(prompt)) > 0, usagePrompt = coalesce(sumif(prompt, isUsage), long(0)), usageCached = coalesce(sumif(cached, isUsage), long(0)), hasCached = countif(isUsage and isnotnull(cached)) > 0, usageOutput = coalesce(sumif(output, isUsage), long(0)), hasScalars = countif(not(isUsage) and isnotnull(prompt)) > 0, scalarPrompt = coalesce(maxif(prompt, not(isUsage)), long(0)), scalarOutput = coalesce(maxif(output, not(isUsage)), long(0)), hasEnvelope = countif(not(isUsage)) > 0 by account, id
| extend isLong = iff(hasUsage, usagePrompt, scalarPrompt) > ${long(LONG_CONTEXT_TOKENS)}`;
}
