import { type Kql, kql } from "../kql/kql.ts";
import type { Period } from "../time/instant.ts";
import { inPaddedWindow } from "./window.ts";

/**
 * One row per model span at the time of its end (an agent's own span repeats the tokens of its children and is left out), with the attribute
 * names of the semantic conventions, newest first. `weight` is the number of calls that a sampled span stands for.
 */
export function modelSpans(window: Period | null): Kql {
  return kql`AppDependencies
        | ${inPaddedWindow(window)}
        | extend genAiOperation = tostring(Properties["gen_ai.operation.name"]), spanPrompt = coalesce(tolong(Properties["gen_ai.usage.input_tokens"]), tolong(Properties["gen_ai.usage.prompt_tokens"])), spanOutput = coalesce(tolong(Properties["gen_ai.usage.output_tokens"]), tolong(Properties["gen_ai.usage.completion_tokens"]))
        | where genAiOperation in ("chat", "text_completion", "embeddings", "generate_content") or (isempty(genAiOperation) and isnotnull(spanPrompt))
        | extend errorType = tostring(Properties["error.type"]), finishReasons = tostring(Properties["gen_ai.response.finish_reasons"])
        | summarize spanAt = min(TimeGenerated + tolong(coalesce(DurationMs, 0.0)) * 1ms), spanCopies = count(), role = max(AppRoleName), target = max(Target), weight = max(tolong(ItemCount)), requestModel = max(tostring(Properties["gen_ai.request.model"])), responseModel = max(tostring(Properties["gen_ai.response.model"])), spanResponseId = max(tostring(Properties["gen_ai.response.id"])), spanPrompt = max(spanPrompt), spanCached = max(tolong(Properties["gen_ai.usage.cache_read.input_tokens"])), spanOutput = max(spanOutput), spanStatus = max(ResultCode), isFiltered = countif(errorType has "content_filter" or finishReasons has "content_filter") > 0, genAiOperation = max(genAiOperation) by spanTrace = OperationId, spanId = Id`;
}
