import type { DemoAccountName } from "./accounts.ts";
import { DAY_MS, quarterOf } from "./calendar.ts";

export type DemoSku = "Standard" | "GlobalStandard" | "DataZoneStandard" | "GlobalBatch" | "GlobalProvisionedManaged";

/**
 * One deployment for as long as nothing about it changed. A resize, a model switch or a deletion ends it and begins the
 * next one. Offsets are days before the creation of the demo; null is "before the demo begins" and "still".
 */
export type DeploymentEra = {
  readonly account: DemoAccountName;
  readonly deployment: string;
  readonly sku: DemoSku;
  readonly model: string;
  readonly version: string;
  readonly fromDaysAgo: number | null;
  readonly toDaysAgo: number | null;
  readonly tpm: number | null;
  readonly rpm: number | null;
  readonly ptu: number | null;
  readonly spilloverTo: string | null;
  /** Milliseconds to the first token, and per generated token. */
  readonly firstTokenMs: number;
  readonly perTokenMs: number;
  /** Usage rows always arrive, and within half a minute. */
  readonly isLossless: boolean;
  /** Share of calls without a usage row. */
  readonly missingUsage: number;
};

type Given = Pick<
  DeploymentEra,
  "account" | "deployment" | "sku" | "model" | "version" | "firstTokenMs" | "perTokenMs"
> &
  Partial<DeploymentEra>;

const GPT_41 = { model: "gpt-4.1", version: "2025-04-14", firstTokenMs: 480, perTokenMs: 14 };
const GPT_41_MINI = { model: "gpt-4.1-mini", version: "2025-04-14", firstTokenMs: 310, perTokenMs: 9 };
const GPT_4O = { model: "gpt-4o", version: "2024-11-20", firstTokenMs: 430, perTokenMs: 12 };
const GPT_4O_MINI = { model: "gpt-4o-mini", version: "2024-07-18", firstTokenMs: 290, perTokenMs: 8 };
const GPT_5 = { model: "gpt-5", version: "2025-08-07", firstTokenMs: 1_900, perTokenMs: 11 };
const GPT_5_MINI = { model: "gpt-5-mini", version: "2025-08-07", firstTokenMs: 700, perTokenMs: 7 };
const GPT_51 = { model: "gpt-5.1", version: "2025-11-13", firstTokenMs: 900, perTokenMs: 10 };

/** Every deployment of the demo company, in the order in which they are numbered. No name is a model's name. */
export const DEPLOYMENT_ERAS: readonly DeploymentEra[] = [
  era({ account: "aoai-prod-eus2", deployment: "chat-prod", sku: "GlobalStandard", ...GPT_41, tpm: 150_000, rpm: 900 }),
  era({ account: "aoai-prod-eus2", deployment: "assistant-fast", sku: "GlobalStandard", ...GPT_41_MINI, tpm: 900_000 }),
  era({
    account: "aoai-prod-eus2",
    deployment: "reasoner",
    sku: "GlobalStandard",
    model: "o4-mini",
    version: "2025-04-16",
    firstTokenMs: 2_600,
    perTokenMs: 8,
  }),
  era({
    account: "aoai-prod-eus2",
    deployment: "search-vectors",
    sku: "GlobalStandard",
    model: "text-embedding-3-large",
    version: "1",
    firstTokenMs: 60,
    perTokenMs: 0,
    tpm: 2_000_000,
  }),
  era({
    account: "aoai-prod-eus2",
    deployment: "flagship",
    sku: "GlobalStandard",
    model: "gpt-5.6-sol",
    version: "2026-06-30",
    firstTokenMs: 1_100,
    perTokenMs: 12,
    isLossless: true,
  }),
  era({
    account: "aoai-prod-eus2",
    deployment: "contracts-long",
    sku: "GlobalStandard",
    model: "gpt-5.4",
    version: "2026-03-05",
    firstTokenMs: 4_800,
    perTokenMs: 13,
    tpm: 6_000_000,
    isLossless: true,
  }),
  era({
    account: "aoai-prod-eus2",
    deployment: "core-ptu",
    sku: "GlobalProvisionedManaged",
    ...GPT_41,
    firstTokenMs: 260,
    perTokenMs: 9,
    tpm: null,
    rpm: null,
    ptu: 15,
    spilloverTo: "core-spill",
    isLossless: true,
    toDaysAgo: 45,
  }),
  era({
    account: "aoai-prod-eus2",
    deployment: "core-ptu",
    sku: "GlobalProvisionedManaged",
    ...GPT_41,
    firstTokenMs: 260,
    perTokenMs: 9,
    tpm: null,
    rpm: null,
    ptu: 20,
    spilloverTo: "core-spill",
    isLossless: true,
    fromDaysAgo: 45,
  }),
  era({
    account: "aoai-prod-eus2",
    deployment: "core-spill",
    sku: "GlobalStandard",
    ...GPT_41,
    tpm: 900_000,
    isLossless: true,
  }),
  era({ account: "aoai-prod-eus2", deployment: "agent-core", sku: "GlobalStandard", ...GPT_41_MINI, toDaysAgo: 30 }),
  era({ account: "aoai-prod-eus2", deployment: "agent-core", sku: "GlobalStandard", ...GPT_51, fromDaysAgo: 30 }),
  era({ account: "aoai-prod-swc", deployment: "chat-prod", sku: "Standard", ...GPT_4O, tpm: 400_000 }),
  era({ account: "aoai-prod-swc", deployment: "chat-eu", sku: "DataZoneStandard", ...GPT_4O, tpm: 500_000 }),
  era({ account: "aoai-prod-swc", deployment: "copilot-mini", sku: "DataZoneStandard", ...GPT_5_MINI }),
  era({
    account: "aoai-prod-swc",
    deployment: "vectors-eu",
    sku: "DataZoneStandard",
    model: "text-embedding-3-small",
    version: "1",
    firstTokenMs: 45,
    perTokenMs: 0,
    tpm: 2_000_000,
  }),
  era({ account: "aoai-data-eus", deployment: "nightly-batch", sku: "GlobalBatch", ...GPT_5_MINI, tpm: 50_000_000 }),
  era({ account: "aoai-data-eus", deployment: "extract-regional", sku: "Standard", ...GPT_41, tpm: 500_000 }),
  era({
    account: "aoai-data-eus",
    deployment: "doc-classifier",
    sku: "GlobalStandard",
    ...GPT_51,
    isLossless: true,
  }),
  era({ account: "aoai-data-eus", deployment: "invoices", sku: "GlobalStandard", ...GPT_4O_MINI, toDaysAgo: 40 }),
  era({
    account: "aoai-data-eus",
    deployment: "invoices",
    sku: "DataZoneStandard",
    ...GPT_4O_MINI,
    fromDaysAgo: 40 - 30 / (24 * 60),
  }),
  era({ account: "aoai-labs-eus2", deployment: "sandbox", sku: "GlobalStandard", ...GPT_5, missingUsage: 0.35 }),
  era({
    account: "aoai-labs-eus2",
    deployment: "deep-think",
    sku: "DataZoneStandard",
    model: "o3",
    version: "2025-04-16",
    firstTokenMs: 3_900,
    perTokenMs: 12,
    missingUsage: 0.3,
  }),
  era({
    account: "aoai-labs-eus2",
    deployment: "experimental",
    sku: "GlobalStandard",
    model: "gpt-5.9-preview",
    version: "2026-10-01",
    firstTokenMs: 1_300,
    perTokenMs: 12,
    missingUsage: 0.3,
  }),
];

/** The era of a deployment at an instant, given the creation of the demo; undefined while it did not exist. */
export function eraIndexAt(account: string, deployment: string, at: number, createdAt: number): number | undefined {
  const index = DEPLOYMENT_ERAS.findIndex(
    (era) =>
      era.account === account &&
      era.deployment === deployment &&
      at >= eraStart(era, createdAt) &&
      at < eraEnd(era, createdAt),
  );
  return index === -1 ? undefined : index;
}

/** Epoch milliseconds at which an era begins, minus infinity when it began before the demo. */
export function eraStart(era: DeploymentEra, createdAt: number): number {
  return era.fromDaysAgo === null ? Number.NEGATIVE_INFINITY : quarterOf(createdAt - era.fromDaysAgo * DAY_MS);
}

/** Epoch milliseconds at which an era ends, infinity when it still exists. */
export function eraEnd(era: DeploymentEra, createdAt: number): number {
  return era.toDaysAgo === null ? Number.POSITIVE_INFINITY : quarterOf(createdAt - era.toDaysAgo * DAY_MS);
}

function era(given: Given): DeploymentEra {
  return {
    fromDaysAgo: null,
    toDaysAgo: null,
    tpm: 300_000,
    rpm: 1_800,
    ptu: null,
    spilloverTo: null,
    isLossless: false,
    ...given,
    missingUsage: given.isLossless ? 0 : (given.missingUsage ?? 0.025),
  };
}
