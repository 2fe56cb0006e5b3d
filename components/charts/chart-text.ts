import type { ChartModel } from "#lib/reports/chart-model.ts";

/** The table behind a chart as rows of text, its header first; exact integers instead of shown text for a file. */
export function chartRows(model: ChartModel, write: "shown" | "exact"): string[][] {
  const hasTotal = model.points.some((point) => point.total);
  const hasState = model.points.some((point) => point.state !== "final");
  return [
    [
      `${model.pointName} (${model.zoneName})`,
      ...model.series.map((series) => series.name),
      ...(hasTotal ? ["Total"] : []),
      ...(hasState ? ["State"] : []),
    ],
    ...model.points.map((point) => [
      write === "exact" ? point.key : point.label,
      ...[...point.values, ...(hasTotal ? [point.total] : [])].map(
        (value) => (write === "exact" ? value?.exact : value?.text) ?? "",
      ),
      ...(hasState ? [point.state] : []),
    ]),
  ];
}

/** RFC 4180 text. A cell that a spreadsheet would run as a formula is made text. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map(cell).join(",")).join("\r\n");
}

function cell(text: string): string {
  const safe = /^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
