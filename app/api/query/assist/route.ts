import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { assistQuery } from "#lib/reports/assist-query.ts";
import { getRuntime } from "#lib/runtime.ts";

/** What the editor shows while KQL is typed: squiggles, and proposals when `{ text, position }` names a place. */
export async function POST(request: Request): Promise<Response> {
  const { env } = await getRuntime();
  return answerCommand(request, env.APP_URL, async (body) => assistQuery(await currentPrincipal(), body));
}
