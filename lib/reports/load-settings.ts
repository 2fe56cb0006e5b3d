import type { Principal } from "../auth/principal.ts";
import { listClosedMonths } from "../db/closed-months.ts";
import { readExchangeRateFile } from "../db/exchange-rate-file.ts";
import { readBillingStartDay, THEMES, type Theme } from "../db/settings.ts";
import type { ReportParams } from "../url/report-params.ts";
import { loadPageContext, type PageContext, type ReportSources, sourcesOr } from "./page-context.ts";

export type SettingsReport = {
  readonly context: PageContext;
  readonly zones: readonly string[];
  readonly themes: readonly Theme[];
  /** The price book's first, then those that `exchange-rates.csv` has rates to. */
  readonly currencies: readonly string[];
  /** The day of the month on which billing periods start; it is fixed once one of them is closed. */
  readonly billingStartDay: { readonly day: number; readonly isFixed: boolean };
  /** The variables that say how this installation was started; nothing secret. */
  readonly environment: readonly { readonly name: string; readonly value: string }[];
};

/** What can be set in the product, and how it was started. */
export async function loadSettings(
  principal: Principal,
  params: ReportParams,
  given?: ReportSources,
): Promise<SettingsReport> {
  const sources = await sourcesOr(given);
  const context = await loadPageContext(principal, params, sources);
  const { env, mode, stated, state } = sources;
  const [day, closed] = await Promise.all([readBillingStartDay(state.db), listClosedMonths(state.db)]);
  return {
    context,
    zones: ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")],
    themes: THEMES,
    currencies: [...new Set([stated.book, context.currency, ...(await currenciesWithRates(env.dataDir, stated.book))])],
    billingStartDay: { day, isFixed: closed.length > 0 },
    environment: [
      {
        name: "Mode",
        value: { demo: "demo tenant", imported: "imported logs", connected: "connected to Azure" }[mode],
      },
      { name: "DATA_DIR", value: env.dataDir },
      {
        name: "LOG_ANALYTICS_WORKSPACE_ID",
        value:
          env.LOG_ANALYTICS_WORKSPACE_ID.map(({ workspaceId }) => workspaceId).join(", ") ||
          "not set: the embedded workspace answers",
      },
      {
        name: "AZURE_OPENAI_RESOURCE_IDS",
        value: env.AZURE_OPENAI_RESOURCE_IDS.map((id) => id.split("/").at(-1)).join(", ") || "not set",
      },
      {
        name: "DATABASE_URL",
        value: env.DATABASE_URL ? "set: PostgreSQL holds the state" : "not set: SQLite holds the state",
      },
      {
        name: "REPORTING_CURRENCY",
        value: env.REPORTING_CURRENCY ?? `not set: ${stated.book}, as the price book has it`,
      },
    ],
  };
}

async function currenciesWithRates(dataDir: string, book: string): Promise<string[]> {
  return (await readExchangeRateFile(dataDir)).filter(({ from }) => from === book).map(({ to }) => to);
}
