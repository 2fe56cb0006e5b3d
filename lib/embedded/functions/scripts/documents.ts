import { isReal, type Script } from "./script-values.ts";

/** Functions that walk a dynamic of any depth, and one that takes a command line apart. */
export const documentScripts: Readonly<Record<string, Script>> = {
  treepath: ([value]) => (isBag(value) || Array.isArray(value) ? pathsOf(value, "") : null),
  dynamic_to_json: ([value]) => (value === null || value === undefined ? null : inOrder(value)),
  parse_command_line: ([text]) => (typeof text === "string" && text.trim() !== "" ? windowsArguments(text) : null),
};

function pathsOf(value: unknown, before: string): string[] {
  const steps: [string, unknown][] = Array.isArray(value)
    ? value.map((item: unknown, index) => [`[${index}]`, item])
    : Object.entries(value ?? {}).map(([key, item]) => [`['${key}']`, item]);
  return steps.flatMap(([step, item]) => {
    const path = before + step;
    return isBag(item) || Array.isArray(item) ? [path, ...pathsOf(item, path)] : [path];
  });
}

/** Bags with their keys in order, so that equal values are written alike. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isBag(value)) return value;
  const keys = Object.keys(value).sort((a, b) => (a < b ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, inOrder(value[key])]));
}

function isBag(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isReal(value);
}

/** The rules of Windows: blanks part the arguments, quotes hold them together, a backslash counts only before a quote. */
function windowsArguments(text: string): string[] {
  const found: string[] = [];
  let current = "";
  let isQuoted = false;
  let hasStarted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === "\\") {
      const slashes = /^\\+/.exec(text.slice(at))?.[0].length ?? 1;
      const isBeforeQuote = text[at + slashes] === '"';
      current += "\\".repeat(isBeforeQuote ? Math.floor(slashes / 2) : slashes);
      at += slashes - 1;
      hasStarted = true;
      if (isBeforeQuote && slashes % 2 === 1) {
        current += '"';
        at += 1;
      }
    } else if (character === '"') {
      isQuoted = !isQuoted;
      hasStarted = true;
    } else if (/\s/.test(character) && !isQuoted) {
      if (hasStarted) found.push(current);
      current = "";
      hasStarted = false;
    } else {
      current += character;
      hasStarted = true;
    }
  }
  return hasStarted ? [...found, current] : found;
}
