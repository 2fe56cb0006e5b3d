import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerProgress } from "#lib/commands/answer-progress.ts";
import { applyRepricing } from "#lib/commands/repricing.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Prices the past by the price book of now; the answer is a line of JSON for each step and one for the end. */
export async function POST(request: Request): Promise<Response> {
  const runtime = await getRuntime();
  const principal = await currentPrincipal();
  return answerProgress(request, runtime.env.APP_URL, async (tell) => {
    const { changed } = await applyRepricing(principal, runtime, tell);
    return { changed };
  });
}
