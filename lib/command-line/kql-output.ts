import { z } from "zod";

export type AnswerColumn = { readonly name: string; readonly type: string };
export type AnswerRow = readonly unknown[];

const bodySchema = z.object({
  tables: z.array(
    z.object({
      columns: z.array(z.object({ name: z.string(), type: z.string() })),
      rows: z.array(z.array(z.unknown())),
    }),
  ),
  error: z.unknown().optional(),
});

/** The first table of a query's answer, and what the service says where the answer is not complete. */
export function readAnswer(body: string): {
  columns: readonly AnswerColumn[];
  rows: readonly AnswerRow[];
  error: string | null;
} {
  const parsed = bodySchema.safeParse(JSON.parse(body));
  const table = parsed.success ? parsed.data.tables[0] : undefined;
  if (!parsed.success || table === undefined) return { columns: [], rows: [], error: innermostMessage(body) };
  return { ...table, error: parsed.data.error === undefined ? null : innermostMessage(body) };
}

/** The message nearest to the cause in an error body. */
export function innermostMessage(body: string): string {
  const messages: string[] = [];
  let error: unknown = field(JSON.parse(body), "error");
  while (typeof error === "object" && error !== null) {
    const message = field(error, "message");
    if (typeof message === "string") messages.push(message);
    const details = field(error, "details");
    error = field(error, "innererror") ?? (Array.isArray(details) ? details[0] : undefined);
  }
  return messages.at(-1) ?? "The query failed and the answer does not say why.";
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** Rows as a table for reading: columns padded to their widest cell, numbers to the right. */
export function tableOf(columns: readonly AnswerColumn[], rows: readonly AnswerRow[]): string {
  const cells = rows.map((row) => row.map(cellText));
  const widths = columns.map(({ name }, at) =>
    cells.reduce((widest, row) => Math.max(widest, (row[at] ?? "").length), name.length),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, at) =>
        NUMERIC.has(columns[at]?.type ?? "") ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const head = [line(columns.map(({ name }) => name)), widths.map((width) => "-".repeat(width)).join("  ")];
  return `${[...head, ...cells.map(line)].join("\n")}\n`;
}

const NUMERIC: ReadonlySet<string> = new Set(["int", "long", "real", "decimal"]);

/** Rows as RFC 4180 comma-separated values with a header line. */
export function csvOf(columns: readonly AnswerColumn[], rows: readonly AnswerRow[]): string {
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => row.map(cellText))];
  return lines.map((line) => `${line.map(csvCell).join(",")}\r\n`).join("");
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function cellText(cell: unknown): string {
  return cell === null || cell === undefined ? "" : String(cell);
}
