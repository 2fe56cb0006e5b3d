import { z } from "zod";
import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import { appendAudit } from "../db/audit-log.ts";
import { agreementRow } from "../db/load-price-book.ts";
import {
  listPriceOverrides,
  retirePriceOverride,
  type StoredPriceOverride,
  savePriceOverride,
} from "../db/price-overrides.ts";
import { readAgreements } from "../pricing/agreement.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { toInstant } from "../time/instant.ts";
import { uuidV7 } from "../time/uuid-v7.ts";
import { SCOPES, TOKEN_KINDS } from "../usage/price-key.ts";
import { type CommandContext, InputError, NotFoundError } from "./command-context.ts";
import { parseInput } from "./parse-input.ts";

const decimal = z.string().regex(/^\d+(\.\d+)?$/, "Write a plain decimal such as 0.15.");
const instant = z.iso.datetime({ offset: true, message: "Write an instant such as 2026-11-01T00:00:00Z." });

/** A negotiated price or discount: what it is about (nothing named: every meter), its terms and since when it holds. */
export const priceOverrideInputSchema = z.strictObject({
  id: z.string().min(1).optional(),
  about: z
    .strictObject({
      meterId: z.string().min(1).optional(),
      meterName: z.string().min(1).optional(),
      model: z.string().min(1).optional(),
      scope: z.enum(SCOPES).optional(),
      region: z.string().min(1).optional(),
      tokenKind: z.enum(TOKEN_KINDS).optional(),
    })
    .default({}),
  terms: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("price"),
      price: decimal,
      perUnits: z.string().regex(/^[1-9]\d*$/, "Write how many units the price pays for, such as 1000000."),
    }),
    z.strictObject({
      kind: z.literal("discount"),
      percent: decimal.refine((text) => Number(text) <= 100, "A discount is at most 100 %."),
    }),
  ]),
  validFrom: instant,
  validTo: instant.nullable().default(null),
  reason: z.string().trim().min(1, "Say where this price comes from, such as the number of the agreement."),
});

/** Adds a negotiated price, or changes the one whose id is given; one that would make a wrong bill is refused. */
export async function putPriceOverride(
  principal: Principal,
  { state, now }: CommandContext,
  input: unknown,
  book: PriceBook = loadBundledCatalogue(),
): Promise<StoredPriceOverride> {
  requireAdministrator(principal, "change prices");
  const { id, validFrom, validTo, ...definition } = parseInput(priceOverrideInputSchema, input);
  if (validTo !== null && Date.parse(validTo) <= Date.parse(validFrom))
    throw new InputError({ validTo: "The price must end after it begins." });
  const override = {
    id: id ?? uuidV7(now),
    definition,
    validFrom: toInstant(validFrom),
    validTo: validTo === null ? null : toInstant(validTo),
  };
  return state.transaction(async (tx) => {
    const stored = await listPriceOverrides(tx);
    const before = stored.find(({ id }) => id === override.id) ?? null;
    refuseImpossible([...stored.filter(({ id }) => id !== override.id), override], book);
    await savePriceOverride(tx, override, now);
    await audit(tx, principal, now, "price_override.save", override.id, before, override);
    return { ...override, updatedAt: now };
  });
}

/** Refuses overlapping validity and a price far from its list price; the new override is the last of all. */
function refuseImpossible(overrides: readonly Omit<StoredPriceOverride, "updatedAt">[], book: PriceBook): void {
  const read = readAgreements(overrides.map(agreementRow), [], book);
  if (read.kind === "accepted") return;
  const refusal = read.refusals.find(({ row }) => row === overrides.length);
  if (refusal) throw new InputError({ terms: `This price cannot be used: ${refusal.reason}.` });
}

/** Takes a negotiated price out of force. */
export async function deletePriceOverride(
  principal: Principal,
  { state, now }: CommandContext,
  id: string,
): Promise<void> {
  requireAdministrator(principal, "change prices");
  await state.transaction(async (tx) => {
    const before = (await listPriceOverrides(tx)).find((stored) => stored.id === id) ?? null;
    if (!(await retirePriceOverride(tx, id, now)))
      throw new NotFoundError("This price does not exist any more. Reload the page to see the ones that do.");
    await audit(tx, principal, now, "price_override.delete", id, before, null);
  });
}

function audit(
  tx: Parameters<typeof appendAudit>[0],
  principal: Principal,
  at: CommandContext["now"],
  action: string,
  subjectId: string,
  before: unknown,
  after: unknown,
): Promise<void> {
  return appendAudit(tx, {
    at,
    actorId: principal.id,
    actorName: principal.name,
    action,
    subjectKind: "price_override",
    subjectId,
    before,
    after,
  });
}
