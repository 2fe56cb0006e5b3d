import type { QueryAnswer } from "#lib/reports/answer-query.ts";

/** A cell that a spreadsheet would take for a formula, in ordinary or full-width characters. */
const FORMULA = /^\s*[=+\-@\t\r\n\0＝＋－＠]/;

/** The rows as RFC 4180 text with a header line. Text that a spreadsheet would take for a formula gets an apostrophe. */
export function toDelimited(answer: Extract<QueryAnswer, { kind: "rows" }>, separator: "," | "\t"): string {
  const lines = [
    answer.columns.map(({ name }) => cell(name, false, separator)),
    ...answer.rows.map((row) =>
      row.map((text, column) => cell(text, answer.columns[column]?.isNumeric === true, separator)),
    ),
  ];
  return `${lines.map((line) => line.join(separator)).join("\r\n")}\r\n`;
}

function cell(text: string, isNumeric: boolean, separator: string): string {
  const safe = !isNumeric && FORMULA.test(text) ? `'${text}` : text;
  return safe.includes(separator) || /["\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
