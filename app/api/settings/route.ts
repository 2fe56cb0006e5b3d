import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { commandContext } from "#lib/commands/context-of-runtime.ts";
import { updateSettings } from "#lib/commands/settings.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Changes the zone, the fiscal start or the theme; what the body leaves out stays. */
export async function PATCH(request: Request): Promise<Response> {
  const runtime = await getRuntime();
  return answerCommand(request, runtime.env.APP_URL, async (body) => ({
    settings: await updateSettings(await currentPrincipal(), commandContext(runtime), body),
  }));
}
