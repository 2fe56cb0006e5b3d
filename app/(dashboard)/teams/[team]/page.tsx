import type { Metadata } from "next";
import Link from "next/link";
import { BudgetBurn } from "#components/budgets/budget-burn.tsx";
import { ChartPanel } from "#components/charts/chart-panel.tsx";
import { ChangeBridge } from "#components/costs/change-bridge.tsx";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { DataTable } from "#components/ui/data-table.tsx";
import { FigureTile, Tiles } from "#components/ui/figure-tile.tsx";
import { Panel, PanelEmpty } from "#components/ui/panel.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { loadTeam } from "#lib/reports/load-team.ts";
import { dimensionValueName } from "#lib/url/dimension-name.ts";
import { teamPath } from "#lib/url/page-path.ts";
import { parseReportParams, toHref } from "#lib/url/report-params.ts";

type Props = PageProps<"/teams/[team]">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: dimensionValueName("team", decodeURIComponent((await params).team)) };
}

export default async function TeamPage({ params, searchParams }: Props) {
  const team = decodeURIComponent((await params).team);
  const reportParams = parseReportParams(await searchParams);
  const report = await loadTeam(await currentPrincipal(), reportParams, team);
  return (
    <PageFrame
      title={report.name}
      path={teamPath(team)}
      context={report.context}
      controls={{ period: true, compare: true, filters: true }}
      crumb={
        <Link href={toHref("/teams", { ...reportParams, by: undefined })} className="link text-muted">
          Teams
        </Link>
      }
    >
      <Tiles>
        <FigureTile
          label="Cost"
          amount={report.cost.amount}
          receipt={report.cost.receipt}
          mark={report.cost.mark}
          change={report.change ?? report.context.comparedNote ?? "no comparison"}
        />
        <FigureTile label="Share of everything" value={report.share.shown} receipt={report.share.receipt} />
        <FigureTile label="Requests" amount={report.requests} receipt={report.requests.receipt} />
        <FigureTile label="Tokens" amount={report.tokens} receipt={report.tokens.receipt} />
        <FigureTile
          label="Cost of 1,000 requests"
          value={report.costPerThousand?.shown ?? "–"}
          exact={report.costPerThousand?.exact}
          title={report.costPerThousand?.full}
          receipt={report.costPerThousand?.receipt}
          change="on average"
        />
      </Tiles>
      <ChartPanel
        title="Cost by day and deployment"
        model={report.chart}
        kind="bars"
        height={220}
        empty={{
          title: "This team has no cost in this period.",
          next: "Choose other days, or look at the ownership rules.",
        }}
      />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel title="Deployments of the team" unit={report.context.currency} id="team-deployments">
          <DataTable
            name="Deployments of the team"
            columns={[
              { id: "name", title: "Deployment" },
              { id: "days", title: "by day", align: "right" },
              { id: "cost", title: "Cost", align: "right", isMain: true },
              { id: "share", title: "Share", align: "right", isMain: true },
              { id: "change", title: "Change", align: "right" },
            ]}
            rows={report.deployments}
            sortedBy={{ column: "cost", isDescending: true }}
            empty={<PanelEmpty title="No deployment in this period.">Choose other days.</PanelEmpty>}
          />
        </Panel>
        <div className="flex flex-col gap-4">
          <ChangeBridge bridge={report.bridge} />
          <BudgetBurn budgets={report.budgets} />
        </div>
      </div>
    </PageFrame>
  );
}
