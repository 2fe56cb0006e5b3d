/** What one provisioned throughput unit serves: input tokens a minute, and how many input tokens one output token counts as. */
export type PtuThroughput = { readonly inputTokensPerMinute: bigint; readonly outputWeight: bigint };

/** Documented throughput, May 2026 (pricing reference, section 5). Cached tokens are deducted in full. */
const THROUGHPUT: Readonly<Record<string, PtuThroughput>> = {
  "gpt-5.5": { inputTokensPerMinute: 1_200n, outputWeight: 6n },
  "gpt-5.4": { inputTokensPerMinute: 2_400n, outputWeight: 6n },
  "gpt-5.3-codex": { inputTokensPerMinute: 3_400n, outputWeight: 8n },
  "gpt-5.2": { inputTokensPerMinute: 3_400n, outputWeight: 8n },
  "gpt-5.2-codex": { inputTokensPerMinute: 3_400n, outputWeight: 8n },
  "gpt-5.1": { inputTokensPerMinute: 4_750n, outputWeight: 8n },
  "gpt-5.1-codex": { inputTokensPerMinute: 4_750n, outputWeight: 8n },
  "gpt-5": { inputTokensPerMinute: 4_750n, outputWeight: 8n },
  "gpt-5-mini": { inputTokensPerMinute: 23_750n, outputWeight: 8n },
  "gpt-4.1": { inputTokensPerMinute: 3_000n, outputWeight: 4n },
  "gpt-4.1-mini": { inputTokensPerMinute: 14_900n, outputWeight: 4n },
  "gpt-4.1-nano": { inputTokensPerMinute: 59_400n, outputWeight: 4n },
  o3: { inputTokensPerMinute: 3_000n, outputWeight: 4n },
  "o4-mini": { inputTokensPerMinute: 5_400n, outputWeight: 4n },
  "gpt-4o": { inputTokensPerMinute: 2_500n, outputWeight: 4n },
  "gpt-4o-mini": { inputTokensPerMinute: 37_000n, outputWeight: 4n },
  "o3-mini": { inputTokensPerMinute: 2_500n, outputWeight: 4n },
  o1: { inputTokensPerMinute: 230n, outputWeight: 4n },
};

/** The throughput of a model on provisioned capacity, or undefined when nothing is documented. */
export function ptuThroughput(model: string): PtuThroughput | undefined {
  return THROUGHPUT[model.toLowerCase()];
}
