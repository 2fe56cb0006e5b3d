import type { PriceBook } from "../price-book.ts";
import { type InvoiceBasis, type InvoiceFile, type InvoiceLine, readInvoice } from "./invoice-lines.ts";
import { mixedUpUnitFinder } from "./mixed-up-unit.ts";

/** An export as it was handed over. */
export type ExportText = { readonly name: string; readonly text: string };

/** A row that cannot be used: the file, its line from 1 and why. */
export type RefusedRow = { readonly file: string; readonly row: number; readonly reason: string };

/** The exports of one load, read whole; or every reason why nothing of them is used. */
export type ReadInvoices =
  | {
      readonly kind: "read";
      readonly basis: InvoiceBasis;
      readonly lines: readonly InvoiceLine[];
      readonly otherLines: number;
      readonly billingStarts: readonly string[];
    }
  | { readonly kind: "refused"; readonly rows: readonly RefusedRow[]; readonly reason: string };

/**
 * Reads the exports of one load. All or nothing: a malformed row, a row that two files share (exports that overlap), a
 * currency other than the price book's, a cost that no price of its meter could make (1K for 1M) or files of different bases
 * refuse the whole load, each with its file, row and reason.
 */
export function readInvoices(
  exports: readonly ExportText[],
  { currency, rows }: Pick<PriceBook, "currency" | "rows">,
  basis?: "actual" | "amortized",
): ReadInvoices {
  const refused: RefusedRow[] = [];
  const files: { readonly name: string; readonly file: InvoiceFile }[] = [];
  for (const { name, text } of exports) {
    try {
      files.push({ name, file: readInvoice(text, basis) });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      refused.push({ file: name, row: 1, reason: error.message });
    }
  }
  const isMixedUp = mixedUpUnitFinder(rows);
  for (const { name, file } of files) {
    refused.push(
      ...file.refused.map((row) => ({ file: name, ...row })),
      ...file.lines
        .filter((line) => line.currency !== currency)
        .map((line) => ({
          file: name,
          row: line.line,
          reason: `is in ${line.currency}, the price book in ${currency}: two currencies never meet`,
        })),
      ...file.lines
        .filter((line) => line.currency === currency && isMixedUp(line))
        .map((line) => ({
          file: name,
          row: line.line,
          reason: `the cost is far from every list price of ${line.meterName}: is its quantity in 1K or in 1M?`,
        })),
    );
  }
  refused.push(...sharedRows(files));
  if (refused.length > 0)
    return refusal(
      refused,
      `${refused.length} ${refused.length === 1 ? "row" : "rows"} cannot be used, so nothing was compared.`,
    );
  const bases = new Set(files.map(({ file }) => file.basis));
  const [first] = bases;
  if (bases.size > 1) {
    return refusal([], `The files have different bases (${[...bases].join(", ")}): load those of one basis together.`);
  }
  const lines = files.flatMap(({ file }) => file.lines);
  if (first === undefined || lines.length === 0) return refusal([], "The files hold no line of Azure OpenAI.");
  return {
    kind: "read",
    basis: first,
    lines,
    otherLines: files.reduce((total, { file }) => total + file.otherLines, 0),
    billingStarts: [...new Set(files.flatMap(({ file }) => file.billingStarts))].toSorted(),
  };
}

/** Rows that stand in two files, cell by cell: exports of overlapping days would count them twice. */
function sharedRows(files: readonly { readonly name: string; readonly file: InvoiceFile }[]): RefusedRow[] {
  const first = new Map<string, string>();
  const shared: RefusedRow[] = [];
  for (const { name, file } of files) {
    for (const [text, row] of file.rows) {
      const known = first.get(text);
      if (known !== undefined) shared.push({ file: name, row, reason: `is the same as ${known}: the files overlap` });
    }
    for (const [text, row] of file.rows) if (!first.has(text)) first.set(text, `line ${row} of ${name}`);
  }
  return shared;
}

function refusal(rows: readonly RefusedRow[], reason: string): ReadInvoices {
  return { kind: "refused", rows, reason };
}
