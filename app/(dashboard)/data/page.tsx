import type { Metadata } from "next";
import { DoctorPanel } from "#components/data/doctor-panel.tsx";
import { GapList } from "#components/data/gap-list.tsx";
import { MonthsPanel } from "#components/data/months-panel.tsx";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { DataTable } from "#components/ui/data-table.tsx";
import { FigureTile, Tiles } from "#components/ui/figure-tile.tsx";
import { Panel, PanelEmpty } from "#components/ui/panel.tsx";
import { ProgressBar } from "#components/ui/progress-bar.tsx";
import { StateWord } from "#components/ui/state-word.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { loadData } from "#lib/reports/load-data.ts";
import { parseReportParams } from "#lib/url/report-params.ts";

export const metadata: Metadata = { title: "Data" };

const STRETCHES = {
  final: { state: "ok", word: "final" },
  settling: { state: "late", word: "settling: late rows may still come" },
  open: { state: "watch", word: "open: still growing" },
  unread: { state: "no data", word: "not read yet" },
} as const;

export default async function DataPage({ searchParams }: PageProps<"/data">) {
  const report = await loadData(await currentPrincipal(), parseReportParams(await searchParams));
  return (
    <PageFrame
      needsLedger={false}
      title="Data"
      path="/data"
      context={report.context}
      controls={{ period: true, compare: false, filters: false }}
    >
      <Panel title="Sources" unit="last row and lag" id="sources">
        <DataTable
          name="Sources"
          columns={[
            { id: "source", title: "Source" },
            { id: "resource", title: "Resource" },
            { id: "state", title: "State", isMain: true },
            { id: "lastRow", title: "Last row" },
            { id: "dataTo", title: "Complete to", isMain: true },
            { id: "watermark", title: "Watermark", isHidden: true },
            { id: "lagP50", title: "usual lag", align: "right" },
            { id: "lagP95", title: "p95 lag", align: "right" },
            {
              id: "failure",
              title: "What happened",
              isProse: true,
              isHidden: report.sources.every((row) => row.cells.failure?.text === "–"),
            },
          ]}
          rows={report.sources}
          empty={
            <PanelEmpty title="No source has been asked yet.">
              The first evaluation asks each of them within a minute of the start. Connected to Azure,
              LOG_ANALYTICS_WORKSPACE_ID names the workspace.
            </PanelEmpty>
          }
        />
      </Panel>
      <Panel title="Gaps" unit="what the shown days lack, why, and what mends it" id="gaps">
        {report.gaps.length === 0 ? (
          <PanelEmpty title="Nothing is missing in these days." />
        ) : (
          <GapList gaps={report.gaps} />
        )}
      </Panel>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel title="History" id="history">
          <div className="flex flex-col gap-2 p-4">
            <p data-read-back={report.readBack.state}>{report.readBack.text}</p>
            {report.readBack.share === null ? null : <ProgressBar label="History read" share={report.readBack.share} />}
          </div>
          <ul className="figures divide-y border-t text-sm">
            {report.stretches.map((stretch) => (
              <li key={stretch.from + stretch.state} className="flex flex-wrap justify-between gap-x-4 px-4 py-2">
                <span>
                  {stretch.from} to {stretch.to}
                </span>
                <StateWord state={STRETCHES[stretch.state].state}>{STRETCHES[stretch.state].word}</StateWord>
              </li>
            ))}
          </ul>
          <DataTable
            name="How far back each source reaches"
            columns={[
              { id: "source", title: "Source" },
              { id: "logs", title: "Raw tables since", isMain: true },
              { id: "summary", title: "Summary rule since", isMain: true },
            ]}
            rows={report.reach}
            empty={<PanelEmpty title="Nothing has been read yet." />}
          />
        </Panel>
        <Tiles>
          <FigureTile
            label="Charges in the ledger"
            amount={report.totals.charges}
            change={`since ${report.totals.since}`}
          />
          <FigureTile label="Request rows" amount={report.totals.requests} />
          <FigureTile
            label="Size on disk"
            value={report.totals.bytes}
            change={`daily sums for ${report.totals.zones}`}
          />
        </Tiles>
      </div>
      {report.months === null ? null : <MonthsPanel report={report.months} />}
      <Panel
        title="Coverage"
        unit="the same requests as each source counts them, and how much of them is known"
        id="coverage"
      >
        <DataTable
          name="Coverage"
          hasSearch
          columns={[
            { id: "name", title: "Deployment" },
            { id: "log", title: "by log", align: "right" },
            { id: "metric", title: "by platform", align: "right" },
            { id: "gateway", title: "by gateway", align: "right" },
            { id: "difference", title: "beyond the log", align: "right", isMain: true },
            { id: "withTokens", title: "with tokens", align: "right" },
            { id: "withPrice", title: "with price", align: "right", isMain: true },
            { id: "withOwner", title: "with owner", align: "right" },
            { id: "metricOnly", title: "tokens by metric only", align: "right" },
            { id: "estimated", title: "estimated", align: "right" },
          ]}
          rows={report.coverage}
          empty={<PanelEmpty title="No request in this period.">Choose other days.</PanelEmpty>}
        />
      </Panel>
      <DoctorPanel />
    </PageFrame>
  );
}
