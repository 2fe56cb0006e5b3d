/** Tokens of a deployment and quarter hour as one source counts them; `prompt` includes cached tokens. */
export type CountedTokens = { readonly prompt: bigint; readonly output: bigint };

/** What the platform metric counts beyond the logs, each never below zero: nothing billed disappears with a log row. */
export function metricRemainder(metric: CountedTokens, logged: CountedTokens): CountedTokens {
  return { prompt: beyond(metric.prompt, logged.prompt), output: beyond(metric.output, logged.output) };
}

function beyond(metric: bigint, logged: bigint): bigint {
  return metric > logged ? metric - logged : 0n;
}
