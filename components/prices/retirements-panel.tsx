import type { PricesReport } from "#lib/reports/load-prices.ts";
import type { Column } from "#lib/reports/table-model.ts";
import { buttonStyle } from "../ui/button.tsx";
import { cn } from "../ui/class-names.ts";
import { DataTable } from "../ui/data-table.tsx";
import { FIELD } from "../ui/field.tsx";
import { Panel, PanelEmpty } from "../ui/panel.tsx";
import { ALL_MODELS } from "./price-finder.tsx";
import { PricesForm } from "./prices-form.tsx";

/** The models in use that Azure ends, and what the same traffic costs on the successor. */
export function RetirementsPanel({ report }: { report: PricesReport }) {
  const { retirements, context, prices } = report;
  return (
    <Panel
      title="Retirements"
      unit={`models in use that Azure ends, at the traffic of the last 30 days, ${report.currency}`}
      note={retirements.note}
      aside={
        <PricesForm
          params={context.params}
          prices={prices}
          changes={["instead"]}
          className="flex flex-wrap items-center gap-2"
        >
          <input
            name="instead"
            list={ALL_MODELS}
            aria-label="Compare with, where no successor is named"
            placeholder="compare with…"
            defaultValue={prices.instead}
            autoComplete="off"
            className={cn(FIELD, "w-44")}
          />
          <button type="submit" className={buttonStyle({ size: "small" })}>
            Compare
          </button>
        </PricesForm>
      }
    >
      <DataTable
        name="Retirements"
        columns={RETIREMENT_COLUMNS}
        rows={retirements.rows}
        empty={
          <PanelEmpty title="No model of the last 30 days has a known retirement.">
            Azure names the day of each version; see the note for the list that was read.
          </PanelEmpty>
        }
      />
    </Panel>
  );
}

const RETIREMENT_COLUMNS: readonly Column[] = [
  { id: "model", title: "Model" },
  { id: "scope", title: "Scope" },
  { id: "retires", title: "Retires", isMain: true },
  { id: "successor", title: "Successor" },
  { id: "cost", title: "Cost", unit: "30 days", align: "right" },
  { id: "instead", title: "On the successor", unit: "same tokens, prices of now", align: "right" },
  { id: "difference", title: "Difference", align: "right", isMain: true },
];
