import type { Metadata } from "next";
import Form from "next/form";
import Link from "next/link";
import { ChartPanel } from "#components/charts/chart-panel.tsx";
import { KeptParams } from "#components/prices/price-finder.tsx";
import { ReservationsPanel } from "#components/prices/reservations-panel.tsx";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { buttonStyle } from "#components/ui/button.tsx";
import { DataTable } from "#components/ui/data-table.tsx";
import { FIELD } from "#components/ui/field.tsx";
import { Panel, PanelEmpty } from "#components/ui/panel.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { loadProvisioned, REPLAY_DAYS } from "#lib/reports/load-provisioned.ts";
import { loadReservations } from "#lib/reports/load-reservations.ts";
import type { Column } from "#lib/reports/table-model.ts";
import { parseReportParams } from "#lib/url/report-params.ts";

export const metadata: Metadata = { title: "Provisioned or pay-as-you-go" };

export default async function ProvisionedPage({ searchParams }: PageProps<"/prices/provisioned">) {
  const search = await searchParams;
  const params = parseReportParams(search);
  const days = REPLAY_DAYS.find((one) => String(one) === search.replay) ?? REPLAY_DAYS[0];
  const principal = await currentPrincipal();
  const [report, reservations] = await Promise.all([
    loadProvisioned(principal, params, days),
    loadReservations(principal),
  ]);
  const { result } = report;
  return (
    <PageFrame
      title="Provisioned or pay-as-you-go"
      path="/prices/provisioned"
      context={report.context}
      controls={{ period: false, compare: false, filters: false }}
      crumb={
        <Link href="/prices" className="link text-muted">
          Prices
        </Link>
      }
    >
      <Form action="/prices/provisioned" className="flex flex-wrap items-center gap-3">
        <KeptParams params={params} without={["deployment"]} />
        <select
          name="deployment"
          aria-label="Deployment"
          defaultValue={report.deployment ?? ""}
          className={`${FIELD} max-w-md`}
        >
          {report.deployments.map(({ key, name }) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
        <select name="replay" aria-label="Days to replay" defaultValue={String(days)} className={`${FIELD} max-w-40`}>
          {REPLAY_DAYS.map((one) => (
            <option key={one} value={one}>
              the last {one} days
            </option>
          ))}
        </select>
        <button type="submit" className={buttonStyle({ tone: "main" })}>
          Replay
        </button>
      </Form>
      <dl className="flex flex-wrap gap-x-8 gap-y-2">
        {report.facts.map((fact) => (
          <div key={fact.name}>
            <dt className="text-sm text-faint">{fact.name}</dt>
            <dd>{fact.value}</dd>
          </div>
        ))}
      </dl>
      {result.kind === "unanswered" ? (
        <Panel title="No answer" unit={report.period}>
          <PanelEmpty title={result.reason}>{result.next}</PanelEmpty>
        </Panel>
      ) : (
        <>
          <Panel title="Answer" unit={`real minutes of ${report.period}`}>
            <div className="figures flex flex-col gap-3 px-4 py-4">
              <p className="text-lg" data-figure="answer">
                {result.answer.sentence}
              </p>
              <ul className="flex list-disc flex-col gap-1 pl-5 text-muted">
                {result.answer.reasons.map((reason) => (
                  <li key={reason}>{reason}</li>
                ))}
              </ul>
              <p className="text-sm text-faint">
                Tried with {result.answer.cases.join("; ")}. The figures beside and below are those of the first;
                refused and in use span all. {report.notes.join(" ")} Bursts within one minute are not seen.
              </p>
            </div>
          </Panel>
          <ChartPanel
            title="Cost by size"
            model={result.answer.chart}
            kind="lines"
            height={240}
            empty={{ title: "No price of provisioned capacity is known here.", next: "See the price book." }}
          />
          <div className="grid items-start gap-4 lg:grid-cols-2">
            <Panel title="Break-even" unit="average use above which a unit pays">
              <dl className="figures grid grid-cols-[auto_1fr] gap-x-6 gap-y-1 p-4">
                {result.answer.breakEven.map(({ term, text, exact }) => (
                  <div key={term} className="contents">
                    <dt className="text-muted">{term}</dt>
                    <dd data-exact={exact}>{text}</dd>
                  </div>
                ))}
              </dl>
            </Panel>
            <Panel title="Load" unit="and the size that carries it">
              <dl className="figures grid grid-cols-[auto_1fr] gap-x-6 gap-y-1 p-4">
                {result.answer.load.map(({ name, value }) => (
                  <div key={name} className="contents">
                    <dt className="text-muted">{name}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
            </Panel>
          </div>
          <Panel title="Every size" unit={`${report.context.currency} a month of 730 hours, spillover included`}>
            <DataTable name="Sizes" columns={COLUMNS} rows={result.answer.rows} empty={null} />
          </Panel>
        </>
      )}
      <ReservationsPanel report={reservations} />
    </PageFrame>
  );
}

const COLUMNS: readonly Column[] = [
  { id: "ptu", title: "PTU" },
  { id: "hourly", title: "By the hour", align: "right" },
  { id: "month", title: "Reserved by the month", align: "right" },
  { id: "year", title: "Reserved by the year", align: "right", isMain: true },
  { id: "refused", title: "Refused", align: "right", isMain: true },
  { id: "spilled", title: "Spilled over", align: "right" },
  { id: "utilisation", title: "In use", align: "right" },
];
