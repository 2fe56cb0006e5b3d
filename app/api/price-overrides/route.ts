import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { commandContext } from "#lib/commands/context-of-runtime.ts";
import { putPriceOverride } from "#lib/commands/price-overrides.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Adds a negotiated price, or changes the one whose id the body names. */
export async function PUT(request: Request): Promise<Response> {
  const runtime = await getRuntime();
  return answerCommand(request, runtime.env.APP_URL, async (body) => ({
    override: await putPriceOverride(
      await currentPrincipal(),
      commandContext(runtime),
      body,
      await runtime.priceBook(),
    ),
  }));
}
