import type { Principal } from "../auth/principal.ts";
import { THEMES, type Theme } from "../db/settings.ts";
import type { ReportParams } from "../url/report-params.ts";
import { loadPageContext, type PageContext, type ReportSources, sourcesOr } from "./page-context.ts";

export type SettingsReport = {
  readonly context: PageContext;
  readonly zones: readonly string[];
  readonly themes: readonly Theme[];
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
  const { env, mode } = sources;
  return {
    context,
    zones: ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")],
    themes: THEMES,
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
      { name: "REPORTING_CURRENCY", value: env.REPORTING_CURRENCY },
    ],
  };
}
