import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { commandContext } from "#lib/commands/context-of-runtime.ts";
import { saveQuery } from "#lib/commands/saved-queries.ts";
import { savedQueryView } from "#lib/reports/load-query.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Keeps KQL from `{ name, kql, isShared? }` under a name of one's own; answers what the person now sees. */
export async function PUT(request: Request): Promise<Response> {
  const runtime = await getRuntime();
  return answerCommand(request, runtime.env.APP_URL, async (body) => {
    const principal = await currentPrincipal();
    const saved = await saveQuery(principal, commandContext(runtime), body);
    return saved.map((query) => savedQueryView(principal, query));
  });
}
