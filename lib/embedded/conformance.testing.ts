import { existsSync, readFileSync } from "node:fs";

/** One documented query with the output its page prints. */
export type DocumentedExample = {
  readonly id: string;
  readonly query: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

/** The collection of documented examples beside the repository; null where it is absent. */
export function documentedExamples(): readonly DocumentedExample[] | null {
  const file = "../shared/data/kql-documented-examples.jsonl";
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line) as DocumentedExample);
}

/** Whether the rows say the same as the printed ones: same cells, in any order of the rows. */
export function sameAsPrinted(rows: readonly (readonly unknown[])[], printed: readonly (readonly string[])[]): boolean {
  // A page prints an answer without rows as one empty line.
  if (rows.length === 0 && printed.length === 1 && printed[0]?.every((cell) => cell === "")) return true;
  if (rows.length !== printed.length) return false;
  const left = [...printed];
  return rows.every((row) => {
    const at = left.findIndex(
      (candidate) =>
        candidate.length === row.length && row.every((cell, index) => sameCell(cell, candidate[index] ?? "")),
    );
    if (at < 0) return false;
    left.splice(at, 1);
    return true;
  });
}

function sameCell(cell: unknown, asPrinted: string): boolean {
  // A table on a page loses spaces at the edges and doubled backslashes.
  const printed = asPrinted.trim().replace("∞", "Infinity");
  if (cell === null || cell === "") return /^(|null|\(null\))$/.test(printed);
  const text = (typeof cell === "string" ? cell : JSON.stringify(cell)).trim();
  if (text.replaceAll("\\\\", "\\") === printed) return true;
  if (text === printed || text.toLowerCase() === printed.toLowerCase()) return true;
  const [a, b] = [Number(text), Number(printed.replaceAll(",", ""))];
  if (printed !== "" && !Number.isNaN(a) && !Number.isNaN(b)) return closeNumbers(a, b);
  if (sameInstant(text, printed)) return true;
  return sameJson(text, printed);
}

/** Pages print between 13 and 17 significant digits. */
function closeNumbers(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}

/** `2017-01-01 00:05:00.0000000`, `2017-01-01T00:05:00Z` and `1/1/2017, 12:05 AM` name one instant; microseconds decide. */
function sameInstant(text: string, printed: string): boolean {
  const instant = (value: string): string | null => {
    const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,6})\d?)?Z?$/.exec(value.trim());
    return match === null
      ? null
      : `${match[1]} ${(match[2] ?? "").padEnd(8, ":00")}.${(match[3] ?? "").padEnd(6, "0")}`;
  };
  const known = instant(text);
  return known !== null && known === instant(printed);
}

function sameJson(text: string, printed: string): boolean {
  try {
    return sameValue(JSON.parse(text), JSON.parse(printed));
  } catch {
    return false;
  }
}

function sameValue(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") return closeNumbers(a, b);
  if (typeof a === "string" && typeof b === "string") return a === b || sameInstant(a, b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((value, index) => sameValue(value, b[index]));
  if (isBag(a) && isBag(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => key in b && sameValue(a[key], b[key]));
  }
  return a === b;
}

function isBag(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
