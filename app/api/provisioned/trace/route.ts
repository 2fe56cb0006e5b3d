import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerUpload } from "#lib/commands/answer-command.ts";
import { loadTracePlan } from "#lib/reports/load-trace-plan.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Provisioned or pay-as-you-go for a trace that somebody uploads; the trace is read and forgotten. */
export async function POST(request: Request): Promise<Response> {
  const runtime = await getRuntime();
  return answerUpload(request, runtime.env.APP_URL, async ({ files, fields }) => {
    const file = files[0] ?? { name: "The upload", text: "" };
    const { model = "", scope = "", region = "" } = fields;
    return { plan: await loadTracePlan(await currentPrincipal(), { ...file, model, scope, region }) };
  });
}
