import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { sendTest } from "#lib/commands/channels.ts";
import { channelContext } from "#lib/commands/context-of-runtime.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Puts a message marked as a test into the outbox of a channel. */
export async function POST(
  request: Request,
  { params }: { readonly params: Promise<{ readonly channelId: string }> },
): Promise<Response> {
  const runtime = await getRuntime();
  const { channelId } = await params;
  return answerCommand(request, runtime.env.APP_URL, async () =>
    sendTest(await currentPrincipal(), await channelContext(runtime), channelId),
  );
}
