import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { budgetView } from "#lib/commands/budget-view.ts";
import { createBudget } from "#lib/commands/budgets.ts";
import { budgetContext } from "#lib/commands/context-of-runtime.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Creates a budget; the body is a budget as `lib/commands/budget-input.ts` describes it. */
export async function POST(request: Request): Promise<Response> {
  const runtime = await getRuntime();
  return answerCommand(request, runtime.env.APP_URL, async (body) =>
    budgetView(await createBudget(await currentPrincipal(), await budgetContext(runtime), body)),
  );
}
