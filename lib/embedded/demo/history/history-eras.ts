import type { DemoAccountName } from "../accounts.ts";
import { DAY_MS } from "../calendar.ts";
import type { DeploymentEra } from "../deployments.ts";

/** A deployment in the months before the raw tables begin: like an era, but dated by the calendar, because models have release dates. */
export type HistoryEra = DeploymentEra & {
  /** Epoch milliseconds; null is "as long as the history goes" and "until the raw tables begin". */
  readonly since: number | null;
  readonly until: number | null;
};

const SOL_RELEASE = Date.UTC(2026, 6, 1);
const LONG_SWITCH = Date.UTC(2026, 2, 15);
/** The price file has no older price of these two in their scope and region. */
const FIRST_PRICE = Date.UTC(2026, 1, 1);
const CLASSIFIER_SWITCH = Date.UTC(2025, 11, 1);

/** Every deployment of the history. Names go on in `DEPLOYMENT_ERAS`; some ran an older model. */
export const HISTORY_ERAS: readonly HistoryEra[] = [
  era("aoai-prod-eus2", "chat-prod", "GlobalStandard", "gpt-4.1", "2025-04-14"),
  era("aoai-prod-eus2", "assistant-fast", "GlobalStandard", "gpt-4.1-mini", "2025-04-14"),
  era("aoai-prod-eus2", "reasoner", "GlobalStandard", "o4-mini", "2025-04-16"),
  era("aoai-prod-eus2", "search-vectors", "GlobalStandard", "text-embedding-3-large", "1"),
  era("aoai-prod-eus2", "flagship", "GlobalStandard", "gpt-5", "2025-08-07", null, SOL_RELEASE),
  era("aoai-prod-eus2", "flagship", "GlobalStandard", "gpt-5.6-sol", "2026-06-30", SOL_RELEASE),
  era("aoai-prod-eus2", "contracts-long", "GlobalStandard", "gpt-4.1", "2025-04-14", null, LONG_SWITCH),
  era("aoai-prod-eus2", "contracts-long", "GlobalStandard", "gpt-5.4", "2026-03-05", LONG_SWITCH),
  { ...era("aoai-prod-eus2", "core-ptu", "GlobalProvisionedManaged", "gpt-4.1", "2025-04-14"), ptu: 15 },
  era("aoai-prod-eus2", "agent-core", "GlobalStandard", "gpt-4.1-mini", "2025-04-14"),
  era("aoai-prod-swc", "chat-prod", "Standard", "gpt-4o", "2024-11-20"),
  era("aoai-prod-swc", "chat-eu", "DataZoneStandard", "gpt-4o", "2024-11-20"),
  era("aoai-prod-swc", "copilot-mini", "DataZoneStandard", "gpt-5-mini", "2025-08-07"),
  era("aoai-prod-swc", "vectors-eu", "DataZoneStandard", "text-embedding-3-small", "1", FIRST_PRICE),
  era("aoai-data-eus", "extract-regional", "Standard", "gpt-4.1", "2025-04-14", FIRST_PRICE),
  era("aoai-data-eus", "doc-classifier", "GlobalStandard", "gpt-4.1-mini", "2025-04-14", null, CLASSIFIER_SWITCH),
  era("aoai-data-eus", "doc-classifier", "GlobalStandard", "gpt-5.1", "2025-11-13", CLASSIFIER_SWITCH),
  era("aoai-data-eus", "invoices", "GlobalStandard", "gpt-4o-mini", "2024-07-18"),
  era("aoai-labs-eus2", "sandbox", "GlobalStandard", "gpt-5", "2025-08-07"),
  era("aoai-labs-eus2", "deep-think", "DataZoneStandard", "o3", "2025-04-16"),
];

/** How many days before the raw tables each workload of the history began; the others begin with the raw tables. */
export const HISTORY_WORKLOADS: Readonly<Record<string, number>> = {
  "checkout-chat": 335,
  "support-chat": 335,
  "support-triage": 335,
  "legacy-portal": 335,
  "risk-review": 335,
  "search-index": 335,
  "search-query": 335,
  "extract-contracts": 335,
  "invoice-lines": 335,
  "classify-mail": 320,
  "marketing-copy": 310,
  "support-eu": 300,
  "mobile-eu": 280,
  "mobile-assistant": 270,
  "checkout-eu": 260,
  "search-eu": 260,
  "marketing-eu": 245,
  "contract-reading": 250,
  "checkout-core": 240,
  "legal-questions": 230,
  "legal-extract": 220,
  "support-knowledge": 215,
  "risk-reports": 210,
  "mobile-copilot": 200,
  "search-answers": 180,
  "risk-screening": 165,
  "order-agents": 150,
  "campaign-agents": 120,
  "unknown-invoices": 100,
  "lab-notebooks": 95,
  "lab-research": 60,
};

/** The number of the era of a deployment at an instant; undefined for a deployment without history. */
export function historyEraAt(account: string, deployment: string, at: number): number | undefined {
  const index = HISTORY_ERAS.findIndex(
    (known) =>
      known.account === account &&
      known.deployment === deployment &&
      at >= (known.since ?? Number.NEGATIVE_INFINITY) &&
      at < (known.until ?? Number.POSITIVE_INFINITY),
  );
  return index === -1 ? undefined : index;
}

/** When a workload of the history began (epoch ms), given the start of the raw tables and of the history. */
export function workloadStart(name: string, rawStart: number, historyStart: number): number {
  const days = HISTORY_WORKLOADS[name];
  return days === undefined ? rawStart : Math.max(historyStart, rawStart - days * DAY_MS);
}

function era(
  account: DemoAccountName,
  deployment: string,
  sku: DeploymentEra["sku"],
  model: string,
  version: string,
  since: number | null = null,
  until: number | null = null,
): HistoryEra {
  return {
    account,
    deployment,
    sku,
    model,
    version,
    since,
    until,
    fromDaysAgo: null,
    toDaysAgo: null,
    tpm: null,
    rpm: null,
    ptu: null,
    spilloverTo: null,
    firstTokenMs: 0,
    perTokenMs: 0,
    isLossless: true,
    missingUsage: 0,
  };
}
