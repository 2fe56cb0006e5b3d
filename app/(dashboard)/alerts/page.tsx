import type { Metadata } from "next";
import Link from "next/link";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { DataTable } from "#components/ui/data-table.tsx";
import { Panel, PanelEmpty } from "#components/ui/panel.tsx";
import { StateWord } from "#components/ui/state-word.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { loadAlerts } from "#lib/reports/load-alerts.ts";
import { parseReportParams } from "#lib/url/report-params.ts";

export const metadata: Metadata = { title: "Alerts" };

export default async function AlertsPage({ searchParams }: PageProps<"/alerts">) {
  const report = await loadAlerts(await currentPrincipal(), parseReportParams(await searchParams));
  return (
    <PageFrame
      needsLedger={false}
      title="Alerts"
      path="/alerts"
      context={report.context}
      controls={{ period: false, compare: false, filters: false }}
    >
      <Panel title="Alerting now" id="open-alerts">
        <DataTable
          name="Alerting now"
          columns={[
            { id: "name", title: "Rule" },
            { id: "state", title: "State", isMain: true },
            { id: "what", title: "What" },
            { id: "since", title: "Since", isMain: true },
          ]}
          rows={report.open}
          empty={
            <PanelEmpty title="Nothing is alerting.">
              <StateWord state="ok">every budget is within its thresholds, or there is no budget yet</StateWord>
            </PanelEmpty>
          }
        />
      </Panel>
      <Panel title="What happened" unit="newest first" id="alert-history">
        <DataTable
          name="Alert history"
          columns={[
            { id: "title", title: "What", isProse: true },
            { id: "kind", title: "Event", isMain: true },
            { id: "rule", title: "Rule" },
            { id: "at", title: "At", isMain: true },
          ]}
          rows={report.history}
          hasSearch
          empty={
            <PanelEmpty title="Nothing has happened yet.">
              Every threshold that a budget passes is written here once.{" "}
              <Link href="/budgets" className="link">
                Budgets
              </Link>
            </PanelEmpty>
          }
        />
      </Panel>
      <Panel
        title="Messages"
        unit={report.waiting > 0 ? `${report.waiting} not delivered yet` : "all delivered"}
        id="deliveries"
      >
        <DataTable
          name="Messages"
          columns={[
            { id: "kind", title: "Message" },
            { id: "state", title: "State", isMain: true },
            { id: "attempts", title: "Attempts", align: "right" },
            { id: "error", title: "Last error", isProse: true },
            { id: "at", title: "Written", isMain: true },
          ]}
          rows={report.deliveries}
          empty={
            <PanelEmpty title="No message was written.">
              A message goes to every active channel when a threshold is passed.
            </PanelEmpty>
          }
        />
      </Panel>
    </PageFrame>
  );
}
