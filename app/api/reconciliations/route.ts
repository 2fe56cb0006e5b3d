import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { answerUpload } from "#lib/commands/answer-command.ts";
import { loadInvoice } from "#lib/commands/load-invoice.ts";
import { getRuntime } from "#lib/runtime.ts";

/** Loads cost exports: a form with one or more `files` and, where the files do not tell, a `basis`. */
export async function POST(request: Request): Promise<Response> {
  const runtime = await getRuntime();
  return answerUpload(request, runtime.env.APP_URL, async ({ files, fields }) => {
    const book = await runtime.priceBook();
    const context = { state: runtime.state, now: runtime.now(), ledger: runtime.ledger, book };
    const basis = fields.basis === "actual" || fields.basis === "amortized" ? fields.basis : undefined;
    const { id, document } = await loadInvoice(await currentPrincipal(), context, files, basis);
    return { id, light: document.light, residual: document.residual };
  });
}
