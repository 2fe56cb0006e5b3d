import type { PricesReport } from "#lib/reports/load-prices.ts";
import type { Column } from "#lib/reports/table-model.ts";
import { ChartPanel } from "../charts/chart-panel.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Panel, PanelEmpty } from "../ui/panel.tsx";

/** The prices of one model over time, as a picture and as the table of its steps. */
export function PriceHistoryPanel({ report }: { report: PricesReport }) {
  const { history, prices, currency } = report;
  return (
    <div id="history" className="flex scroll-mt-16 flex-col gap-4">
      {history ? (
        <>
          <ChartPanel
            title={`Price of ${history.title}`}
            model={history.chart}
            kind="steps"
            height={200}
            empty={{ title: "The price book has no price of it.", next: "A negotiated price below closes the gap." }}
          />
          <Panel title="Its steps" unit={`${currency} per 1M tokens`} id="history-steps">
            <DataTable
              name="Price steps"
              columns={STEP_COLUMNS}
              rows={history.steps}
              empty={<PanelEmpty title="No price of it is known on any day." />}
            />
          </Panel>
        </>
      ) : (
        <Panel title="Price over time" id="history-none">
          <PanelEmpty
            title={
              prices.history === undefined
                ? "No priced model is in use."
                : `The price book has no model ${prices.history.split("|")[0]}.`
            }
          >
            Choose a model among those in use, or find one below.
          </PanelEmpty>
        </Panel>
      )}
    </div>
  );
}

const STEP_COLUMNS: readonly Column[] = [
  { id: "kind", title: "Kind" },
  { id: "from", title: "From", isMain: true },
  { id: "list", title: "List", align: "right" },
  { id: "contracted", title: "Contracted", align: "right", isMain: true },
  { id: "step", title: "Step" },
  { id: "meter", title: "Meter" },
  { id: "layer", title: "Layer" },
];
