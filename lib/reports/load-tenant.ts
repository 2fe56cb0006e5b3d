import { type ReportSources, sourcesOr } from "./page-context.ts";

/** What the foot of the sidebar says: whose figures these are. */
export async function loadTenant(given?: ReportSources): Promise<{ readonly name: string }> {
  const { mode, env } = await sourcesOr(given);
  switch (mode) {
    case "demo":
      return { name: "demo tenant" };
    case "imported":
      return { name: "imported logs" };
    case "connected": {
      const [workspaces, accounts] = [env.LOG_ANALYTICS_WORKSPACE_ID.length, env.AZURE_OPENAI_RESOURCE_IDS.length];
      if (workspaces > 0) return { name: workspaces === 1 ? "one workspace" : `${workspaces} workspaces` };
      return { name: accounts === 1 ? "one account" : `${accounts} accounts` };
    }
  }
}
