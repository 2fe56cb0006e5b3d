import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { commandContext } from "#lib/commands/context-of-runtime.ts";
import { previewPriceOverride } from "#lib/commands/price-overrides.ts";
import { getRuntime } from "#lib/runtime.ts";

/** What a negotiated price would make of the current billing month; nothing is saved. */
export async function POST(request: Request): Promise<Response> {
  const runtime = await getRuntime();
  return answerCommand(request, runtime.env.APP_URL, async (body) => ({
    preview: await previewPriceOverride(
      await currentPrincipal(),
      commandContext(runtime),
      body,
      runtime.ledger,
      await runtime.priceBook(),
    ),
  }));
}
