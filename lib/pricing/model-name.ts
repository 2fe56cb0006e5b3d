import type { Tuning } from "./price-row.ts";

/** A model as the price book keys it: lower-case name, version (empty when unknown) and whether it is fine-tuned. */
export type ModelName = { readonly model: string; readonly version: string; readonly tuning: Tuning };

/**
 * Reads a model name and version as logs, spans and the inventory write them: `gpt-4o` and `2024-11-20`,
 * `gpt-4o-2024-11-20`, the fine-tuned `gpt-4.1-2025-04-14.ft-1a2b3c`, and OpenAI's spelling `gpt-3.5-turbo`.
 */
export function readModelName(name: string, version: string): ModelName {
  const tuned = /^(.*?)(?:[.:]ft[-:].*|-ft)$/i.exec(name.trim());
  const bare = (tuned?.[1] ?? name)
    .trim()
    .toLowerCase()
    .replace(/^ft:/, "")
    .replace(/^gpt-3\.5-/, "gpt-35-");
  const dated = /^(.*?)-(\d{4}-\d{2}-\d{2})$/.exec(bare);
  const given = version.trim() === "unknown" ? "" : version.trim();
  return {
    model: dated?.[1] ?? bare,
    version: given === "" ? (dated?.[2] ?? "") : given,
    tuning: tuned || /^ft:/i.test(name.trim()) ? "tuned" : "base",
  };
}

/** An ARM region name: `East US 2` and `eastus2` are one region; `global` and `unknown` are none. */
export function readRegion(text: string): string {
  const region = text.toLowerCase().replace(/[\s_-]+/g, "");
  return region === "unknown" || region === "global" ? "" : region;
}
