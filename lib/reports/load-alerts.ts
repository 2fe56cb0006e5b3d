import type { AlertEventKind, AlertState } from "../alerts/alert.ts";
import type { Principal } from "../auth/principal.ts";
import { listAlertEvents, listOpenAlerts } from "../db/alert-history.ts";
import { listBudgets } from "../db/budgets.ts";
import { listOutbox } from "../db/outbox.ts";
import { formatAgo, formatInstant } from "../format/format-time.ts";
import type { ReportParams } from "../url/report-params.ts";
import { loadPageContext, type PageContext, type ReportSources, sourcesOr } from "./page-context.ts";
import type { Row, State } from "./table-model.ts";

export type AlertsReport = {
  readonly context: PageContext;
  readonly open: readonly Row[];
  readonly history: readonly Row[];
  readonly deliveries: readonly Row[];
  readonly waiting: number;
};

const LIMIT = 200;
const DELIVERIES = 50;

/** What is alerting now, what happened before, and whether the messages went out. */
export async function loadAlerts(
  principal: Principal,
  params: ReportParams,
  given?: ReportSources,
): Promise<AlertsReport> {
  const sources = await sourcesOr(given);
  const context = await loadPageContext(principal, params, sources);
  const { db } = sources.state;
  const [open, events, outbox, budgets] = await Promise.all([
    listOpenAlerts(db),
    listAlertEvents(db, { limit: LIMIT }),
    listOutbox(db, DELIVERIES),
    listBudgets(db),
  ]);
  const { zone, now } = context;
  const nameOf = new Map<string, string>(budgets.map((budget) => [budget.id, budget.name]));
  return {
    context,
    open: open.map((alert): Row => {
      return {
        id: alert.id,
        cells: {
          name: {
            text: nameOf.get(alert.ruleId) ?? alert.labels.name ?? alert.ruleId,
            href: alert.ruleKind === "budget" ? `/budgets?edit=${alert.ruleId}` : undefined,
          },
          state: { text: alert.state, state: stateOf(alert.state) },
          what: { text: whatOf(alert.labels) },
          since: { text: formatInstant(alert.since, zone), note: formatAgo(alert.since, now), sort: alert.since },
        },
      };
    }),
    history: events.map(
      (event): Row => ({
        id: event.id,
        cells: {
          at: { text: formatInstant(event.at, zone, { withYear: true }), sort: event.at, exact: String(event.at) },
          kind: {
            text: EVENT_WORDS[event.kind],
            state:
              event.kind === "recovered" || event.kind === "resolved"
                ? "ok"
                : event.kind === "no_data" || event.kind === "error"
                  ? "no data"
                  : "watch",
          },
          title: { text: event.title },
          rule: { text: nameOf.get(event.ruleId) ?? "deleted" },
        },
      }),
    ),
    deliveries: outbox.map(
      (row): Row => ({
        id: row.id,
        cells: {
          at: { text: formatInstant(row.createdAt, zone, { withYear: true }), sort: row.createdAt },
          kind: { text: row.kind },
          state: {
            text: row.state,
            state: row.state === "delivered" ? "ok" : row.state === "dead" ? "firing" : "watch",
          },
          attempts: { text: String(row.attempt), sort: row.attempt },
          error: { text: row.lastError ?? "–" },
        },
      }),
    ),
    waiting: outbox.filter((row) => row.state !== "delivered").length,
  };
}

const EVENT_WORDS: Readonly<Record<AlertEventKind, string>> = {
  fired: "fired",
  resolved: "resolved",
  recovered: "recovered",
  repeated: "repeated",
  no_data: "no data",
  error: "could not be evaluated",
  crossed: "passed",
  restated: "restated",
  revised: "changed",
};

function stateOf(state: AlertState): State {
  switch (state) {
    case "Firing":
      return "firing";
    case "Pending":
    case "Recovering":
      return "watch";
    case "NoData":
    case "Error":
      return "no data";
    case "Normal":
      return "ok";
  }
}

/** The line that was crossed, or the labels as they are where a rule is not of a budget. */
function whatOf(labels: Readonly<Record<string, string>>): string {
  const { percent, basis, scope, ...others } = labels;
  if (percent && basis) return `${percent}\u00a0% of the ${basis} cost${scope ? ` of ${scope.replace(":", " ")}` : ""}`;
  const rest = Object.entries({ ...(scope ? { scope } : {}), ...others }).map(([name, value]) => `${name} ${value}`);
  return rest.join(" · ") || "–";
}
