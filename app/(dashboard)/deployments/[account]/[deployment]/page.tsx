import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { ChartPanel } from "#components/charts/chart-panel.tsx";
import { CapacityTable } from "#components/prices/reservations-panel.tsx";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { DataTable } from "#components/ui/data-table.tsx";
import { FigureTile, Tiles } from "#components/ui/figure-tile.tsx";
import { Panel, PanelEmpty } from "#components/ui/panel.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { loadDeploymentEvents } from "#lib/reports/deployment-events.ts";
import { loadDeployment } from "#lib/reports/load-deployment.ts";
import { deploymentKey, deploymentPath } from "#lib/url/page-path.ts";
import { parseReportParams, toHref } from "#lib/url/report-params.ts";

type Props = PageProps<"/deployments/[account]/[deployment]">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: await keyOf(params) };
}

export default async function DeploymentPage({ params, searchParams }: Props) {
  const key = await keyOf(params);
  const reportParams = parseReportParams(await searchParams);
  const report = await loadDeployment(await currentPrincipal(), reportParams, key);
  const { charts } = report;
  const empty = {
    title: "Nothing of it in this period.",
    next: "Choose other days, or look on Data whether a source has been read yet.",
  };
  const noMetrics = {
    title: "The platform metrics have nothing for this deployment.",
    next: "They need AZURE_OPENAI_RESOURCE_IDS and the role Monitoring Reader; Data shows which accounts answer.",
  };
  return (
    <PageFrame
      title={key}
      path={deploymentPath(key)}
      context={report.context}
      controls={{ period: true, compare: false, filters: false }}
      crumb={
        <Link href={toHref("/deployments", { ...reportParams, by: undefined })} className="link text-muted">
          Deployments
        </Link>
      }
    >
      {report.known === null && report.requests.exact === "0" && report.cost.amount.exact === "0" ? (
        <Panel title="Not seen">
          <PanelEmpty title={`Nothing was seen of ${key} in this period.`}>
            The name is the account and the deployment as the logs write them. Choose other days, or open it from the
            list of deployments.
          </PanelEmpty>
        </Panel>
      ) : (
        <>
          <div className="flex flex-wrap items-end justify-between gap-x-8 gap-y-2">
            <dl className="flex flex-wrap gap-x-8 gap-y-2">
              {report.facts.map((fact) => (
                <div key={fact.name}>
                  <dt className="text-sm text-faint">{fact.name}</dt>
                  <dd>{fact.value}</dd>
                </div>
              ))}
            </dl>
            <Link
              href={`/prices/provisioned?${new URLSearchParams({ deployment: key })}`}
              className="link"
              data-print="hide"
            >
              Provisioned or pay-as-you-go?
            </Link>
          </div>
          <Tiles>
            <FigureTile
              label="Cost"
              amount={report.cost.amount}
              receipt={report.cost.receipt}
              mark={report.cost.mark}
            />
            <FigureTile label="Tokens" amount={report.tokens} receipt={report.receipts.tokens} />
            <FigureTile
              label="Requests"
              value={report.requests.shown}
              exact={report.requests.exact}
              receipt={report.receipts.requests}
            />
            <FigureTile
              label="Latency p95"
              value={report.latency.p95}
              receipt={report.receipts.latency}
              change={`p50 ${report.latency.p50}, p99 ${report.latency.p99}; ${report.latency.note}`}
            />
            <FigureTile
              label="Throttled (429)"
              value={report.throttled?.share ?? "unknown"}
              exact={report.throttled?.count.exact}
              receipt={report.receipts.throttled}
              change={report.throttled ? `${report.throttled.count.shown} requests` : "no platform metrics"}
            />
            <FigureTile
              label="Rejected by the filter"
              value={report.filtered?.share ?? "unknown"}
              exact={report.filtered?.count.exact}
              receipt={report.receipts.filtered}
              change={report.filtered ? `${report.filtered.count.shown} requests` : "no platform metrics"}
            />
          </Tiles>
          <ChartPanel
            title="Tokens by kind"
            model={charts.tokens}
            kind="bars"
            syncId="deployment"
            height={180}
            empty={empty}
          />
          <ChartPanel title="Cost" model={charts.cost} kind="bars" syncId="deployment" height={150} empty={empty} />
          <ChartPanel
            title="Latency"
            model={charts.latency}
            kind="lines"
            syncId="deployment"
            height={180}
            empty={empty}
          />
          {report.capacity ? (
            <Panel title="Capacity that was paid for" unit={report.context.currency} id="capacity">
              <CapacityTable rows={report.capacity} />
            </Panel>
          ) : null}
          {charts.ptu ? (
            <ChartPanel
              title="Provisioned throughput in use"
              model={charts.ptu}
              kind="lines"
              syncId="deployment"
              height={150}
              empty={noMetrics}
            />
          ) : null}
          <ChartPanel
            title="Throttling"
            model={charts.throttling}
            kind="bars"
            syncId="deployment"
            height={130}
            empty={noMetrics}
          />
          <ChartPanel
            title="Content filters"
            model={charts.filters}
            kind="lines"
            syncId="deployment"
            height={130}
            empty={noMetrics}
          />
          <Panel title="Refused calls" unit="the last 24 hours, asked of the workspace" id="events">
            <Suspense fallback={<p className="p-4 text-muted">Asking the workspace …</p>}>
              <Events deployment={key} />
            </Suspense>
          </Panel>
        </>
      )}
    </PageFrame>
  );
}

/** Streamed after the page, so a slow workspace never holds it up. */
async function Events({ deployment }: { deployment: string }) {
  const { rows, notes } = await loadDeploymentEvents(await currentPrincipal(), deployment);
  return (
    <>
      <DataTable
        name="Refused calls"
        columns={[
          { id: "what", title: "What", isMain: true },
          { id: "by", title: "Refused by" },
          { id: "why", title: "Reason or proof", isProse: true },
          { id: "operation", title: "Operation" },
          { id: "requests", title: "Requests", align: "right", isMain: true },
          { id: "minutes", title: "In minutes", align: "right" },
          { id: "last", title: "Last", align: "right" },
        ]}
        rows={rows}
        empty={<PanelEmpty title="The workspace tells of no throttled and no filtered call." />}
      />
      {notes.map((note) => (
        <p key={note} className="border-t px-4 py-2 text-sm text-muted">
          {note}
        </p>
      ))}
    </>
  );
}

async function keyOf(params: Props["params"]): Promise<string> {
  const { account, deployment } = await params;
  return deploymentKey(account, deployment);
}
