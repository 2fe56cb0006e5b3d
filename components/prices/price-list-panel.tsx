import { formatCount } from "#lib/format/format-count.ts";
import type { PricesReport } from "#lib/reports/load-prices.ts";
import type { Column } from "#lib/reports/table-model.ts";
import { DataTable } from "../ui/data-table.tsx";
import { Pager } from "../ui/pager.tsx";
import { Panel, PanelEmpty } from "../ui/panel.tsx";
import { PriceFinder } from "./price-finder.tsx";

/** The prices of the book, found by words, model and region, a page at a time. */
export function PriceListPanel({ report }: { report: PricesReport }) {
  const { list, context, prices, currency, book } = report;
  const lastLine = list.firstLine + list.rows.length - 1;
  return (
    <Panel
      title="Price book"
      unit={`${formatCount(list.matching)} of ${formatCount(list.all)} prices, ${currency}${report.isListOfUse ? ": the meters in use" : ""}`}
    >
      <PriceFinder params={context.params} prices={prices} offered={report.offered} />
      <DataTable
        name="Price book"
        columns={PRICE_COLUMNS}
        rows={list.rows}
        canSort={false}
        empty={
          <PanelEmpty title="No price matches.">
            {prices.when === "today"
              ? "Look at whenever they were valid, or take a word away."
              : "Take a word, the model or the region away."}
          </PanelEmpty>
        }
      />
      <Pager
        label="Pages of the price book"
        where={`Lines ${formatCount(list.firstLine)}–${formatCount(lastLine)} of ${formatCount(list.lines)}`}
        previous={list.previous}
        next={list.next}
      />
      <p className="border-t px-4 py-2 text-sm text-faint">
        Book {book.version}; read from {book.sources.join(", ")}.
      </p>
    </Panel>
  );
}

const PRICE_COLUMNS: readonly Column[] = [
  { id: "model", title: "Model" },
  { id: "kind", title: "Kind", isMain: true },
  { id: "scope", title: "Scope", isMain: true },
  { id: "region", title: "Regions" },
  { id: "list", title: "List", unit: "per 1M", align: "right" },
  { id: "contracted", title: "Contracted", unit: "per 1M", align: "right", isMain: true },
  { id: "meter", title: "Meter" },
  { id: "from", title: "Valid from", isMain: true },
  { id: "to", title: "Valid to" },
  { id: "layer", title: "Layer", isHidden: true },
  { id: "source", title: "Source", isHidden: true },
];
