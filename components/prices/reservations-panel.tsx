import type { ReservationsReport } from "#lib/reports/load-reservations.ts";
import type { Column } from "#lib/reports/table-model.ts";
import { DataTable } from "../ui/data-table.tsx";
import { Panel, PanelEmpty } from "../ui/panel.tsx";

/** What was reserved, and who paid for the capacity of the last days. */
export function ReservationsPanel({ report }: { report: ReservationsReport }) {
  const { reservations, capacity, currency, days } = report;
  return (
    <>
      {reservations === null ? null : (
        <Panel title="Reservations" unit={`${currency}, paid for the whole term`} id="reservations">
          <DataTable
            name="Reservations"
            columns={RESERVATION_COLUMNS}
            rows={reservations}
            empty={
              <PanelEmpty title="No reservation is known, so every unit is priced by the hour.">
                Write them into <code>reservations.yaml</code> in the data folder, or put the portal&apos;s export there
                as <code>reservations.csv</code>; <code>npm run inventory -- apply</code> applies them to the past.
              </PanelEmpty>
            }
          />
        </Panel>
      )}
      <Panel title="Capacity that was paid for" unit={`the last ${days} days, ${currency}`} id="capacity">
        <CapacityTable rows={capacity} />
      </Panel>
    </>
  );
}

/** Used, idle and unused capacity, by who pays for it. */
export function CapacityTable({ rows }: { rows: ReservationsReport["capacity"] }) {
  return (
    <DataTable
      name="Capacity that was paid for"
      columns={CAPACITY_COLUMNS}
      rows={rows}
      empty={<PanelEmpty title="No provisioned capacity was deployed or reserved." />}
    />
  );
}

const RESERVATION_COLUMNS: readonly Column[] = [
  { id: "name", title: "Reservation" },
  { id: "covers", title: "Covers" },
  { id: "applies", title: "Applies to" },
  { id: "units", title: "PTU", align: "right", isMain: true },
  { id: "term", title: "Term (UTC)" },
  { id: "total", title: "Total", align: "right" },
  { id: "hour", title: "Per PTU-hour", align: "right" },
  { id: "state", title: "State", isMain: true },
];

const CAPACITY_COLUMNS: readonly Column[] = [
  { id: "part", title: "Capacity" },
  { id: "paid", title: "Paid", isMain: true },
  { id: "hours", title: "PTU-hours", align: "right" },
  { id: "cost", title: "Cost", align: "right", isMain: true },
];
