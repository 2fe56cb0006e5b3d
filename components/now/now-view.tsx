"use client";

import type { NowReport } from "#lib/reports/load-now.ts";
import { ChartPanel } from "../charts/chart-panel.tsx";
import { SentenceLine } from "../costs/sentence-line.tsx";
import { DataTable } from "../ui/data-table.tsx";
import { FigureTile, Tiles } from "../ui/figure-tile.tsx";
import { Panel, PanelEmpty, PanelFailed } from "../ui/panel.tsx";
import { StateWord } from "../ui/state-word.tsx";
import { useRefreshed } from "./use-refreshed.ts";

const EVERY_MS = 15_000;
const EMPTY = {
  title: "No request in the last three hours.",
  next: "Minutes appear as soon as the accounts' logs arrive in the workspace.",
};

/** The last three hours; asks again every fifteen seconds. */
export function NowView({ first, address }: { first: NowReport; address: string }) {
  const { report, failure } = useRefreshed(first, address, EVERY_MS);
  const { charts, queryHref } = report;
  return (
    <>
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <SentenceLine sentence={report.sentence} />
        <p className="text-sm text-muted" data-as-of={report.asOf}>
          {failure ? (
            <StateWord state="late">not refreshed: {failure}</StateWord>
          ) : (
            `as of ${report.asOf}, refreshed every 15 s`
          )}
        </p>
      </div>
      {report.failure ? (
        <div className="rounded-md border bg-surface">
          <PanelFailed tried={report.failure.tried} happened={report.failure.happened} next={report.failure.next} />
        </div>
      ) : null}
      <Tiles isShort>
        {report.figures.map((figure) => (
          <FigureTile
            key={figure.label}
            label={figure.label}
            value={figure.value}
            exact={figure.exact}
            change={figure.change}
            receipt={figure.receipt}
            mark={figure.state === "watch" ? "watch" : undefined}
          />
        ))}
      </Tiles>
      <Panel
        title="Deployments"
        unit="the last 15 minutes, worst first"
        note={report.note ?? undefined}
        id="now-deployments"
      >
        <DataTable
          name="Deployments now"
          columns={[
            { id: "name", title: "Deployment" },
            { id: "state", title: "State", isMain: true },
            { id: "spark", title: "last hour", align: "right" },
            { id: "requests", title: "Requests", align: "right" },
            { id: "throttled", title: "429", align: "right", isMain: true },
            { id: "server", title: "Server errors", align: "right" },
            { id: "denied", title: "Access denied", align: "right" },
            { id: "client", title: "Client errors", align: "right" },
            { id: "p95", title: "p95", align: "right" },
          ]}
          rows={report.grid}
          empty={<PanelEmpty title={EMPTY.title}>{EMPTY.next}</PanelEmpty>}
        />
      </Panel>
      <ChartPanel
        title="Errors by cause"
        model={charts.causes}
        kind="bars"
        syncId="now"
        height={200}
        empty={EMPTY}
        queryHref={queryHref ?? undefined}
      />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <ChartPanel
          title="Throttling by deployment"
          model={charts.throttled}
          kind="areas"
          syncId="now"
          height={170}
          empty={{
            title: "The platform metrics have no minute of the last three hours.",
            next: "Data shows which accounts answer.",
          }}
        />
        <ChartPanel
          title="Latency"
          model={charts.latency}
          kind="lines"
          syncId="now"
          height={170}
          empty={EMPTY}
          queryHref={queryHref ?? undefined}
        />
        <ChartPanel
          title="Requests"
          model={charts.requests}
          kind="areas"
          syncId="now"
          height={150}
          empty={EMPTY}
          queryHref={queryHref ?? undefined}
        />
        <Panel title="Who is hit" unit="the last hour, from the ledger" id="now-hit">
          <DataTable
            name="Who is hit"
            columns={[
              { id: "name", title: "Team" },
              { id: "throttled", title: "Throttled", align: "right", isMain: true },
              { id: "failed", title: "Failed", align: "right", isMain: true },
              { id: "share", title: "of its requests", align: "right" },
            ]}
            rows={report.hit}
            empty={
              <PanelEmpty title="Nobody was throttled or failed in the last hour.">
                As far as the data clock reaches.
              </PanelEmpty>
            }
          />
        </Panel>
      </div>
      <Panel title="How far the data is" id="now-clocks">
        {report.clocks.length === 0 ? (
          <PanelEmpty title="No source has been asked yet.">
            The first evaluation asks each of them within a minute of the start.
          </PanelEmpty>
        ) : null}
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(440px,100%),1fr))] gap-x-6 px-4 py-2 text-sm">
          {report.clocks.map((clock) => (
            <li key={clock.name} className="flex justify-between gap-3 py-1">
              <span className="truncate text-muted">{clock.name}</span>
              <StateWord state={clock.state}>{clock.text}</StateWord>
            </li>
          ))}
        </ul>
      </Panel>
    </>
  );
}
