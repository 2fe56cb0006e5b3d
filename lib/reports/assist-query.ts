import { z } from "zod";
import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import type { Completions } from "../kql/assist.ts";
import type { Diagnostic } from "../kql/bind.ts";
import { getRuntime, type Runtime } from "../runtime.ts";

const inputSchema = z.object({ text: z.string().max(131_072), position: z.number().int().nonnegative().optional() });

export type QueryAssistance = { readonly diagnostics: readonly Diagnostic[]; readonly completions: Completions | null };

/** Squiggles for a text, and proposals for a place in it, from the server's own binder. */
export async function assistQuery(
  principal: Principal,
  input: unknown,
  given?: Pick<Runtime, "kqlAssist">,
): Promise<QueryAssistance> {
  requireAdministrator(principal, "type KQL");
  const { text, position } = inputSchema.parse(input);
  const { kqlAssist } = given ?? (await getRuntime());
  return position === undefined
    ? { diagnostics: kqlAssist.diagnose(text), completions: null }
    : { diagnostics: [], completions: kqlAssist.complete(text, Math.min(position, text.length)) };
}
