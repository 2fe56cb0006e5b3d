import Link from "next/link";
import type { PricesReport } from "#lib/reports/load-prices.ts";
import type { Column } from "#lib/reports/table-model.ts";
import { DataTable } from "../ui/data-table.tsx";
import { Panel, PanelEmpty } from "../ui/panel.tsx";

/** The models in use with what they cost, their price now, and why one has none. */
export function ModelsPanel({ report }: { report: PricesReport }) {
  return (
    <Panel
      title="Models in use"
      unit={`and their contracted price now: ${report.currency} per 1M text tokens at standard mode`}
      note={report.modelsNote}
      aside={
        <Link href="/prices/provisioned" className="link">
          Provisioned or pay-as-you-go?
        </Link>
      }
    >
      <DataTable
        name="Models in use"
        columns={MODEL_COLUMNS}
        rows={report.models}
        empty={
          <PanelEmpty title="No model was used in this period and these filters.">
            Choose other days, take a filter away, or look on Data whether a source has been read yet.
          </PanelEmpty>
        }
      />
    </Panel>
  );
}

const MODEL_COLUMNS: readonly Column[] = [
  { id: "model", title: "Model" },
  { id: "scope", title: "Scope", isMain: true },
  { id: "tokens", title: "Tokens", align: "right", isMain: true },
  { id: "cost", title: "Cost", align: "right", isMain: true },
  { id: "priced", title: "Priced", isMain: true },
  { id: "why", title: "Why" },
  { id: "input", title: "Input", group: "Price now", align: "right" },
  { id: "cached", title: "Cached", group: "Price now", align: "right" },
  { id: "output", title: "Output", group: "Price now", align: "right" },
];
