import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { commandContext } from "#lib/commands/context-of-runtime.ts";
import { forgetQuery } from "#lib/commands/saved-queries.ts";
import { savedQueryView } from "#lib/reports/load-query.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Removes a saved query of one's own; answers what the person still sees. */
export async function DELETE(
  request: Request,
  { params }: { readonly params: Promise<{ readonly queryId: string }> },
): Promise<Response> {
  const runtime = await getRuntime();
  const { queryId } = await params;
  return answerCommand(request, runtime.env.APP_URL, async () => {
    const principal = await currentPrincipal();
    const saved = await forgetQuery(principal, commandContext(runtime), queryId);
    return saved.map((query) => savedQueryView(principal, query));
  });
}
