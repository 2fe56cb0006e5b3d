import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { deleteChannel } from "#lib/commands/channels.ts";
import { channelContext } from "#lib/commands/context-of-runtime.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Removes a channel; what waits for it is cancelled. */
export async function DELETE(
  request: Request,
  { params }: { readonly params: Promise<{ readonly channelId: string }> },
): Promise<Response> {
  const runtime = await getRuntime();
  const { channelId } = await params;
  return answerCommand(request, runtime.env.APP_URL, async () =>
    deleteChannel(await currentPrincipal(), await channelContext(runtime), channelId),
  );
}
