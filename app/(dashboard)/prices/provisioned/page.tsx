import type { Metadata } from "next";
import Form from "next/form";
import Link from "next/link";
import { KeptParams } from "#components/prices/prices-form.tsx";
import { ProvisionedAnswerView } from "#components/prices/provisioned-answer.tsx";
import { ReservationsPanel } from "#components/prices/reservations-panel.tsx";
import { TraceReplay } from "#components/prices/trace-replay.tsx";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { buttonStyle } from "#components/ui/button.tsx";
import { FIELD } from "#components/ui/field.tsx";
import { Panel, PanelEmpty } from "#components/ui/panel.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { loadProvisioned, REPLAY_DAYS } from "#lib/reports/load-provisioned.ts";
import { loadReservations } from "#lib/reports/load-reservations.ts";
import { parseReportParams, toSearchParams } from "#lib/url/report-params.ts";

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
        <KeptParams search={toSearchParams(params)} without={["deployment"]} />
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
        <ProvisionedAnswerView
          answer={result.answer}
          notes={[...report.notes, "Bursts within one minute are not seen."]}
          unit={`real minutes of ${report.period}`}
          currency={reservations.currency}
        />
      )}
      <ReservationsPanel report={reservations} />
      <TraceReplay models={report.plannable} currency={reservations.currency} />
    </PageFrame>
  );
}
