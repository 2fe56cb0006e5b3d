import { type Instant, toIso } from "../time/instant.ts";

/** KQL text that was written in the source or encoded by a literal below. Only `kql` makes one. */
export type Kql = string & { readonly __brand: "Kql" };

/** One encoded KQL value: a literal, a list of literals or a column name from a constant list. */
export class KqlValue {
  readonly text: string;
  /** Called by the encoders of this file only. */
  constructor(text: string, key: symbol) {
    if (key !== encoders) throw new TypeError("A KQL value is made by str(), dt(), long() and their neighbours only.");
    this.text = text;
  }
}

const encoders = Symbol("encoders of lib/kql/kql.ts");

/**
 * A query or a part of one. Every `${}` is an encoded value or another piece of KQL; a bare string does not compile.
 * Spaces are put around values, because KQL joins adjacent literals.
 */
export function kql(strings: TemplateStringsArray, ...values: readonly (KqlValue | Kql)[]): Kql {
  let text = strings[0] ?? "";
  values.forEach((value, index) => {
    text += value instanceof KqlValue ? ` ${value.text} ` : value;
    text += strings[index + 1] ?? "";
  });
  return text as Kql;
}

/** The longest text that a literal may carry, in UTF-16 code units. */
export const MAX_LITERAL_LENGTH = 1_024;

/** The most values that one list may carry. */
export const MAX_LIST_LENGTH = 500;

/** A string literal in double quotes; refuses NUL, lone surrogates and more than 1,024 characters with a RangeError. */
export function str(value: string): KqlValue {
  if (typeof value !== "string") throw new RangeError(`Not a text: ${typeof value}`);
  if (value.length > MAX_LITERAL_LENGTH)
    throw new RangeError(
      `A text of ${value.length} characters is too long for a query; at most ${MAX_LITERAL_LENGTH}.`,
    );
  if (value.includes("\0")) throw new RangeError("A text in a query must not hold a NUL character.");
  if (!value.isWellFormed()) throw new RangeError("A text in a query must not hold half of a surrogate pair.");
  return new KqlValue(`"${Array.from(value, escaped).join("")}"`, encoders);
}

/** A datetime literal with seven decimals, in UTC. */
export function dt(at: Instant): KqlValue {
  return new KqlValue(`datetime(${toIso(at).replace(/\.(\d{3})Z$/, ".$10000Z")})`, encoders);
}

/** A long literal of a safe integer. */
export function long(value: number): KqlValue {
  if (!Number.isSafeInteger(value)) throw new RangeError(`Not a whole number that a query can carry: ${value}`);
  return new KqlValue(`long(${value})`, encoders);
}

/** A real literal of a finite number. */
export function real(value: number): KqlValue {
  if (!Number.isFinite(value)) throw new RangeError(`Not a finite number: ${value}`);
  return new KqlValue(`real(${value})`, encoders);
}

/** A guid literal; refuses anything but 8-4-4-4-12 hexadecimal digits. */
export function guid(value: string): KqlValue {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(value))
    throw new RangeError(`Not a guid: ${JSON.stringify(value.slice(0, 64))}`);
  return new KqlValue(`guid(${value.toLowerCase()})`, encoders);
}

/** The spans of time that the product's questions use. */
export const TIMESPANS = ["1m", "5m", "15m", "30m", "1h", "6h", "12h", "1d", "2d", "7d", "35d"] as const;

/** A timespan literal from the list of spans in use. */
export function timespan(value: (typeof TIMESPANS)[number]): KqlValue {
  return new KqlValue(oneOf(TIMESPANS, value), encoders);
}

/** Literals for `in (…)`, at least one and at most 500, without the brackets. */
export function list(values: readonly KqlValue[]): KqlValue {
  if (values.length === 0) throw new RangeError("An empty list matches nothing; leave the filter out instead.");
  if (values.length > MAX_LIST_LENGTH)
    throw new RangeError(`A list of ${values.length} values is too long for a query; at most ${MAX_LIST_LENGTH}.`);
  return new KqlValue(values.map((value) => value.text).join(" , "), encoders);
}

/** A column name that stands in a constant list of the program. */
export function column<const Names extends readonly string[]>(names: Names, name: Names[number]): KqlValue {
  const known = oneOf(names, name);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(known)) throw new RangeError(`Not a column name: ${JSON.stringify(known)}`);
  return new KqlValue(known, encoders);
}

/** Column names of a constant list of the program, for `project`. */
export function columns(names: readonly string[]): KqlValue {
  return new KqlValue(names.map((name) => column(names, name).text).join(", "), encoders);
}

function oneOf(names: readonly string[], name: string): string {
  if (!names.includes(name)) throw new RangeError(`Not one of ${names.join(", ")}: ${JSON.stringify(name)}`);
  return name;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function escaped(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short) return short;
  return /[\p{Cc}\u2028\u2029]/u.test(character)
    ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
    : character;
}
