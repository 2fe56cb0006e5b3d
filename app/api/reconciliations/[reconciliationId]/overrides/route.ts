import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { adoptOffer } from "#lib/commands/adopt-offer.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { commandContext } from "#lib/commands/context-of-runtime.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Enters a price that a loaded invoice implies as a negotiated price: `{"offer": ID}`. */
export async function POST(
  request: Request,
  { params }: RouteContext<"/api/reconciliations/[reconciliationId]/overrides">,
): Promise<Response> {
  const runtime = await getRuntime();
  const { reconciliationId } = await params;
  return answerCommand(request, runtime.env.APP_URL, async (body) => ({
    override: await adoptOffer(
      await currentPrincipal(),
      commandContext(runtime),
      reconciliationId,
      body,
      await runtime.priceBook(),
    ),
  }));
}
