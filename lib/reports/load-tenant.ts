import { type ReportSources, sourcesOr } from "./page-context.ts";

/** What the foot of the sidebar says: whose figures these are. */
export async function loadTenant(given?: ReportSources): Promise<{ readonly name: string }> {
  const { mode, env } = await sourcesOr(given);
  switch (mode) {
    case "demo":
      return { name: "demo tenant" };
    case "imported":
      return { name: "imported logs" };
    case "connected":
      return {
        name:
          env.LOG_ANALYTICS_WORKSPACE_ID.length === 1
            ? "one workspace"
            : `${env.LOG_ANALYTICS_WORKSPACE_ID.length} workspaces`,
      };
  }
}
