import type { ProvisionedAnswer } from "#lib/reports/provisioned-answer.ts";
import type { Column } from "#lib/reports/table-model.ts";
import { ChartPanel } from "../charts/chart-panel.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { Panel } from "../ui/panel.tsx";

/** Which size and term it would take and why not the others, the cost curve, the break-even and every size. */
export function ProvisionedAnswerView({
  answer,
  notes,
  unit,
  currency,
}: {
  answer: ProvisionedAnswer;
  notes: readonly string[];
  /** What was replayed. */
  unit: string;
  currency: string;
}) {
  return (
    <>
      <Panel title="Answer" unit={unit}>
        <div className="figures flex flex-col gap-3 px-4 py-4">
          <p className="text-lg" data-figure="answer">
            {answer.sentence}
          </p>
          <ul className="flex list-disc flex-col gap-1 pl-5 text-muted">
            {answer.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
          <p className="text-sm text-faint">
            Tried with {answer.cases.join("; ")}. The figures beside and below are those of the first; refused and in
            use span all. {notes.join(" ")}
          </p>
        </div>
      </Panel>
      <ChartPanel
        title="Cost by size"
        model={answer.chart}
        kind="lines"
        height={240}
        empty={{ title: "No price of provisioned capacity is known here.", next: "See the price book." }}
      />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel title="Break-even" unit="average use above which a unit pays">
          <dl className="figures grid grid-cols-[auto_1fr] gap-x-6 gap-y-1 p-4">
            {answer.breakEven.map(({ term, text, exact }) => (
              <div key={term} className="contents">
                <dt className="text-muted">{term}</dt>
                <dd data-exact={exact}>{text}</dd>
              </div>
            ))}
          </dl>
        </Panel>
        <Panel title="Load" unit="and the size that carries it">
          <dl className="figures grid grid-cols-[auto_1fr] gap-x-6 gap-y-1 p-4">
            {answer.load.map(({ name, value }) => (
              <div key={name} className="contents">
                <dt className="text-muted">{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </Panel>
      </div>
      <Panel title="Every size" unit={`${currency} a month of 730 hours, spillover included`}>
        <DataTable name="Sizes" columns={COLUMNS} rows={answer.rows} empty={null} />
      </Panel>
    </>
  );
}

const COLUMNS: readonly Column[] = [
  { id: "ptu", title: "PTU" },
  { id: "hourly", title: "By the hour", align: "right" },
  { id: "month", title: "Reserved by the month", align: "right" },
  { id: "year", title: "Reserved by the year", align: "right", isMain: true },
  { id: "refused", title: "Refused", align: "right", isMain: true },
  { id: "spilled", title: "Spilled over", align: "right" },
  { id: "utilisation", title: "In use", align: "right" },
];
