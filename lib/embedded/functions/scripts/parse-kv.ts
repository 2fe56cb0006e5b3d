import type { Script } from "./script-values.ts";

/** What `parse-kv … with (…)` says, but for its regex mode. Without delimiters every character that is no letter and no digit parts. */
export type KvOptions = {
  readonly keys: readonly string[];
  readonly pair?: string;
  readonly between?: string;
  /** One character for both ends, or two: the opening and the closing one. */
  readonly quotes: readonly string[];
  readonly escapes: readonly string[];
  readonly isGreedy: boolean;
};

/** `parse_kv(text, options)`: the values of the keys in their order; a key's first appearance counts, a missing one is null. */
export const parseKvScripts: Readonly<Record<string, Script>> = {
  parse_kv: ([text, options]) => {
    const { keys, pair, between, ...rest } = options as KvOptions;
    const found = new Map<string, string>();
    const keep = (key: string, value: string): unknown => found.has(key) || found.set(key, value);
    if (pair === undefined || between === undefined) readLoose(String(text), options as KvOptions, keep);
    else readPairs(String(text), { keys, pair, between, ...rest }, keep);
    return keys.map((key) => found.get(key) ?? null);
  },
};

type Keep = (key: string, value: string) => unknown;

function readPairs(text: string, options: KvOptions & { pair: string; between: string }, keep: Keep): void {
  const { pair, between } = options;
  const ends = pair.trim() === "" ? "" : pair;
  let at = 0;
  while (at < text.length) {
    at = skipBlanks(text, at, pair);
    const key = quoted(text, at, options);
    const delimiter = text.indexOf(between, key?.end ?? at);
    if (delimiter === -1) return;
    const nextPair = text.indexOf(pair, key?.end ?? at);
    // A piece without a key-value delimiter is no pair.
    if (nextPair !== -1 && nextPair < delimiter && text.slice(nextPair, delimiter).trim() !== "") {
      at = nextPair + pair.length;
      continue;
    }
    const name = key?.value ?? text.slice(at, delimiter).trim();
    const start = skipBlanks(text, delimiter + between.length, ends === "" ? pair : "");
    const value = quoted(text, start, options);
    const stop = valueEnd(text, value?.end ?? start, options);
    keep(name, value?.value ?? text.slice(start, stop).trim());
    at = stop + pair.length;
  }
}

/** Where a plain value ends: at the next pair delimiter, or in greedy mode at the one before the next key. */
function valueEnd(text: string, from: number, options: KvOptions & { pair: string; between: string }): number {
  const { pair, between, isGreedy } = options;
  const next = text.indexOf(pair, from);
  if (next === -1) return text.length;
  if (!isGreedy) return next;
  const delimiter = text.indexOf(between, from);
  if (delimiter === -1) return text.length;
  let keyEnd = delimiter;
  while (keyEnd > from && /\s/.test(text[keyEnd - 1] ?? "")) keyEnd -= 1;
  const last = text.lastIndexOf(pair, keyEnd - 1);
  return last >= from ? last : text.length;
}

/** Every key that stands alone, with the next word or quoted text as its value. */
function readLoose(text: string, options: KvOptions, keep: Keep): void {
  for (const key of options.keys) {
    for (let at = text.indexOf(key); at !== -1; at = text.indexOf(key, at + 1)) {
      const end = at + key.length;
      if (isWord(text[at - 1]) || isWord(text[end])) continue;
      let start = end;
      while (start < text.length && !isWord(text[start]) && !opensQuote(text[start], options)) start += 1;
      // The quote that closes around the key itself opens nothing.
      if (start === end && opensQuote(text[start], options) && text[at - 1] === text[start]) {
        start += 1;
        while (start < text.length && !isWord(text[start]) && !opensQuote(text[start], options)) start += 1;
      }
      let stop = start;
      while (stop < text.length && isWord(text[stop])) stop += 1;
      keep(key, quoted(text, start, options)?.value ?? text.slice(start, stop));
      break;
    }
  }
}

function quoted(text: string, at: number, { quotes, escapes }: KvOptions): { value: string; end: number } | null {
  const pair = quotes.find((quote) => quote !== "" && text[at] === quote[0]);
  if (pair === undefined) return null;
  const close = pair[1] ?? pair[0];
  let value = "";
  for (let place = at + 1; place < text.length; place += 1) {
    const character = text[place] ?? "";
    if (escapes.includes(character) && place + 1 < text.length) {
      place += 1;
      value += text[place] ?? "";
    } else if (character === close) return { value, end: place + 1 };
    else value += character;
  }
  return null;
}

function opensQuote(character: string | undefined, { quotes }: KvOptions): boolean {
  return quotes.some((quote) => quote !== "" && quote[0] === character);
}

function skipBlanks(text: string, at: number, but: string): number {
  let place = at;
  while (place < text.length && /\s/.test(text[place] ?? "") && (but === "" || !text.startsWith(but, place)))
    place += 1;
  return place;
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}
