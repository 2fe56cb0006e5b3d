import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { commandContext } from "#lib/commands/context-of-runtime.ts";
import { deletePriceOverride } from "#lib/commands/price-overrides.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Takes a negotiated price out of force. */
export async function DELETE(
  request: Request,
  { params }: { readonly params: Promise<{ readonly overrideId: string }> },
): Promise<Response> {
  const runtime = await getRuntime();
  const { overrideId } = await params;
  return answerCommand(request, runtime.env.APP_URL, async () =>
    deletePriceOverride(await currentPrincipal(), commandContext(runtime), overrideId),
  );
}
