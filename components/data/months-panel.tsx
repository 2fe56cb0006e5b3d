import type { MonthsReport } from "#lib/reports/load-months.ts";
import type { Column } from "#lib/reports/table-model.ts";
import { DataTable } from "../ui/data-table.tsx";
import { Panel, PanelEmpty } from "../ui/panel.tsx";
import { CloseMonth } from "./close-month.tsx";

/** The billing periods: what is closed and archived, what may be closed, and what came too late for it. */
export function MonthsPanel({ report }: { report: MonthsReport }) {
  const { rows, closable, canClose, failures } = report;
  return (
    <Panel
      title="Billing periods"
      unit="UTC; a closed one never moves again"
      id="months"
      note={failures.length > 0 ? failures.join(" ") : undefined}
    >
      {canClose && closable.length > 0 ? <CloseMonth closable={closable} /> : null}
      <DataTable
        name="Billing periods"
        columns={COLUMNS}
        rows={rows}
        empty={
          <PanelEmpty title="The ledger holds no billing period yet.">
            Come back when the first day has been read.
          </PanelEmpty>
        }
      />
    </Panel>
  );
}

const COLUMNS: readonly Column[] = [
  { id: "month", title: "Period" },
  { id: "cost", title: "Contracted cost", align: "right", isMain: true },
  { id: "state", title: "State", isMain: true, isProse: true },
  { id: "after", title: "After close", align: "right" },
  { id: "books", title: "Price book" },
  { id: "rows", title: "Rows archived", align: "right" },
  { id: "bytes", title: "Size", align: "right" },
  { id: "hash", title: "SHA-256" },
];
