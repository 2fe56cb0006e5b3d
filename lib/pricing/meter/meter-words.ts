import type { ContextBand, Modality, Mode, Scope } from "../../usage/price-key.ts";

/** What one word of a meter name says. `model` words name the model; `date` is a version; `noise` says nothing. */
export type MeterWord =
  | { readonly says: "kind"; readonly value: "input" | "output" | "cached" | "cd" | "write" }
  | { readonly says: "scope"; readonly value: Scope }
  | { readonly says: "mode"; readonly value: Mode }
  | { readonly says: "context"; readonly value: Exclude<ContextBand, "any"> }
  | { readonly says: "modality"; readonly value: Modality }
  | {
      readonly says: "tuning";
      readonly value: "tuned" | "developer" | "hosting" | "training" | "reinforcement" | "grader";
    }
  | { readonly says: "unit"; readonly value: string }
  | { readonly says: "model"; readonly value: string }
  | { readonly says: "date"; readonly value: string }
  | { readonly says: "noise"; readonly value: string }
  | { readonly says: "unknown"; readonly value: string };

/** Every spelling seen in meter names, by what it says (pricing reference, section 3). */
const SPELLINGS: Readonly<Record<string, readonly string[]>> = {
  "kind:input": ["inp", "inpt", "input", "in", "prompt", "inputs"],
  "kind:output": ["outp", "outpt", "out", "output", "opt", "outputs", "completion"],
  "kind:cached": ["cached", "cchd", "ccchd", "cched", "cach", "cache", "cchdd", "chd", "read", "rd", "hit", "hits"],
  "kind:cd": ["cd"],
  "kind:write": ["wr", "write", "writes", "wrt"],
  "scope:Global": ["glbl", "glb", "gl", "global", "glob", "globl", "glbal"],
  "scope:DataZone": ["dzone", "datazone", "dz", "dzn", "dzones", "datazn", "dtzone", "dtzn"],
  "scope:Regional": ["regnl", "regn", "rgnl", "regional", "region", "reg", "rgn", "rg"],
  "mode:standard": ["std", "standard"],
  "mode:batch": ["batch", "btch"],
  "mode:priority": ["pp", "priority"],
  "mode:flex": ["flex", "fl"],
  "context:short": ["shortco", "shrtco", "shco", "shortcontext", "shortctx", "shctx"],
  "context:long": ["longco", "lngco", "loco", "lgco", "longcontext", "longctx", "lngctx", "loctx"],
  "modality:audio": ["aud", "audio"],
  "modality:text": ["txt", "text"],
  "modality:image": ["img", "image", "images", "imgs"],
  "tuning:tuned": ["ft", "sft", "dpo", "finetuned", "finetune", "finetuning"],
  "tuning:developer": ["dev", "developer"],
  "tuning:hosting": ["hstng", "hosting", "hstg"],
  "tuning:training": ["trng", "training", "train"],
  "tuning:reinforcement": ["rft"],
  "tuning:grader": ["grader", "grdr", "graders"],
  "model:mini": ["mini", "mn"],
  "model:nano": ["nano"],
  "model:pro": ["pro"],
  "model:chat": ["chat"],
  "model:codex": ["codex"],
  "model:max": ["max"],
  "model:turbo": ["turbo", "trb"],
  "model:realtime": ["realtime", "rt", "rtime"],
  "model:preview": ["preview", "prvw"],
  "model:transcribe": ["transcribe", "tcrb", "trscb", "trscrb"],
  "model:diarize": ["diarize", "d"],
  "model:tts": ["tts"],
  "noise:": [
    "az",
    "azure",
    "openai",
    "ep",
    "1m",
    "1k",
    "tkn",
    "tkns",
    "tk",
    "mdl",
    "mdel",
    "model",
    "deployment",
    "base",
    "per",
  ],
};

const WORDS: ReadonlyMap<string, MeterWord> = new Map(
  Object.entries(SPELLINGS).flatMap(([meaning, spellings]) => {
    const [says = "", value = ""] = meaning.split(":");
    return spellings.map((spelling) => [spelling, { says, value } as MeterWord] as const);
  }),
);

/** Words that only ever name a family, variant or thing sold; kept apart so that glued words are not cut inside them. */
const MODEL_WORDS = new Set(
  (
    "gpt oss sora dall whisper embedding embeddings ada babbage davinci computer use deep research router latest instruct " +
    "vision command embed rerank speech translate code interpreter file search web bing grounding tool tools storage vector calls assistants provisioned managed ptu ptus " +
    "throughput available overage sol luna terra astra small large plus fast high low res highres lowres hd sq"
  ).split(" "),
);

/** The unit that a name may end with; the unit that counts is the row's `unitOfMeasure`. */
const UNIT_WORDS = new Set(
  "token tokens unit units image images call calls session sessions gb second seconds character characters video videos search searches hour hours minute minutes page pages transaction transactions query queries".split(
    " ",
  ),
);

/** The words of a meter name in order, with what each says: cut at separators, capitals and glued vocabulary. */
export function readMeterWords(meterName: string): MeterWord[] {
  const raw = meterName
    .trim()
    .replace(/\b(20\d{2})-(\d{2})-(\d{2})\b/g, "$1$2$3")
    .replace(/(?:>=?|≥)\s*(?:272|200|128)k\b/gi, " longco ")
    .replace(/(?:<=?|≤)\s*(?:272|200|128)k\b/gi, " shortco ")
    .split(/[^A-Za-z0-9.]+/)
    .flatMap(splitGlued)
    .map((word) => word.toLowerCase().replace(/^\.+|\.+$/g, ""))
    .filter(Boolean);
  const words = joinPairs(raw);
  const last = words.at(-1) ?? "";
  const body = UNIT_WORDS.has(last) && words.length > 1 ? words.slice(0, -1) : words;
  const read = body.flatMap(meaningOf);
  return body.length < words.length ? [...read, { says: "unit", value: last }] : read;
}

/** Cuts `BatchOutp`, `mini0718`, `gpt4omini`, `turbo16K` and `PPInp`; leaves `DZone`, `120B` and `4o` whole. */
function splitGlued(word: string): string[] {
  return word
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/(\d)([A-Z][a-z])/g, "$1 $2")
    .replace(/([A-Z]{2,})([A-Z][a-z])/g, "$1 $2")
    .split(" ")
    .flatMap((part) =>
      part
        .replace(/^(gpt)(\d.*)$/i, "$1 $2")
        .replace(/(^| )(\d+o)([a-z]{3,}|\d{4})/i, "$1$2 $3")
        .replace(/(^| )(o\d)(mini|pro|preview)/i, "$1$2 $3")
        .replace(/(^| )([a-z]{2,}?)(\d{8}|\d{4})$/i, "$1$2 $3")
        .replace(/(^| )(\d{8}|\d{4})([a-z]{2,})$/i, "$1$2 $3")
        .replace(/(^| )(turbo|trb)(\d+k)$/i, "$1$2 $3")
        .replace(/(^| )(\d+(?:\.\d+)?)([a-z]{3,})$/i, "$1$2 $3")
        .split(" "),
    );
}

const PAIRS: ReadonlyMap<string, string> = new Map([
  ["data zone", "datazone"],
  ["d zone", "dzone"],
  ["data zn", "datazn"],
  ["deep seek", "deepseek"],
  ...["co", "ctx", "context"].flatMap((band): [string, string][] => [
    ...["short", "shrt", "sh"].map((word): [string, string] => [`${word} ${band}`, "shortco"]),
    ...["long", "lng", "lg", "lo"].map((word): [string, string] => [`${word} ${band}`, "longco"]),
  ]),
  ["fine tuned", "finetuned"],
  ["fine tune", "finetune"],
  ["fine tuning", "finetuning"],
  ["real time", "realtime"],
  ["high res", "highres"],
  ["low res", "lowres"],
]);

function joinPairs(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const pair = PAIRS.get(`${joined.at(-1) ?? ""} ${word}`);
    if (pair) joined[joined.length - 1] = pair;
    else joined.push(word);
  }
  return joined;
}

function meaningOf(word: string): MeterWord[] {
  const known = WORDS.get(word);
  if (known) return [known];
  if (/^\d{4}$/.test(word) || /^\d{8}$/.test(word)) return [{ says: "date", value: word }];
  if (MODEL_WORDS.has(word) || /\d/.test(word)) return [{ says: "model", value: word }];
  const parts = segment(word);
  return parts ?? [{ says: "unknown", value: word }];
}

/** A glued word such as `batchinp` as its vocabulary words; undefined unless every letter is used, no part a single letter. */
function segment(word: string): MeterWord[] | undefined {
  if (word.length < 4) return undefined;
  for (let length = word.length - 2; length >= 2; length -= 1) {
    const head = WORDS.get(word.slice(0, length));
    if (!head) continue;
    const rest = word.slice(length);
    const tail = WORDS.has(rest) ? [WORDS.get(rest) as MeterWord] : segment(rest);
    if (tail) return [head, ...tail];
  }
  return undefined;
}
