import type { Metadata } from "next";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { DataTable } from "#components/ui/data-table.tsx";
import { Panel, PanelEmpty } from "#components/ui/panel.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { loadDeployments } from "#lib/reports/load-deployments.ts";
import { parseReportParams } from "#lib/url/report-params.ts";

export const metadata: Metadata = { title: "Deployments" };

export default async function DeploymentsPage({ searchParams }: PageProps<"/deployments">) {
  const params = parseReportParams(await searchParams);
  const report = await loadDeployments(await currentPrincipal(), params);
  return (
    <PageFrame
      title="Deployments"
      path="/deployments"
      context={report.context}
      controls={{ period: true, compare: false, filters: true }}
    >
      <Panel
        title="What each deployment did and cost"
        unit={report.context.currency}
        note={report.note ?? undefined}
        id="deployments"
      >
        <DataTable
          name="Deployments"
          hasSearch
          columns={[
            { id: "name", title: "Deployment" },
            { id: "model", title: "Model" },
            { id: "version", title: "Version", isHidden: true },
            { id: "sku", title: "SKU", isHidden: true },
            { id: "region", title: "Region", isHidden: true },
            { id: "days", title: "by day", align: "right" },
            { id: "cost", title: "Cost", align: "right", isMain: true },
            { id: "share", title: "Share", align: "right", isHidden: true },
            { id: "tokens", title: "Tokens", align: "right" },
            { id: "requests", title: "Requests", align: "right" },
            { id: "p50", title: "p50", align: "right" },
            { id: "p95", title: "p95", align: "right", isMain: true },
            { id: "p99", title: "p99", align: "right" },
            { id: "throttled", title: "429", align: "right" },
            { id: "filtered", title: "Filtered", align: "right" },
            { id: "p95Streaming", title: "p95 streaming", align: "right", isHidden: true },
            { id: "withTokens", title: "tokens", group: "known", align: "right" },
            { id: "withPrice", title: "price", group: "known", align: "right" },
            { id: "withOwner", title: "owner", group: "known", align: "right" },
          ]}
          rows={report.rows}
          foot={report.foot}
          sortedBy={{ column: "cost", isDescending: true }}
          empty={
            <PanelEmpty title="No deployment was used in this period.">
              A deployment appears with its first request in the logs, or with its first day in deployments.yaml.
            </PanelEmpty>
          }
        />
      </Panel>
    </PageFrame>
  );
}
