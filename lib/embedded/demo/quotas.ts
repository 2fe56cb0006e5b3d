import { MINUTE_MS } from "./calendar.ts";
import type { DeploymentEra } from "./deployments.ts";

/** What a call asks of its deployment before the answer is known. */
export type Ask = {
  readonly at: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
};

/** Input tokens a minute of one PTU, and how many input tokens one output token weighs (gpt-4.1, May 2026). */
const INPUT_TPM_PER_PTU = 3_000;
const OUTPUT_WEIGHT = 4;

/** How much work a full provisioned deployment may be behind: half a minute of its throughput. */
const BUCKET_MINUTES = 0.5;

/**
 * The limits of every deployment within one quarter hour. They begin unused at its start, so that a quarter hour never
 * depends on another one. Standard: tokens per minute, and requests per ten seconds. Provisioned: a leaky bucket.
 */
export type Quotas = { readonly admits: (era: number, deployment: DeploymentEra, ask: Ask) => boolean };

/** Fresh limits for one quarter hour; calls have to be asked in order of time. */
export function freshQuotas(): Quotas {
  const used = new Map<string, number>();
  const buckets = new Map<number, { level: number; at: number }>();
  const take = (key: string, amount: number, limit: number) => {
    const after = (used.get(key) ?? 0) + amount;
    if (after > limit) return false;
    used.set(key, after);
    return true;
  };
  return {
    admits: (era, deployment, ask) => {
      if (deployment.ptu !== null) return admitsProvisioned(buckets, era, deployment.ptu, ask);
      const tenSeconds = Math.floor(ask.at / 10_000);
      if (deployment.rpm !== null && !take(`r${era}:${tenSeconds}`, 1, deployment.rpm / 6)) return false;
      const tokens = ask.promptTokens + ask.outputTokens;
      return deployment.tpm === null || take(`t${era}:${Math.floor(ask.at / MINUTE_MS)}`, tokens, deployment.tpm);
    },
  };
}

/** Input-equivalent tokens of a call on provisioned capacity: cached input is free, output weighs more. */
export function equivalentTokens(promptTokens: number, cachedTokens: number, outputTokens: number): number {
  return promptTokens - cachedTokens + OUTPUT_WEIGHT * outputTokens;
}

/** Input-equivalent tokens a minute of a provisioned deployment at full use. */
export function provisionedTpm(ptu: number): number {
  return ptu * INPUT_TPM_PER_PTU;
}

function admitsProvisioned(
  buckets: Map<number, { level: number; at: number }>,
  era: number,
  ptu: number,
  ask: Ask,
): boolean {
  const perMinute = provisionedTpm(ptu);
  const before = buckets.get(era) ?? { level: 0, at: ask.at };
  const level = Math.max(0, before.level - ((ask.at - before.at) / MINUTE_MS) * perMinute);
  const isFull = level >= perMinute * BUCKET_MINUTES;
  const charge = isFull ? 0 : equivalentTokens(ask.promptTokens, ask.cachedTokens, ask.outputTokens);
  buckets.set(era, { level: level + charge, at: ask.at });
  return !isFull;
}
