import type { DeploymentEra } from "../deployments.ts";

export type BilledKind = "input" | "cached" | "output";

/** A meter as invoices write it: its name and the unit that its quantity counts. */
export type BilledMeter = { readonly name: string; readonly unit: "1K" | "1M" | "1 Hour" };

/** Hours of one provisioned throughput unit of a Global deployment. */
export const PTU_METER: BilledMeter = { name: "Provisioned Managed Global Unit", unit: "1 Hour" };
/** Hours for which a fine-tuned model was hosted. */
export const HOSTING_METER: BilledMeter = { name: "gpt-4.1-ft hosting global Unit", unit: "1 Hour" };
/** The fee of the model router, beside the tokens of the model that it chose. */
export const ROUTER_METER: BilledMeter = { name: "Model Router Inp glbl Tokens", unit: "1K" };

/** The meter that Azure bills a kind of token on; undefined for a model that nobody bills (a private preview). */
export function tokenMeter(era: DeploymentEra, kind: BilledKind, isLong: boolean): BilledMeter | undefined {
  const names = NAMES[`${era.model}${era.model === "gpt-5.4" && isLong ? " long" : ""} ${era.sku}`];
  const name = names?.[KINDS.indexOf(kind)];
  return name === undefined ? undefined : { name, unit: name.includes("1M Tokens") ? "1M" : "1K" };
}

const KINDS: readonly BilledKind[] = ["input", "cached", "output"];

/** Input, cached input and output; copied by hand from the retail price list of 2026-07-31. An embedding has input alone. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  "gpt-4.1 GlobalStandard": ["gpt 4.1 Inp glbl Tokens", "gpt 4.1 cached Inp glbl Tokens", "gpt 4.1 Outp glbl Tokens"],
  "gpt-4.1 Standard": ["gpt 4.1 Inp regnl Tokens", "gpt 4.1 cached Inp regnl Tokens", "gpt 4.1 Outp regnl Tokens"],
  "gpt-4.1-mini GlobalStandard": [
    "gpt 4.1 mini Inp glbl Tokens",
    "gpt 4.1 mini cached Inp glbl Tokens",
    "gpt 4.1 mini Outp glbl Tokens",
  ],
  "o4-mini GlobalStandard": [
    "o4-mini 0416 Inp glbl Tokens",
    "o4-mini 0416 cached Inp glbl Tokens",
    "o4-mini 0416 Outp glbl Tokens",
  ],
  "o3 DataZoneStandard": [
    "o3 0416 Inp Data Zone Tokens",
    "o3 0416 cached Inp Data Zone Tokens",
    "o3 0416 Outp Data Zone Tokens",
  ],
  "gpt-4o Standard": [
    "gpt 4o 1120 Inp regnl Tokens",
    "gpt 4o 1120 cached Inp regnl Tokens",
    "gpt 4o 1120 Outp regnl Tokens",
  ],
  "gpt-4o DataZoneStandard": [
    "gpt 4o 1120 Inp Data Zone Tokens",
    "gpt 4o 1120 cached Inp Data Zone Tokens",
    "gpt 4o 1120 Outp Data Zone Tokens",
  ],
  "gpt-4o-mini GlobalStandard": [
    "gpt-4o-mini-0718-Inp-glbl Tokens",
    "gpt 4o mini 0718 cached Inp glbl Tokens",
    "gpt-4o-mini-0718-Outp-glbl Tokens",
  ],
  "gpt-4o-mini DataZoneStandard": [
    "gpt 4o mini 0718 Inp Data Zone Tokens",
    "gpt 4o mini 0718 cached Inp Data Zone Tokens",
    "gpt 4o mini 0718 Outp Data Zone Tokens",
  ],
  "gpt-5 GlobalStandard": ["GPT 5 Inpt Glbl 1M Tokens", "GPT 5 cchd Inpt Glbl 1M Tokens", "GPT 5 outpt Glbl 1M Tokens"],
  "gpt-5.1 GlobalStandard": ["GPT 5.1 inp Gl 1M Tokens", "GPT 5.1 cd inp Gl 1M Tokens", "GPT 5.1 opt Gl 1M Tokens"],
  "gpt-5.4 GlobalStandard": ["5.4 inp Gl 1M Tokens", "5.4 cd inp Gl 1M Tokens", "5.4 opt Gl 1M Tokens"],
  "gpt-5.4 long GlobalStandard": [
    "5.4 longco inp Gl 1M Tokens",
    "5.4 longco cd inp Gl 1M Tokens",
    "5.4 longco opt Gl 1M Tokens",
  ],
  "gpt-5.6-sol GlobalStandard": [
    "5.6 sol ShortCo Inp Std Gl 1M Tokens",
    "5.6 sol ShortCo Cd Inp Std Gl 1M Tokens",
    "5.6 sol ShortCo Opt Std Gl 1M Tokens",
  ],
  "gpt-5-mini DataZoneStandard": [
    "GPT 5 Mini Inpt DZone 1M Tokens",
    "GPT 5 Mini cchd Inpt DZone 1M Tokens",
    "GPT 5 Mini outpt DZone 1M Tokens",
  ],
  "gpt-5-mini GlobalBatch": [
    "GPT 5 Mini Batch Inpt Glbl 1M Tokens",
    "GPT 5 Mini Batch Inpt cchd Glbl 1M Tokens",
    "GPT 5 Mini Batch outpt Glbl 1M Tokens",
  ],
  "text-embedding-3-large GlobalStandard": ["text-embedding-3-large-glbl Tokens"],
  "text-embedding-3-small DataZoneStandard": ["text embedding 3 small DZ Tokens"],
};
