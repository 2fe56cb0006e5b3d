import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { previewRepricing, repricingView } from "#lib/commands/repricing.ts";
import { getRuntime } from "#lib/runtime.ts";

/** What the price book of now would make of the past, by month and team; nothing is written. */
export async function POST(request: Request): Promise<Response> {
  const runtime = await getRuntime();
  return answerCommand(request, runtime.env.APP_URL, async () => {
    const preview = await previewRepricing(await currentPrincipal(), runtime);
    return { preview: preview && repricingView(preview) };
  });
}
