import type { Metadata } from "next";
import { ChartPanel } from "#components/charts/chart-panel.tsx";
import { InvoiceUpload } from "#components/reconcile/invoice-upload.tsx";
import { LoadPicker } from "#components/reconcile/load-picker.tsx";
import { OfferedOverrides } from "#components/reconcile/offered-overrides.tsx";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { DataTable } from "#components/ui/data-table.tsx";
import { FigureTile, Tiles } from "#components/ui/figure-tile.tsx";
import { Panel, PanelEmpty } from "#components/ui/panel.tsx";
import { StateWord } from "#components/ui/state-word.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { type LoadChoice, loadReconcile, type ReconcileView } from "#lib/reports/load-reconcile.ts";
import { parseReportParams } from "#lib/url/report-params.ts";

export const metadata: Metadata = { title: "Reconcile" };

export default async function ReconcilePage({ searchParams }: PageProps<"/reconcile">) {
  const search = await searchParams;
  const loadId = typeof search.load === "string" ? search.load : undefined;
  const report = await loadReconcile(await currentPrincipal(), parseReportParams(search), loadId);
  const { view, loads, canLoad, isForAll, reading } = report;
  return (
    <PageFrame
      needsLedger={false}
      title="Reconcile"
      path="/reconcile"
      context={report.context}
      controls={{ period: false, compare: false, filters: false }}
    >
      {reading ? (
        <p className="flex flex-wrap items-baseline gap-x-3 text-sm">
          <StateWord state={reading.state} className="whitespace-normal">
            {reading.text}
          </StateWord>
          {reading.next ? <span className="text-muted">{reading.next}</span> : null}
        </p>
      ) : null}
      {view ? (
        <LoadedInvoice view={view} loads={loads} canChange={canLoad} />
      ) : canLoad ? null : (
        <Panel title="Invoice and estimate" id="invoice">
          {isForAll ? (
            <PanelEmpty title="No invoice has been loaded yet.">
              An administrator loads the cost export of a billing period here; then it stands beside the estimate.
            </PanelEmpty>
          ) : (
            <PanelEmpty title="An invoice covers every team.">Only people who see all cost can see it.</PanelEmpty>
          )}
        </Panel>
      )}
      {canLoad ? (
        <Panel
          title={view ? "Load another invoice" : "Load an invoice"}
          unit="cost export of Cost Management"
          id="load"
        >
          <InvoiceUpload isDemo={report.isDemo} />
        </Panel>
      ) : null}
    </PageFrame>
  );
}

function LoadedInvoice({
  view,
  loads,
  canChange,
}: {
  view: ReconcileView;
  loads: readonly LoadChoice[];
  canChange: boolean;
}) {
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="text-sm text-muted">
          {view.period}. {view.loaded}.
        </p>
        {loads.length > 1 ? <LoadPicker loads={loads} /> : null}
      </div>
      {view.periodNote === null ? null : (
        <p className="text-sm">
          <StateWord state="watch" className="whitespace-normal">
            {view.periodNote}
          </StateWord>
        </p>
      )}
      <Tiles>
        <FigureTile label="Invoice" value={view.invoice.text} title={view.invoice.title} />
        <FigureTile label="Estimate" value={view.estimate.text} title={view.estimate.title} />
        <FigureTile
          label="Residual"
          value={view.residual.text}
          title={view.residual.title}
          change={<StateWord state={view.light.state}>{view.light.word}</StateWord>}
        />
        <FigureTile
          label="Known to the logs"
          value={view.coverage?.text ?? "–"}
          change={view.coverage ? <StateWord state={view.coverage.state}>{view.coverage.word}</StateWord> : null}
        />
        <FigureTile
          label="Contract"
          value={view.discountPercent === null ? "–" : `${view.discountPercent} %`}
          change={view.discountPercent === null ? "most meters share no discount" : "off list prices"}
        />
      </Tiles>
      <ChartPanel
        title="Invoice and estimate"
        model={view.chart}
        kind="bars"
        height={220}
        empty={{ title: "The invoice has no day.", next: "Load an export with a day on each line." }}
      />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel title="Named differences" unit={`invoice less estimate, ${view.currency}`} id="differences">
          <DataTable
            name="Named differences"
            columns={[
              { id: "kind", title: "Difference" },
              { id: "amount", title: "Amount", align: "right", isMain: true },
            ]}
            rows={view.differences}
            empty={<PanelEmpty title="Invoice and estimate are the same." />}
          />
        </Panel>
        <Panel title="Prices that the invoice implies" unit="each with its evidence" id="offers">
          {view.offers.length === 0 ? (
            <PanelEmpty title="The invoice has the prices of the price book." />
          ) : (
            <OfferedOverrides reconciliationId={view.id} offers={view.offers} canChange={canChange} />
          )}
        </Panel>
      </div>
      <Panel
        title="Where they stand"
        unit={`invoice less estimate, ${view.currency}; largest first`}
        id="rows"
        note={view.rowsLeftOut > 0 ? `${view.rowsLeftOut} smaller rows are not shown.` : undefined}
      >
        <DataTable
          name="Where they stand"
          hasSearch
          columns={[
            { id: "kind", title: "Difference" },
            { id: "day", title: "Day", isMain: true },
            { id: "deployment", title: "Deployment", isMain: true },
            { id: "meter", title: "Meter", isMain: true },
            { id: "units", title: "Units", align: "right" },
            { id: "amount", title: "Amount", align: "right", isMain: true },
          ]}
          rows={view.rows}
          empty={<PanelEmpty title="No line differs by more than the contract and rounding." />}
        />
      </Panel>
      <div className="grid items-start gap-4 lg:grid-cols-[2fr_3fr]">
        <Panel
          title="Days"
          unit={view.discountPercent === null ? "UTC" : "UTC; drift has the contract in it until it is adopted"}
          id="days"
        >
          <DataTable
            name="Days"
            columns={[
              { id: "day", title: "Day" },
              { id: "invoice", title: "Invoice", align: "right" },
              { id: "estimate", title: "Estimate", align: "right" },
              { id: "coverage", title: "Known to logs", align: "right", isMain: true },
              { id: "drift", title: "Drift", align: "right", isMain: true },
            ]}
            rows={view.byDay}
            empty={<PanelEmpty title="The invoice has no day." />}
          />
        </Panel>
        <Panel title="Price per meter" unit={`of the list and of the invoice, ${view.currency}`} id="meters">
          <DataTable
            name="Price per meter"
            columns={[
              { id: "meter", title: "Meter" },
              { id: "unit", title: "Unit" },
              { id: "list", title: "List", align: "right" },
              { id: "implied", title: "Invoice", align: "right", isMain: true },
              { id: "discount", title: "Off", align: "right", isMain: true },
              { id: "lines", title: "Lines", align: "right", isHidden: true },
            ]}
            rows={view.meters}
            empty={<PanelEmpty title="The invoice has no usage." />}
          />
        </Panel>
      </div>
    </>
  );
}
