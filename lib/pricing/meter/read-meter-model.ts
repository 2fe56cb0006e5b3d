import type { Modality } from "../../usage/price-key.ts";
import type { MeterWord } from "./meter-words.ts";

/** The model that a meter name names: `date` replaces the date words of the name. */
export type MeterModel =
  | {
      readonly model: string;
      readonly date?: string;
      readonly isEmbedding: boolean;
      readonly modality: (words: readonly MeterWord[]) => Modality | undefined;
    }
  | { readonly model: undefined; readonly reason: string };

/**
 * Reads the model from the words that are left when scope, mode, kind and the like are taken away. The family comes from
 * the words and, for bare numbers such as `5.1`, from the product. The name given is the one that Azure deploys.
 */
export function readMeterModel(words: readonly MeterWord[], productName: string): MeterModel {
  const product = productName.trim().toLowerCase();
  const left = words.filter(({ says }) => says === "model" || says === "unknown").map(({ value }) => value);
  if (product !== "" && !/openai|foundry|cognitive/.test(product)) return partnerModel(left, product);
  const names = left.filter((word) => word !== "gpt");
  const context: Reading = { words, names, hasGpt: left.includes("gpt"), product };
  for (const read of FAMILIES) {
    const found = read(context);
    if (found) return found;
  }
  return unread(names.length === 0 ? "the name names no model" : `no known model is named by ${names.join(" ")}`);
}

type Reading = {
  readonly words: readonly MeterWord[];
  readonly names: readonly string[];
  readonly hasGpt: boolean;
  readonly product: string;
};

type FamilyReader = (reading: Reading) => MeterModel | undefined;

const FAMILIES: readonly FamilyReader[] = [
  openWeights,
  embedding,
  computerUse,
  completion,
  router,
  reasoning,
  omni,
  legacyChat,
  realtime,
  audioOrImage,
  codexMini,
  latest,
  numbered,
];

function openWeights({ names, product }: Reading): MeterModel | undefined {
  if (!names.includes("oss") && !(product.includes("oss") && /^\d+b$/.test(names[0] ?? ""))) return undefined;
  const size = names.find((name) => /^\d+b$/.test(name));
  const extra = names.filter((name) => name !== "oss" && name !== size);
  if (!size) return unread("an open-weights model without its size");
  return extra.length > 0 ? unknownWords(extra) : found(`gpt-oss-${size}`, textUnlessTold);
}

function embedding({ names }: Reading): MeterModel | undefined {
  if (!names.some((name) => name === "embedding" || name === "embeddings")) return undefined;
  const rest = names.filter((name) => name !== "embedding" && name !== "embeddings" && name !== "002");
  const model = rest.join("-");
  if (model === "ada") return { ...found("text-embedding-ada-002", textUnlessTold), isEmbedding: true };
  return /^\d+-(small|large)$/.test(model)
    ? { ...found(`text-embedding-${model}`, textUnlessTold), isEmbedding: true }
    : unknownWords(rest);
}

function computerUse({ names }: Reading): MeterModel | undefined {
  if (!names.includes("computer")) return undefined;
  const extra = names.filter((name) => !["computer", "use", "preview"].includes(name));
  return extra.length > 0 ? unknownWords(extra) : found("computer-use-preview", textUnlessTold);
}

function completion({ names }: Reading): MeterModel | undefined {
  const model = names.find((name) => name === "babbage" || name === "davinci");
  return model && found(`${model}-002`, textUnlessTold);
}

function router({ names }: Reading): MeterModel | undefined {
  return names.includes("router") ? found("model-router", textUnlessTold) : undefined;
}

function reasoning({ names }: Reading): MeterModel | undefined {
  const [series = "", ...variants] = names;
  if (!/^o\d$/.test(series)) return undefined;
  const variant = variants.join("-");
  return ["", "mini", "pro", "preview", "deep-research"].includes(variant)
    ? found(variant === "" ? series : `${series}-${variant}`, textUnlessTold)
    : unknownWords(variants);
}

function omni({ names, words }: Reading): MeterModel | undefined {
  if (!names.includes("4o")) return undefined;
  const known = ["4o", "mini", "realtime", "preview", "transcribe", "diarize", "tts"];
  const extra = names.filter((name) => !known.includes(name));
  if (extra.length > 0) return unknownWords(extra);
  const base = names.includes("mini") ? "gpt-4o-mini" : "gpt-4o";
  if (names.includes("realtime")) return found(`${base}-realtime-preview`, onlyTold);
  if (names.includes("transcribe")) {
    return found(`${base}-transcribe${names.includes("diarize") ? "-diarize" : ""}`, (all) =>
      isOutput(all) ? textUnlessTold(all) : onlyTold(all),
    );
  }
  if (names.includes("tts")) {
    return found(`${base}-tts`, (all) => onlyTold(all) ?? (isOutput(all) ? "audio" : textUnlessTold(all)));
  }
  if (modalitiesOf(words).includes("audio")) return found(`${base}-audio-preview`, textElseAudio);
  return found(base, textUnlessTold);
}

/** gpt-4.1, gpt-4.5, gpt-4 and gpt-35; context sizes are part of old names, `125` is version 0125. */
function legacyChat({ names, words }: Reading): MeterModel | undefined {
  const [number = "", ...rest] = names;
  const variant = rest.join("-");
  switch (number) {
    case "4.1":
      return ["", "mini", "nano"].includes(variant)
        ? found(variant === "" ? "gpt-4.1" : `gpt-4.1-${variant}`, textUnlessTold)
        : unknownWords(rest);
    case "4.5":
      return variant === "" || variant === "preview" ? found("gpt-4.5-preview", textUnlessTold) : unknownWords(rest);
    case "4": {
      const models: Readonly<Record<string, string>> = {
        "": "gpt-4",
        "8k": "gpt-4",
        "32k": "gpt-4-32k",
        turbo: "gpt-4-turbo",
        "turbo-128k": "gpt-4-turbo",
        "turbo-vision": "gpt-4-turbo-vision",
        "turbo-vision-128k": "gpt-4-turbo-vision",
      };
      const model = models[variant];
      return model === undefined ? unknownWords(rest) : found(model, textUnlessTold);
    }
    case "35":
    case "3.5":
      return turbo(rest, words);
    default:
      return undefined;
  }
}

/** Versions 0125 and 1106 are gpt-35-turbo although they read 16K; only the undated 16K is a model of its own. */
function turbo(rest: readonly string[], words: readonly MeterWord[]): MeterModel {
  const is0125 = rest.includes("125");
  const variant = rest.filter((word) => word !== "125").join("-");
  if (variant === "turbo-instruct") return found("gpt-35-turbo-instruct", textUnlessTold);
  if (!["turbo", "turbo-4k", "turbo-16k"].includes(variant)) return unknownWords(rest);
  const model = found("gpt-35-turbo", textUnlessTold);
  if (is0125) return { ...model, date: "0125" };
  const isDated = words.some(({ says }) => says === "date");
  return variant === "turbo-16k" && !isDated ? { ...model, model: "gpt-35-turbo-16k" } : model;
}

function realtime({ names }: Reading): MeterModel | undefined {
  if (!names.includes("realtime")) return undefined;
  const rest = names.filter((name) => name !== "realtime" && name !== "preview");
  const number = rest.find((name) => /^\d+(\.\d+)?$/.test(name));
  const extra = rest.filter((name) => name !== number && name !== "mini");
  if (extra.length > 0) return unknownWords(extra);
  const parts = ["gpt-realtime", number, rest.includes("mini") ? "mini" : undefined];
  return found(parts.filter(Boolean).join("-"), onlyTold);
}

/** `gpt aud 1.5`, `gpt img 1 mini`, `Image 2`: the first modality word names the family. */
function audioOrImage({ names, words, hasGpt, product }: Reading): MeterModel | undefined {
  const body = words.filter(({ says, value }) => says !== "noise" && value !== "gpt");
  const first = body[0];
  if (first?.says !== "modality" || first.value === "text") return undefined;
  if (!hasGpt && !product.includes("media")) return undefined;
  const number = names.find((name) => /^\d+(\.\d+)?$/.test(name));
  const extra = names.filter((name) => name !== number && name !== "mini");
  if (extra.length > 0) return unknownWords(extra);
  const model = [`gpt-${first.value}`, number, names.includes("mini") ? "mini" : undefined].filter(Boolean).join("-");
  if (first.value === "audio") return found(model, textElseAudio);
  if (!number) return unread("an image model without its number");
  return found(model, (all) => only(modalitiesAfter(all, first)));
}

function codexMini({ names }: Reading): MeterModel | undefined {
  return names.join("-") === "codex-mini" ? found("codex-mini", textUnlessTold) : undefined;
}

function latest({ names }: Reading): MeterModel | undefined {
  if (!names.includes("latest")) return undefined;
  return names.join("-") === "chat-latest"
    ? found("chat-latest", textUnlessTold)
    : unread("latest alone does not say which model");
}

/** gpt-5 and later: the number and the variant words beside it; `54` is 5.4 in the product of GPT5. */
function numbered({ names, words, product }: Reading): MeterModel | undefined {
  const [first = "", ...variants] = names;
  const family = /gpt\s*(\d+)$/.exec(product)?.[1];
  const number = family && /^\d{2}$/.test(first) && first.startsWith(family) ? `${family}.${first.slice(1)}` : first;
  if (!/^\d{1,2}(\.\d+)?$/.test(number) || Number(number) < 5) return undefined;
  const odd = variants.filter((variant) => !/^[a-z]{3,}$/.test(variant));
  if (odd.length > 0) return unknownWords(odd);
  const positions = words.flatMap(({ value, says }, index) =>
    says === "unknown" && variants.includes(value) ? [index] : [],
  );
  const start = words.findIndex(({ value }) => value === first);
  const apart = positions.find((position) =>
    words.slice(start + 1, position).some(({ says }) => says !== "model" && says !== "unknown"),
  );
  if (apart !== undefined) return unknownWords([words[apart]?.value ?? ""]);
  return found(["gpt", number, ...variants].join("-"), textUnlessTold);
}

/** Models of other publishers have no grammar of their own: what is left is the name, behind the publisher's. */
function partnerModel(left: readonly string[], product: string): MeterModel {
  const publisher = /^(?:azure )?([a-z0-9]+)/.exec(product)?.[1] ?? "";
  if (left.length === 0) return unread("the name names no model");
  const name = left.join("-");
  const model = name.startsWith(publisher) ? name : `${publisher}-${name}`;
  return { ...found(model, textUnlessTold), isEmbedding: left.includes("embed") };
}

function found(model: string, modality: (words: readonly MeterWord[]) => Modality | undefined) {
  return { model, isEmbedding: false, modality } as const;
}

function unread(reason: string): MeterModel {
  return { model: undefined, reason };
}

function unknownWords(words: readonly string[]): MeterModel {
  return unread(words.length === 0 ? "the name names no model" : `unknown words: ${words.join(" ")}`);
}

function modalitiesOf(words: readonly MeterWord[]): Modality[] {
  return [...new Set(words.flatMap((word) => (word.says === "modality" ? [word.value] : [])))];
}

function modalitiesAfter(words: readonly MeterWord[], first: MeterWord): Modality[] {
  return modalitiesOf(words.slice(words.indexOf(first) + 1));
}

function only(modalities: readonly Modality[]): Modality | undefined {
  return modalities.length === 1 ? modalities[0] : undefined;
}

function textUnlessTold(words: readonly MeterWord[]): Modality | undefined {
  const told = modalitiesOf(words);
  return told.length === 0 ? "text" : only(told);
}

function isOutput(words: readonly MeterWord[]): boolean {
  return words.some(({ says, value }) => says === "kind" && value === "output");
}

function onlyTold(words: readonly MeterWord[]): Modality | undefined {
  return only(modalitiesOf(words));
}

/** In an audio model's names `aud` is the family; `txt` beside it means the text tokens. */
function textElseAudio(words: readonly MeterWord[]): Modality | undefined {
  const told = modalitiesOf(words);
  return told.includes("image") ? undefined : told.includes("text") ? "text" : "audio";
}
