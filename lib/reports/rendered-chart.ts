import { formatCount } from "../format/format-count.ts";
import type { ChartModel, ChartPoint } from "./chart-model.ts";

/** What `render` handed back beside a result: the kind of chart and its properties. */
export type RenderProperties = Readonly<Record<string, unknown>>;

type Table = {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
};

const KINDS: Readonly<Record<string, "bars" | "areas" | "lines">> = {
  timechart: "lines",
  linechart: "lines",
  areachart: "areas",
  stackedareachart: "areas",
  columnchart: "bars",
  barchart: "bars",
  piechart: "bars",
  scatterchart: "lines",
};
const NUMERIC = new Set(["int", "long", "real", "decimal"]);
const MOST_SERIES = 8;
const MOST_POINTS = 2_000;

/**
 * The chart that a result's `render` asks for: the first date-time or text column is the axis, a further text column
 * splits the series, numeric columns are the values. What is too much to draw is left out and said in the unit. Null where the result has no axis or no number to draw.
 */
export function renderedChart(
  table: Table,
  render: RenderProperties,
): { readonly model: ChartModel; readonly kind: "bars" | "areas" | "lines" } | null {
  const kind = KINDS[String(render.visualization ?? "").toLowerCase()];
  if (!kind) return null;
  const axis =
    table.columns.findIndex(({ type }) => type === "datetime") >= 0
      ? table.columns.findIndex(({ type }) => type === "datetime")
      : table.columns.findIndex(({ type }) => type === "string");
  const split = table.columns.findIndex(({ type }, index) => type === "string" && index !== axis);
  const values = table.columns.flatMap(({ type }, index) => (NUMERIC.has(type) && index !== axis ? [index] : []));
  if (axis < 0 || values.length === 0) return null;
  const points = new Map<string, Map<string, number>>();
  const totals = new Map<string, number>();
  for (const row of table.rows) {
    const key = String(row[axis] ?? "");
    for (const value of values) {
      const n = numberOf(row[value]);
      if (n === null) continue;
      const name = seriesName(table, row, split, value, values.length);
      const point = points.get(key) ?? new Map<string, number>();
      point.set(name, (point.get(name) ?? 0) + n);
      points.set(key, point);
      totals.set(name, (totals.get(name) ?? 0) + Math.abs(n));
    }
  }
  const names = [...totals]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, MOST_SERIES)
    .map(([name]) => name);
  const isTime = table.columns[axis]?.type === "datetime";
  const keys = [...points.keys()].slice(0, MOST_POINTS);
  const leftOut = [
    ...(totals.size > names.length ? [`the ${names.length} largest of ${totals.size} series`] : []),
    ...(points.size > keys.length
      ? [`the first ${formatCount(keys.length)} of ${formatCount(points.size)} points`]
      : []),
  ];
  return {
    kind,
    model: {
      unit: "count",
      unitName: [values.length === 1 ? (table.columns[values[0] ?? 0]?.name ?? "") : "value", ...leftOut].join(" · "),
      zoneName: "UTC",
      pointName: table.columns[axis]?.name ?? "",
      series: names.map((name, slot) => ({ key: name, name, slot })),
      points: (isTime ? keys.toSorted() : keys).map((key): ChartPoint => {
        const point = points.get(key);
        return {
          key,
          label: isTime ? key.replace("T", " ").replace(/(:00)?(\.\d+)?Z$/, "") : key,
          state: "final",
          values: names.map((name) => {
            const n = point?.get(name) ?? null;
            return { n, text: n === null ? "–" : shown(n), exact: n === null ? "" : String(n) };
          }),
        };
      }),
    },
  };
}

function seriesName(table: Table, row: readonly unknown[], split: number, value: number, valueCount: number): string {
  const column = table.columns[value]?.name ?? "";
  if (split < 0) return column;
  const name = String(row[split] ?? "");
  return valueCount === 1 ? name : `${name} ${column}`;
}

function numberOf(cell: unknown): number | null {
  const n = typeof cell === "number" ? cell : typeof cell === "string" && cell !== "" ? Number(cell) : Number.NaN;
  return Number.isFinite(n) ? n : null;
}

function shown(n: number): string {
  return Number.isInteger(n) ? formatCount(BigInt(n)) : n.toPrecision(6).replace(/\.?0+$/, "");
}
