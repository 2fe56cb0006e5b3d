/** One record of a CSV text: its first line number from 1 and its cells by header name as `normaliseHeader` writes it. */
export type CsvRecord = { readonly line: number; readonly cells: Readonly<Record<string, string>> };

/** A CSV that was read; rows with another number of cells than the header are refused with line and reason. */
export type CsvTable = {
  readonly headers: readonly string[];
  readonly records: readonly CsvRecord[];
  readonly refused: readonly { readonly row: number; readonly reason: string }[];
};

/** `Unit of Measure`, `unitOfMeasure` and `UnitOfMeasure` are one header: lower-case letters, digits and a leading `x_` only. */
export function normaliseHeader(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Reads a CSV as RFC 4180 has it: quoted cells may hold commas, quotes and line ends; a byte-order mark is passed over. */
export function readCsv(text: string): CsvTable {
  const rows = readRows(text.replace(/^\uFEFF/, ""));
  const header = rows[0];
  if (!header) return { headers: [], records: [], refused: [] };
  const headers = header.cells.map(normaliseHeader);
  const records: CsvRecord[] = [];
  const refused: { row: number; reason: string }[] = [];
  for (const { line, cells } of rows.slice(1)) {
    if (cells.length === 1 && cells[0]?.trim() === "") continue;
    if (cells.length !== headers.length) {
      refused.push({ row: line, reason: `has ${cells.length} cells, the header has ${headers.length}` });
    } else {
      records.push({
        line,
        cells: Object.fromEntries(headers.map((name, index) => [name, cells[index]?.trim() ?? ""])),
      });
    }
  }
  return { headers, records, refused };
}

function readRows(text: string): { readonly line: number; readonly cells: string[] }[] {
  const rows: { line: number; cells: string[] }[] = [];
  let cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  let line = 1;
  let start = 1;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === "\n") line += 1;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[index + 1] === '"') {
        cell += '"';
        index += 1;
      } else isQuoted = false;
    } else if (character === '"' && cell === "") isQuoted = true;
    else if (character === ",") {
      cells.push(cell);
      cell = "";
    } else if (character === "\n") {
      rows.push({ line: start, cells: [...cells, cell.replace(/\r$/, "")] });
      [cells, cell, start] = [[], "", line];
    } else cell += character;
  }
  if (cell !== "" || cells.length > 0) rows.push({ line: start, cells: [...cells, cell] });
  return rows;
}
