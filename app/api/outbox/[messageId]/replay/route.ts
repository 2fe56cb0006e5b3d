import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { replayMessage } from "#lib/commands/channels.ts";
import { channelContext } from "#lib/commands/context-of-runtime.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Sends a dead message again, with its own key. */
export async function POST(
  request: Request,
  { params }: { readonly params: Promise<{ readonly messageId: string }> },
): Promise<Response> {
  const runtime = await getRuntime();
  const { messageId } = await params;
  return answerCommand(request, runtime.env.APP_URL, async () =>
    replayMessage(await currentPrincipal(), await channelContext(runtime), messageId),
  );
}
