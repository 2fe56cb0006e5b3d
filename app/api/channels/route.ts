import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { createChannel } from "#lib/commands/channels.ts";
import { channelContext } from "#lib/commands/context-of-runtime.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Adds a webhook from `{ name, url }`; the answer shows the signing secret this once. */
export async function POST(request: Request): Promise<Response> {
  const runtime = await getRuntime();
  return answerCommand(request, runtime.env.APP_URL, async (body) =>
    createChannel(await currentPrincipal(), await channelContext(runtime), body),
  );
}
