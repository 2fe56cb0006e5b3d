/** A table for people: one line a row, columns as wide as their longest value, numbers to the right. */
export function textTable(rows: readonly Readonly<Record<string, string | null>>[]): string {
  const [first] = rows;
  if (!first) return "No rows.\n";
  const columns = Object.keys(first);
  const cells = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? "unknown"))];
  const widths = columns.map((_column, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const isNumber = columns.map((column) => rows.every((row) => /^(-?[\d.]+)?$/.test(row[column] ?? "")));
  return `${cells
    .map((line) =>
      line
        .map((cell, index) => (isNumber[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")}\n`;
}
