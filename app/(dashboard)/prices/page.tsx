import type { Metadata } from "next";
import Form from "next/form";
import Link from "next/link";
import { ChartPanel } from "#components/charts/chart-panel.tsx";
import { AgreementsPanel } from "#components/prices/agreements-panel.tsx";
import { KeptParams, PriceFinder } from "#components/prices/price-finder.tsx";
import { RepricingPanel } from "#components/prices/repricing-panel.tsx";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { buttonStyle } from "#components/ui/button.tsx";
import { cn } from "#components/ui/class-names.ts";
import { DataTable } from "#components/ui/data-table.tsx";
import { FIELD } from "#components/ui/field.tsx";
import { Panel, PanelEmpty } from "#components/ui/panel.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { formatCount } from "#lib/format/format-count.ts";
import { loadPrices, type PricesReport } from "#lib/reports/load-prices.ts";
import type { Column } from "#lib/reports/table-model.ts";
import { parsePricesParams } from "#lib/url/prices-params.ts";
import { parseReportParams } from "#lib/url/report-params.ts";

export const metadata: Metadata = { title: "Prices" };

export default async function PricesPage({ searchParams }: PageProps<"/prices">) {
  const search = await searchParams;
  const report = await loadPrices(await currentPrincipal(), parseReportParams(search), parsePricesParams(search));
  const { context, prices, list, history } = report;
  return (
    <PageFrame
      needsLedger={false}
      title="Prices"
      path="/prices"
      context={context}
      controls={{ period: true, compare: false, filters: true }}
    >
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
      <DifferencePanel report={report} />
      <RetirementsPanel report={report} />
      <div id="history" className="scroll-mt-16">
        {history ? (
          <>
            <ChartPanel
              title={`Price of ${history.title}`}
              model={history.chart}
              kind="lines"
              height={200}
              empty={{ title: "The price book has no price of it.", next: "A negotiated price below closes the gap." }}
            />
            <Panel title="Its steps" unit={`${report.currency} per 1M tokens`} id="history-steps" className="mt-4">
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
      <AgreementsPanel
        agreements={report.agreements}
        canChange={report.canChange}
        currency={report.currency}
        today={`${context.today.slice(0, 8)}01`}
        offered={report.offered}
      />
      <RepricingPanel bookVersion={report.book.version} canChange={report.canChange} />
      <Panel
        title="Price book"
        unit={`${formatCount(list.matching)} of ${formatCount(list.all)} prices, ${report.currency}${report.isListOfUse ? ": the meters in use" : ""}`}
        note={
          list.rows.length < list.lines
            ? `The first ${list.rows.length} lines of ${formatCount(list.lines)} are shown. Name a model, a region or a word of the meter to see the others.`
            : null
        }
      >
        <PriceFinder
          params={context.params}
          find={prices.find}
          when={prices.when}
          history={prices.history}
          offered={report.offered}
        />
        <DataTable
          name="Price book"
          columns={PRICE_COLUMNS}
          rows={list.rows}
          empty={
            <PanelEmpty title="No price matches.">
              {prices.when === "today"
                ? "Look at whenever they were valid, or take a word away."
                : "Take a word, the model or the region away."}
            </PanelEmpty>
          }
        />
        <p className="border-t px-4 py-2 text-sm text-faint">
          Book {report.book.version}; read from {report.book.sources.join(", ")}.
        </p>
      </Panel>
    </PageFrame>
  );
}

function DifferencePanel({ report }: { report: PricesReport }) {
  const { difference, context, prices } = report;
  return (
    <Panel
      title="What changes"
      unit={`${difference.days}; volume of ${difference.volumeDays}`}
      note={difference.note}
      aside={
        <Form action="/prices" scroll={false} className="flex flex-wrap items-center gap-2">
          <KeptParams params={context.params} without={[]} />
          {prices.history === undefined ? null : <input type="hidden" name="history" value={prices.history} />}
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
        </Form>
      }
    >
      {difference.changes === 0 ? (
        <PanelEmpty title={`No price differs between the two days.`}>
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

function RetirementsPanel({ report }: { report: PricesReport }) {
  const { retirements, context, prices, offered } = report;
  return (
    <Panel
      title="Retirements"
      unit={`models in use that Azure ends, at the traffic of the last 30 days, ${report.currency}`}
      note={retirements.note}
      aside={
        <Form action="/prices" scroll={false} className="flex flex-wrap items-center gap-2">
          <KeptParams params={context.params} without={[]} />
          {prices.history === undefined ? null : <input type="hidden" name="history" value={prices.history} />}
          <input
            name="instead"
            list="successor-models"
            aria-label="Compare with, where no successor is named"
            placeholder="compare with…"
            defaultValue={prices.instead}
            autoComplete="off"
            className={cn(FIELD, "w-44")}
          />
          <datalist id="successor-models">
            {offered.models.map((model) => (
              <option key={model} value={model} />
            ))}
          </datalist>
          <button type="submit" className={buttonStyle({ size: "small" })}>
            Compare
          </button>
        </Form>
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

const MODEL_COLUMNS: readonly Column[] = [
  { id: "model", title: "Model" },
  { id: "scope", title: "Scope" },
  { id: "tokens", title: "Tokens", align: "right" },
  { id: "cost", title: "Cost", align: "right", isMain: true },
  { id: "priced", title: "Priced", isMain: true },
  { id: "why", title: "Why" },
  { id: "input", title: "Input", group: "Price now", align: "right" },
  { id: "cached", title: "Cached", group: "Price now", align: "right" },
  { id: "output", title: "Output", group: "Price now", align: "right" },
];

const RETIREMENT_COLUMNS: readonly Column[] = [
  { id: "model", title: "Model" },
  { id: "scope", title: "Scope" },
  { id: "retires", title: "Retires", isMain: true },
  { id: "successor", title: "Successor" },
  { id: "cost", title: "Cost", unit: "30 days", align: "right" },
  { id: "instead", title: "On the successor", unit: "same tokens, prices of now", align: "right" },
  { id: "difference", title: "Difference", align: "right", isMain: true },
];

const CHANGE_COLUMNS: readonly Column[] = [
  { id: "model", title: "Model" },
  { id: "kind", title: "Kind" },
  { id: "scope", title: "Scope" },
  { id: "regions", title: "Regions" },
  { id: "before", title: "Before", unit: "per 1M", align: "right" },
  { id: "after", title: "After", unit: "per 1M", align: "right" },
  { id: "change", title: "Change", align: "right", isMain: true },
  { id: "volume", title: "Tokens", unit: "30 days", align: "right" },
  { id: "monthly", title: "A month", align: "right", isMain: true },
];

const STEP_COLUMNS: readonly Column[] = [
  { id: "kind", title: "Kind" },
  { id: "from", title: "From", isMain: true },
  { id: "list", title: "List", align: "right" },
  { id: "contracted", title: "Contracted", align: "right", isMain: true },
  { id: "step", title: "Step" },
  { id: "meter", title: "Meter" },
  { id: "layer", title: "Layer" },
];

const PRICE_COLUMNS: readonly Column[] = [
  { id: "model", title: "Model" },
  { id: "version", title: "Version" },
  { id: "scope", title: "Scope" },
  { id: "region", title: "Region" },
  { id: "mode", title: "Mode" },
  { id: "context", title: "Context" },
  { id: "kind", title: "Kind", isMain: true },
  { id: "list", title: "List", unit: "per 1M", align: "right" },
  { id: "contracted", title: "Contracted", unit: "per 1M", align: "right", isMain: true },
  { id: "meter", title: "Meter" },
  { id: "from", title: "Valid from" },
  { id: "to", title: "Valid to" },
  { id: "layer", title: "Layer", isHidden: true },
  { id: "source", title: "Source", isHidden: true },
];
