import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerCommand } from "#lib/commands/answer-command.ts";
import { budgetView } from "#lib/commands/budget-view.ts";
import { deleteBudget, editBudget } from "#lib/commands/budgets.ts";
import { commandContext } from "#lib/commands/context-of-runtime.ts";
import { getRuntime } from "#lib/runtime.ts";

type Context = { readonly params: Promise<{ readonly budgetId: string }> };

/** Changes a budget; the body is the whole budget as it shall be. */
export async function PUT(request: Request, { params }: Context): Promise<Response> {
  const runtime = await getRuntime();
  const { budgetId } = await params;
  return answerCommand(request, runtime.env.APP_URL, async (body) =>
    budgetView(await editBudget(await currentPrincipal(), commandContext(runtime), budgetId, body)),
  );
}

/** Deletes a budget; its history stays. */
export async function DELETE(request: Request, { params }: Context): Promise<Response> {
  const runtime = await getRuntime();
  const { budgetId } = await params;
  return answerCommand(request, runtime.env.APP_URL, async () =>
    deleteBudget(await currentPrincipal(), commandContext(runtime), budgetId),
  );
}
