import type { ContextBand, Modality, Mode, Scope, TokenKind } from "../../usage/price-key.ts";
import type { Tuning } from "../price-row.ts";
import { type MeterWord, readMeterWords } from "./meter-words.ts";
import { versionOf } from "./model-version.ts";
import { readMeterModel } from "./read-meter-model.ts";

/** What a meter sells. */
export const METER_CATEGORIES = [
  "token",
  "ptu",
  "finetune_hosting",
  "finetune_training",
  "grader",
  "tool",
  "media",
  "storage",
  "other",
] as const;
export type MeterCategory = (typeof METER_CATEGORIES)[number];

/** A meter as the Retail Prices API or a price sheet names it. */
export type MeterName = { readonly productName: string; readonly meterName: string; readonly unitOfMeasure: string };

/** The full key of a token meter; `version` is null where the name carries no date. */
export type TokenMeter = {
  readonly status: "classified";
  readonly category: "token";
  readonly model: string;
  readonly version: string | null;
  readonly scope: Scope;
  readonly mode: Mode;
  readonly kind: TokenKind;
  readonly modality: Modality;
  readonly context: ContextBand;
  readonly tuning: Tuning;
  readonly reason: string;
};

/** A meter that sells something else than inference tokens; what the name does not say is null. */
export type OtherMeter = {
  readonly status: "classified";
  readonly category: Exclude<MeterCategory, "token">;
  readonly model: string | null;
  readonly version: string | null;
  readonly scope: Scope | null;
  readonly kind: TokenKind | null;
  readonly tuning: Tuning;
  /** A meter of a purchase that no longer exists; it never prices today's capacity. */
  readonly isLegacy: boolean;
  readonly reason: string;
};

/** A meter whose name does not decide what it prices, and why. */
export type AmbiguousMeter = { readonly status: "ambiguous"; readonly reason: string };

export type MeterClass = TokenMeter | OtherMeter | AmbiguousMeter;

/**
 * Classifies a meter by the words of its name, its product and its unit (pricing reference, section 3). Names are cut into
 * words and each word is looked up; no name is matched whole. What the words do not decide is ambiguous, never guessed.
 */
export function classifyMeter(meter: MeterName): MeterClass {
  const words = readMeterWords(meter.meterName);
  if (words.length === 0) return ambiguous("the meter has no name");
  return otherThanTokens(words, meter) ?? tokenMeter(words, meter);
}

function otherThanTokens(words: readonly MeterWord[], meter: MeterName): MeterClass | undefined {
  const has = (word: string) => words.some(({ value }) => value === word);
  const unit = meter.unitOfMeasure.trim().toLowerCase();
  const isHourly = /hour/.test(unit);
  const unitWord = words.find(({ says }) => says === "unit")?.value ?? "";
  const scopes = valuesOf(words, "scope");
  const scope = scopes.length === 1 ? (scopes[0] ?? null) : null;
  const sold = (category: OtherMeter["category"], model: string | null, reason: string, at = scope): OtherMeter => ({
    status: "classified",
    category,
    model,
    version: null,
    scope: at,
    kind: null,
    tuning: "base",
    isLegacy: false,
    reason,
  });
  if (has("provisioned") || has("ptu") || has("ptus")) {
    if (/month/.test(unit)) {
      return { ...sold("other", null, "legacy monthly commitment of provisioned throughput"), isLegacy: true };
    }
    if (scopes.length > 1) return ambiguous("the name carries two scopes");
    if (!isHourly)
      return ambiguous(`provisioned throughput is sold by the hour, not per ${meter.unitOfMeasure || "unknown unit"}`);
    // The purchase that no longer exists had neither "Managed" nor a scope in its name.
    return has("managed") || scope !== null
      ? sold("ptu", null, "provisioned throughput unit", scope ?? "Regional")
      : { ...sold("ptu", null, "legacy provisioned throughput unit", "Regional"), isLegacy: true };
  }
  if (has("sora")) return sold("media", soraModel(words), "video");
  if (has("dall")) return sold("media", has("3") ? "dall-e-3" : has("2") ? "dall-e-2" : "dall-e", "images");
  if (has("whisper") || has("translate")) {
    const isRealtime = has("realtime");
    const model = has("whisper") ? (isRealtime ? "gpt-realtime-whisper" : "whisper") : "gpt-realtime-translate";
    return sold("media", model, "audio by duration");
  }
  const isByCharacter = /^character/.test(unitWord);
  if (has("speech") || (has("tts") && isByCharacter)) {
    return sold("media", has("hd") ? "tts-hd" : "tts", "speech by characters");
  }
  if (has("interpreter")) return sold("tool", null, "code interpreter sessions");
  if (has("file") && has("search")) {
    return has("gb") || /day|month/.test(unit)
      ? sold("storage", null, "file search storage")
      : sold("tool", null, "file search calls");
  }
  if (has("rerank")) return sold("other", "cohere-rerank", "searches");
  const tunings = valuesOf(words, "tuning");
  if (tunings.includes("grader")) return tuningMeter("grader", "grader of a fine-tuning job", words, meter);
  if (tunings.includes("hosting")) {
    if (!isHourly) return ambiguous(`hosting is sold by the hour, not per ${meter.unitOfMeasure || "unknown unit"}`);
    return tuningMeter("finetune_hosting", "hosting of a fine-tuned deployment", words, meter);
  }
  if (tunings.includes("training"))
    return tuningMeter("finetune_training", "training of a fine-tuned model", words, meter);
  if (words.every(({ says }) => says === "unit" || says === "mode" || says === "noise")) {
    return sold("other", null, "names no model and no tokens", null);
  }
  if (/^(call|session|search|transaction|quer)/.test(unitWord)) return sold("tool", null, `sold per ${unitWord}`);
  if (unitWord === "gb" || (has("storage") && /day|month/.test(unit))) return sold("storage", null, "storage");
  if (/^(video|image|character)/.test(unitWord)) {
    return sold("media", readMeterModel(words, meter.productName).model ?? null, `sold per ${unitWord}`);
  }
  if (/^page/.test(unitWord)) {
    return sold("other", readMeterModel(words, meter.productName).model ?? null, "documents by page");
  }
  const isTool = ["tool", "tools", "calls", "grounding", "bing"].some(has) || (has("web") && has("search"));
  if (isTool && valuesOf(words, "kind").length === 0) return sold("tool", null, "calls of a tool");
  return undefined;
}

/** `Sora 1080p` is the first generation; a number right behind the name is the generation. */
function soraModel(words: readonly MeterWord[]): string {
  const at = words.findIndex(({ value }) => value === "sora");
  const generation = words[at + 1]?.value ?? "";
  if (!/^\d+(\.\d+)?$/.test(generation)) return "sora";
  return words[at + 2]?.value === "pro" ? `sora-${generation}-pro` : `sora-${generation}`;
}

function tuningMeter(
  category: "grader" | "finetune_hosting" | "finetune_training",
  reason: string,
  words: readonly MeterWord[],
  meter: MeterName,
): OtherMeter {
  const found = readMeterModel(words, meter.productName);
  const dates = valuesOf(words, "date");
  const scopes = valuesOf(words, "scope");
  const kind = category === "grader" ? kindOf(words) : undefined;
  const model = found.model ?? null;
  return {
    status: "classified",
    category,
    model,
    version: (model && dates[0] ? versionOf(model, dates[0]) : undefined) ?? null,
    scope: scopes.length === 1 ? (scopes[0] ?? null) : category === "grader" ? null : "Regional",
    kind: kind && "kind" in kind ? kind.kind : null,
    tuning: valuesOf(words, "tuning").includes("developer") ? "developer" : "tuned",
    isLegacy: false,
    reason,
  };
}

function tokenMeter(words: readonly MeterWord[], meter: MeterName): MeterClass {
  const unit = meter.unitOfMeasure.trim().toLowerCase();
  if (!/^(\d+ ?[km]( tokens?)?)?$/.test(unit)) {
    return ambiguous(`tokens are sold per 1K or 1M, not per ${meter.unitOfMeasure}`);
  }
  const found = readMeterModel(words, meter.productName);
  if (found.model === undefined) return ambiguous(found.reason);
  const dates = valuesOf(words, "date");
  if (dates.length > 1) return ambiguous(`the name carries two dates, ${dates.join(" and ")}`);
  const date = found.date ?? dates[0];
  const version = date === undefined ? null : versionOf(found.model, date);
  if (version === undefined) return ambiguous(`the year of version ${date} of ${found.model} is not known`);
  const tunings = valuesOf(words, "tuning");
  const tuning: Tuning = tunings.includes("developer") ? "developer" : tunings.length > 0 ? "tuned" : "base";
  const kind: { kind: TokenKind } | { reason: string } = found.isEmbedding ? embeddingKind(words) : kindOf(words);
  if (!("kind" in kind)) return ambiguous(kind.reason);
  const scopes = valuesOf(words, "scope");
  if (scopes.length > 1) return ambiguous(`the name carries two scopes, ${scopes.join(" and ")}`);
  const modes = valuesOf(words, "mode");
  if (modes.length > 1) return ambiguous(`the name carries two modes, ${modes.join(" and ")}`);
  const contexts = valuesOf(words, "context");
  if (contexts.length > 1) return ambiguous("the name carries both context bands");
  const modality = found.modality(words);
  if (modality === undefined) return ambiguous(`the name does not say which modality of ${found.model} it prices`);
  const notes = [
    ...(tuning === "base" ? [] : [tuning === "tuned" ? "fine-tuned model" : "fine-tuned model, developer tier"]),
    ...(scopes.length === 0 ? ["no scope word: the old spelling of Regional"] : []),
  ];
  return {
    status: "classified",
    category: "token",
    model: found.model,
    version,
    scope: scopes[0] ?? "Regional",
    mode: modes[0] ?? "standard",
    kind: kind.kind,
    modality,
    context: contexts[0] ?? (isBanded(found.model) ? "short" : "any"),
    tuning,
    reason: notes.join("; "),
  };
}

/** Cache write is tested before cached, because both are spelled with `cd`. */
function kindOf(words: readonly MeterWord[]): { readonly kind: TokenKind } | { readonly reason: string } {
  const kinds = new Set(valuesOf(words, "kind"));
  if (kinds.has("input") && kinds.has("output")) return { reason: "the name says both input and output" };
  if (kinds.has("write")) {
    return kinds.has("output") ? { reason: "the name says both cache write and output" } : { kind: "cache_write" };
  }
  const isCached = kinds.has("cached") || kinds.has("cd");
  if (kinds.has("output")) {
    return isCached ? { reason: "the name says both cached and output" } : { kind: "output" };
  }
  if (kinds.has("cached") || (kinds.has("cd") && kinds.has("input"))) return { kind: "cached_input" };
  if (kinds.has("cd")) return { reason: "cd without input or write does not say which tokens" };
  return kinds.has("input") ? { kind: "input" } : { reason: "the name does not say input or output" };
}

function embeddingKind(words: readonly MeterWord[]): { readonly kind: TokenKind } | { readonly reason: string } {
  const kinds = valuesOf(words, "kind");
  return kinds.every((kind) => kind === "input")
    ? { kind: "input" }
    : { reason: `an embedding model has input tokens only, the name says ${kinds.join(" ")}` };
}

/** From gpt-5.4 on a model has a short and a long band, except the small, chat and codex variants (section 1). */
function isBanded(model: string): boolean {
  const match = /^gpt-(\d)(?:\.(\d+))?((?:-[a-z]+)*)$/.exec(model);
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2] ?? 0)];
  return (major > 5 || (major === 5 && minor >= 4)) && !/-(mini|nano|chat|codex)/.test(match[3] ?? "");
}

type ValueOf<Says> = Extract<MeterWord, { says: Says }>["value"];

/** The distinct values of the words that say `says`; the cast holds because a word's value type follows from what it says. */
function valuesOf<Says extends MeterWord["says"]>(words: readonly MeterWord[], says: Says): ValueOf<Says>[] {
  return [...new Set(words.filter((word) => word.says === says).map((word) => word.value as ValueOf<Says>))];
}

function ambiguous(reason: string): AmbiguousMeter {
  return { status: "ambiguous", reason };
}
