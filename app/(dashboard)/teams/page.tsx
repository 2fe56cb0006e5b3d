import type { Metadata } from "next";
import { ChartPanel } from "#components/charts/chart-panel.tsx";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { DataTable } from "#components/ui/data-table.tsx";
import { Panel, PanelEmpty } from "#components/ui/panel.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { loadTeams } from "#lib/reports/load-teams.ts";
import { parseReportParams } from "#lib/url/report-params.ts";

export const metadata: Metadata = { title: "Teams" };

export default async function TeamsPage({ searchParams }: PageProps<"/teams">) {
  const report = await loadTeams(await currentPrincipal(), parseReportParams(await searchParams));
  return (
    <PageFrame
      title="Teams"
      path="/teams"
      context={report.context}
      controls={{ period: true, compare: true, filters: true }}
    >
      <ChartPanel
        title="Cost by day and team"
        model={report.chart}
        kind="bars"
        height={220}
        empty={{
          title: "No cost in this period.",
          next: "Choose other days, or look on Data whether a source has been read yet.",
        }}
      />
      <Panel title="What each team spent" unit={report.context.currency} id="teams">
        <DataTable
          name="Teams"
          columns={[
            { id: "name", title: "Team" },
            { id: "days", title: "by day", align: "right" },
            { id: "cost", title: "Cost", align: "right", isMain: true },
            { id: "share", title: "Share", align: "right" },
            { id: "change", title: "Change", align: "right", isMain: true },
            { id: "percent", title: "in per cent", align: "right" },
            { id: "requests", title: "Requests", align: "right" },
            { id: "tokens", title: "Tokens", align: "right" },
            { id: "top", title: "Dearest deployments" },
          ]}
          rows={report.rows}
          foot={report.foot}
          sortedBy={{ column: "cost", isDescending: true }}
          empty={
            <PanelEmpty title="No cost in this period.">
              A team appears with the first charge that an ownership rule gives to it.
            </PanelEmpty>
          }
        />
      </Panel>
    </PageFrame>
  );
}
