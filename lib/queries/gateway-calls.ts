import { type Kql, kql } from "../kql/kql.ts";
import type { Period } from "../time/instant.ts";
import type { Connected } from "./connected.ts";
import { modelSpans } from "./model-spans.ts";
import { inPaddedWindow } from "./window.ts";

/**
 * One row per call of the gateway at the time of its end, with the id that Azure OpenAI answered with (`apim-request-id`) where the API
 * diagnostic logs that header (the gateway's own correlation id is another one), the tokens of its language-model log,
 * and the application whose span carries the same response id.
 */
export function gatewayCalls(window: Period | null, sources: Connected): Kql {
  return kql`ApiManagementGatewayLogs
    | ${inPaddedWindow(window)}
    | where isnotempty(CorrelationId)
    | summarize at = min(TimeGenerated + coalesce(TotalTime, long(0)) * 1ms), copies = count(), backendRequestId = max(tostring(BackendResponseHeaders["apim-request-id"])), servedDeployment = max(tostring(BackendResponseHeaders["x-ms-deployment-name"])), apimSubscription = max(ApimSubscriptionId), apimProduct = max(ProductId), apimUser = max(UserId), api = max(ApiId), backend = max(BackendId), backendUrl = max(BackendUrl), url = max(Url), status = max(ResponseCode), backendStatus = max(BackendResponseCode), reason = max(LastErrorReason) by gateway = tolower(_ResourceId), gatewayId = CorrelationId
    ${sources.gatewayLlm ? languageModelLog(window) : NO_LANGUAGE_MODEL_LOG}
    ${sources.gatewayLlm && sources.spans ? spansOfResponses(window) : NO_SPANS}`;
}

const NO_LANGUAGE_MODEL_LOG = kql`| extend responseId = "", deployment = "", model = "", prompt = long(null), completion = long(null), llmRows = long(0)`;

const NO_SPANS = kql`| extend application = "", provesFilter = false`;

function languageModelLog(window: Period | null): Kql {
  return kql`| join kind=leftouter (
        ApiManagementGatewayLlmLog
        | ${inPaddedWindow(window)}
        | where isnotempty(CorrelationId) and isnotempty(DeploymentName)
        | summarize llmCopies = count() by llmGateway = tolower(_ResourceId), llmId = CorrelationId, responseId = RequestId, deployment = DeploymentName, model = ModelName, SequenceNumber, PromptTokens, CompletionTokens
        | summarize llmRows = sum(llmCopies), responseId = max(responseId), deployment = max(deployment), model = max(model), prompt = sum(tolong(PromptTokens)), completion = sum(tolong(CompletionTokens)) by llmGateway, llmId
      ) on $left.gateway == $right.llmGateway, $left.gatewayId == $right.llmId`;
}

function spansOfResponses(window: Period | null): Kql {
  return kql`| join kind=leftouter (
        ${modelSpans(window)}
        | where isnotempty(spanResponseId)
        | summarize application = max(role), provesFilter = countif(isFiltered) > 0 by spanResponseId
      ) on $left.responseId == $right.spanResponseId
    | extend provesFilter = coalesce(provesFilter, false)`;
}
