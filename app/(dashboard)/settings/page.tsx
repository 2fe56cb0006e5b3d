import type { Metadata } from "next";
import { cookies } from "next/headers";
import { SettingsForm, ThemeChooser } from "#components/settings/settings-form.tsx";
import { WebhooksPanel } from "#components/settings/webhooks-panel.tsx";
import { PageFrame } from "#components/shell/page-frame.tsx";
import { DataTable } from "#components/ui/data-table.tsx";
import { Panel, PanelEmpty } from "#components/ui/panel.tsx";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { loadOwnershipRules } from "#lib/reports/load-ownership-rules.ts";
import { loadSettings } from "#lib/reports/load-settings.ts";
import { loadTheme } from "#lib/reports/load-theme.ts";
import { loadWebhooks } from "#lib/reports/load-webhooks.ts";
import type { Column } from "#lib/reports/table-model.ts";
import { parseReportParams } from "#lib/url/report-params.ts";

export const metadata: Metadata = { title: "Settings" };

export default async function SettingsPage({ searchParams }: PageProps<"/settings">) {
  const principal = await currentPrincipal();
  const report = await loadSettings(principal, parseReportParams(await searchParams));
  const { zone } = report.context;
  const [webhooks, rules] = await Promise.all([loadWebhooks(principal, zone), loadOwnershipRules(principal, zone)]);
  const theme = await loadTheme((await cookies()).get("theme")?.value);
  return (
    <PageFrame
      needsLedger={false}
      title="Settings"
      path="/settings"
      context={report.context}
      controls={{ period: false, compare: false, filters: false }}
    >
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Panel title="Calendar and currency" unit="for everybody">
          <SettingsForm
            zone={report.context.reportingZone}
            fiscalStart={report.context.fiscalStart}
            zones={report.zones}
            currency={report.context.currency}
            currencies={report.currencies}
            currencyNote={report.context.currencyNote}
            billingStartDay={report.billingStartDay}
          />
        </Panel>
        <div className="flex flex-col gap-4">
          <Panel title="Theme" unit="of this browser">
            <ThemeChooser theme={theme} />
          </Panel>
          <Panel title="How it was started" unit="set by the environment">
            <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 p-4 text-sm max-md:grid-cols-1 max-md:gap-y-0">
              {report.environment.map((variable) => (
                <div key={variable.name} className="contents">
                  <dt className="font-mono text-muted max-md:mt-2">{variable.name}</dt>
                  <dd className="break-words">{variable.value}</dd>
                </div>
              ))}
            </dl>
          </Panel>
        </div>
      </div>
      {webhooks ? <WebhooksPanel report={webhooks} /> : null}
      <Panel title="Ownership rules" unit="in the order in which they are tried" id="ownership-rules">
        <DataTable
          name="Ownership rules"
          columns={RULE_COLUMNS}
          rows={rules}
          hasSearch={rules.length > 8}
          empty={
            <PanelEmpty title="No rule: owners come from the tags of the resources and from what callers send.">
              <code className="font-mono">PUT /api/attribution-rules</code> puts an ordered list in force.
            </PanelEmpty>
          }
        />
      </Panel>
    </PageFrame>
  );
}

const RULE_COLUMNS: readonly Column[] = [
  { id: "order", title: "Order" },
  { id: "kind", title: "When the" },
  { id: "value", title: "is", isMain: true },
  { id: "team", title: "Team", isMain: true },
  { id: "application", title: "Application" },
  { id: "holds", title: "Holds" },
];
