import type { ChartModel } from "#lib/reports/chart-model.ts";

/** The table behind a chart; always in the page, so that its exact values can be read. */
export function ChartTable({ model, title, isHidden }: { model: ChartModel; title: string; isHidden: boolean }) {
  const hasTotal = model.points.some((point) => point.total);
  return (
    <section
      hidden={isHidden}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable from the keyboard.
      tabIndex={0}
      aria-label={`${title}, as a table`}
      className="max-h-96 overflow-auto"
    >
      <table className="figures w-full text-sm" data-chart-table={title}>
        <thead className="sticky top-0 bg-surface">
          <tr className="border-b">
            <th scope="col" className="px-4 py-1.5 text-left font-normal text-faint capitalize">
              {model.pointName}
            </th>
            {model.series.map((series) => (
              <th key={series.key} scope="col" className="px-3 py-1.5 text-right font-normal text-faint">
                {series.name}
              </th>
            ))}
            {hasTotal ? (
              <th scope="col" className="px-4 py-1.5 text-right font-normal text-faint">
                Total
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {model.points.map((point) => (
            <tr key={point.key} data-point={point.key} data-state={point.state} className="border-b last:border-0">
              <th scope="row" className="px-4 py-1 text-left font-normal whitespace-nowrap">
                {point.label}
                {point.state === "final" ? null : <span className="text-faint"> {point.state}</span>}
              </th>
              {point.values.map((value, index) => (
                <td
                  key={model.series[index]?.key}
                  data-series={model.series[index]?.key}
                  data-exact={value.exact}
                  className="px-3 py-1 text-right"
                >
                  {value.text}
                </td>
              ))}
              {hasTotal ? (
                <td data-series="total" data-exact={point.total?.exact} className="px-4 py-1 text-right">
                  {point.total?.text}
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
