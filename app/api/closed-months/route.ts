import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { closeMonth } from "#lib/commands/close-month.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Closes a billing month for good. */
export async function POST(request: Request): Promise<Response> {
  const runtime = await getRuntime();
  return answerCommand(request, runtime.env.APP_URL, async (body) => {
    const { closed, archived } = await closeMonth(await currentPrincipal(), runtime, body);
    return { month: closed.month, hash: archived.hash };
  });
}
