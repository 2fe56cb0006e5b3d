import { z } from "zod";
import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import type { StoredPriceOverride } from "../db/price-overrides.ts";
import { readReconciliation } from "../db/reconciliations.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { offeredOverrides } from "../pricing/reconcile/offered-overrides.ts";
import { reconciliationDocumentSchema } from "../pricing/reconcile/reconciliation-document.ts";
import { type CommandContext, NotFoundError } from "./command-context.ts";
import { parseInput } from "./parse-input.ts";
import { putPriceOverride } from "./price-overrides.ts";

/** Which of the prices that an invoice implies. */
export const adoptOfferInputSchema = z.strictObject({ offer: z.string().min(1) });

/**
 * Enters a price that a loaded invoice implies as a negotiated price, with the invoice as its reason. What it says is read
 * from the load that was kept, not from who asks.
 */
export async function adoptOffer(
  principal: Principal,
  context: CommandContext,
  reconciliationId: string,
  input: unknown,
  book: PriceBook,
): Promise<StoredPriceOverride> {
  requireAdministrator(principal, "change prices");
  const { offer: offerId } = parseInput(adoptOfferInputSchema, input);
  const stored = await readReconciliation(context.state.db, reconciliationId);
  const from = stored?.days[0]?.day;
  const offers =
    stored && from !== undefined
      ? offeredOverrides(reconciliationDocumentSchema.parse(stored.document), { from, source: stored.files.join(", ") })
      : [];
  const offer = offers.find(({ id }) => id === offerId);
  if (!offer) throw new NotFoundError("This invoice does not offer that price any more. Reload the page.");
  return putPriceOverride(principal, context, offer.input, book);
}
