import type { Tuning } from "./price-row.ts";

/** A model as the price book keys it: lower-case name, version (empty when unknown) and whether it is fine-tuned. */
export type ModelName = { readonly model: string; readonly version: string; readonly tuning: Tuning };

/**
 * Reads a model name and version as logs, spans and the inventory write them: `gpt-4o` and `2024-11-20`,
 * `gpt-4o-2024-11-20`, the fine-tuned `gpt-4.1-2025-04-14.ft-1a2b3c` (whose own version is a running number), OpenAI's
 * spelling `gpt-3.5-turbo-0125`, and the turbo versions of gpt-4, which have meters of their own.
 */
export function readModelName(name: string, version: string): ModelName {
  const text = name.trim().toLowerCase();
  const tuned = /^(?:ft:)?(.*?)(?:[.:]ft[-:].*|-ft|:.*)$/.exec(text);
  const isTuned = /^ft:|[.:]ft[-:]|-ft$/.test(text);
  const bare = ((isTuned ? tuned?.[1] : undefined) ?? text).replace(/^gpt-3\.5-/, "gpt-35-");
  const dated =
    /^(.*?)-(\d{4}-\d{2}-\d{2})$/.exec(bare) ?? /^(gpt-35-turbo(?:-16k)?|gpt-4(?:-32k)?)-(\d{4})$/.exec(bare);
  const told = dated?.[2] ?? (version.trim() === "unknown" ? "" : version.trim());
  const tuning = isTuned ? "tuned" : "base";
  const model = dated?.[1] ?? bare;
  if (model === "gpt-4" && /^(turbo-|0125-|1106-)/i.test(told)) return { model: "gpt-4-turbo", version: "", tuning };
  if (model === "gpt-4" && /^vision/i.test(told)) return { model: "gpt-4-turbo-vision", version: "", tuning };
  return { model, version: told, tuning };
}

/** An ARM region name: `East US 2` and `eastus2` are one region; `global` and `unknown` are none. */
export function readRegion(text: string): string {
  const region = text.toLowerCase().replace(/[\s_-]+/g, "");
  return region === "unknown" || region === "global" ? "" : region;
}
