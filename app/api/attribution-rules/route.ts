import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { saveAttributionRules } from "#lib/commands/attribution-rules.ts";
import { commandContext } from "#lib/commands/context-of-runtime.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Puts the ordered list of ownership rules in the body in force. */
export async function PUT(request: Request): Promise<Response> {
  const runtime = await getRuntime();
  return answerCommand(request, runtime.env.APP_URL, async (body) => ({
    rules: await saveAttributionRules(await currentPrincipal(), commandContext(runtime), body),
  }));
}
