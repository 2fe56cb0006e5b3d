import type { ChartModel } from "#lib/reports/chart-model.ts";
import { Swatch } from "../ui/swatch.tsx";

/** What stands at the cursor: a small table, largest first, with shares and the total. */
export function ChartTooltip({
  model,
  shown,
  isStacked,
  active,
  label,
}: {
  model: ChartModel;
  shown: ReadonlySet<string>;
  isStacked: boolean;
  active?: boolean;
  label?: string | number;
}) {
  const point = active ? model.points.find(({ key }) => key === label) : undefined;
  if (!point) return null;
  const total = point.total?.n ?? 0;
  const rows = model.series
    .map((series, index) => ({ series, value: point.values[index] }))
    .filter(
      ({ series, value }) =>
        (shown.size === 0 || shown.has(series.key)) && value && value.n !== null && (value.n !== 0 || !isStacked),
    )
    .toSorted((a, b) => (b.value?.n ?? 0) - (a.value?.n ?? 0));
  return (
    <div className="figures min-w-48 rounded-md border bg-raised px-3 py-2 text-sm text-text shadow-lg">
      <p className="mb-1 flex justify-between gap-4">
        <span className="font-medium">{point.label}</span>
        <span className="text-faint">{stateText(point.state)}</span>
      </p>
      <table className="w-full">
        <tbody>
          {rows.map(({ series, value }) => (
            <tr key={series.key}>
              <td className="max-w-52 truncate py-px pr-4">
                <span className="inline-flex items-center gap-1.5">
                  <Swatch slot={series.slot} />
                  {series.name}
                </span>
              </td>
              <td className="py-px text-right">{value?.text}</td>
              {isStacked && total > 0 ? (
                <td className="py-px pl-3 text-right text-faint">
                  {series.line === "dashed" ? "" : `${(((value?.n ?? 0) / total) * 100).toFixed(1)} %`}
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
        {point.total ? (
          <tfoot>
            <tr className="border-t font-medium">
              <td className="pt-1">Total</td>
              <td className="pt-1 text-right">{point.total.text}</td>
              {isStacked && total > 0 ? <td /> : null}
            </tr>
          </tfoot>
        ) : null}
      </table>
      {point.range ? <p className="mt-1 text-muted">{point.range.text}</p> : null}
      {model.marks
        ?.filter((mark) => mark.at === point.key)
        .map((mark) => (
          <p key={mark.word} className="mt-1 text-muted">
            {mark.word}
          </p>
        ))}
    </div>
  );
}

function stateText(state: ChartModel["points"][number]["state"]): string {
  return { final: "", partial: "may still grow", forecast: "forecast", unknown: "unknown" }[state];
}
