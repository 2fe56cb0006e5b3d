import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { answerQuery } from "#lib/reports/answer-query.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Runs KQL that an administrator typed; `{ text, timespan? }`. A refusal of the workspace is a 200 that says so. */
export async function POST(request: Request): Promise<Response> {
  const { env } = await getRuntime();
  return answerCommand(request, env.APP_URL, async (body) =>
    answerQuery(await currentPrincipal(), body, undefined, request.signal),
  );
}
