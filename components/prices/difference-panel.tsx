import type { PricesReport } from "#lib/reports/load-prices.ts";
import type { Column } from "#lib/reports/table-model.ts";
import { buttonStyle } from "../ui/button.tsx";
import { cn } from "../ui/class-names.ts";
import { DataTable } from "../ui/data-table.tsx";
import { FIELD } from "../ui/field.tsx";
import { Panel, PanelEmpty } from "../ui/panel.tsx";
import { PricesForm } from "./prices-form.tsx";

/** What the price book changes between two days, and what that means a month for the traffic of the last 30. */
export function DifferencePanel({ report }: { report: PricesReport }) {
  const { difference, context, prices } = report;
  return (
    <Panel
      title="What changes"
      unit={`${difference.days}; volume of ${difference.volumeDays}`}
      note={difference.note}
      aside={
        <PricesForm
          params={context.params}
          prices={prices}
          changes={["since", "until"]}
          className="flex flex-wrap items-center gap-2"
        >
          <input
            type="date"
            name="since"
            aria-label="Compare from"
            defaultValue={difference.since}
            className={cn(FIELD, "figures w-36")}
          />
          <input
            type="date"
            name="until"
            aria-label="Compare with"
            defaultValue={difference.until}
            className={cn(FIELD, "figures w-36")}
          />
          <button type="submit" className={buttonStyle({ size: "small" })}>
            Compare
          </button>
        </PricesForm>
      }
    >
      {difference.changes === 0 ? (
        <PanelEmpty title="No price differs between the two days.">
          Changes that Azure announces appear here when they are in the price book.
        </PanelEmpty>
      ) : (
        <>
          <div className="flex flex-col gap-1 px-4 py-3">
            {difference.sentences.length === 0 ? (
              <p>{difference.changes} prices change; none of them is one that you used in the last 30 days.</p>
            ) : (
              <ul className="flex flex-col gap-1">
                {difference.sentences.map((sentence) => (
                  <li key={sentence.id} className="figures">
                    {sentence.text}:{" "}
                    <strong className="font-medium" data-exact={sentence.monthly.exact} title={sentence.monthly.full}>
                      {sentence.monthlyText} a month
                    </strong>{" "}
                    at your volume <span className="text-muted">({sentence.direction})</span>
                  </li>
                ))}
              </ul>
            )}
            {difference.total ? (
              <p className="figures text-sm text-muted">
                All changes together:{" "}
                <span data-exact={difference.total.amount.exact} title={difference.total.amount.full}>
                  {difference.total.text}
                </span>{" "}
                a month.
              </p>
            ) : null}
          </div>
          <div className="border-t">
            <DataTable
              name="Price changes"
              columns={CHANGE_COLUMNS}
              rows={difference.rows}
              hasSearch={difference.rows.length > 10}
              empty={null}
            />
          </div>
        </>
      )}
    </Panel>
  );
}

const CHANGE_COLUMNS: readonly Column[] = [
  { id: "model", title: "Model" },
  { id: "kind", title: "Kind", isMain: true },
  { id: "scope", title: "Scope", isMain: true },
  { id: "regions", title: "Regions" },
  { id: "before", title: "Before", unit: "per 1M", align: "right" },
  { id: "after", title: "After", unit: "per 1M", align: "right" },
  { id: "change", title: "Change", align: "right", isMain: true },
  { id: "volume", title: "Tokens", unit: "30 days", align: "right" },
  { id: "monthly", title: "A month", align: "right", isMain: true },
];
