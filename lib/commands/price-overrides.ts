import { z } from "zod";
import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import { agreementRow } from "../db/load-price-book.ts";
import {
  listPriceOverrides,
  retirePriceOverride,
  type StoredPriceOverride,
  savePriceOverride,
} from "../db/price-overrides.ts";
import { readBillingStartDay } from "../db/settings.ts";
import { formatMoney, formatMoneyBetween } from "../format/format-money.ts";
import { formatBillingPeriod } from "../format/format-time.ts";
import type { ChargeSum } from "../ledger/charge-query.ts";
import type { LedgerReads } from "../ledger/ledger.ts";
import { type Money, money } from "../money/money.ts";
import { readAgreements } from "../pricing/agreement.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import type { NegotiatedPrice } from "../pricing/negotiated-price.ts";
import { type ChargedUsage, previewAgreements } from "../pricing/preview-agreement.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { billingPeriodContaining } from "../time/billing-period.ts";
import { quarterHourOf, toInstant } from "../time/instant.ts";
import { uuidV7 } from "../time/uuid-v7.ts";
import { UTC } from "../time/zone.ts";
import { SCOPES, TOKEN_KINDS } from "../usage/price-key.ts";
import { audit } from "./audit.ts";
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
  const override = readOverride(input, now);
  return state.transaction(async (tx) => {
    const stored = await listPriceOverrides(tx);
    const before = stored.find(({ id }) => id === override.id) ?? null;
    refuseImpossible([...stored.filter(({ id }) => id !== override.id), override], book);
    await savePriceOverride(tx, override, now);
    await audit(tx, principal, now, {
      action: "price_override.save",
      id: override.id,
      before: before,
      after: override,
    });
    return { ...override, updatedAt: now };
  });
}

function readOverride(input: unknown, now: CommandContext["now"]): Omit<StoredPriceOverride, "updatedAt"> {
  const { id, validFrom, validTo, ...definition } = parseInput(priceOverrideInputSchema, input);
  if (validTo !== null && Date.parse(validTo) <= Date.parse(validFrom))
    throw new InputError({ validTo: "The price must end after it begins." });
  return {
    id: id ?? uuidV7(now),
    definition,
    validFrom: toInstant(validFrom),
    validTo: validTo === null ? null : toInstant(validTo),
  };
}

/** Refuses overlapping validity and a price far from its list price; the new override is the last of all. */
function refuseImpossible(
  overrides: readonly Omit<StoredPriceOverride, "updatedAt">[],
  book: PriceBook,
): readonly NegotiatedPrice[] {
  const read = readAgreements(overrides.map(agreementRow), [], book);
  if (read.kind === "accepted") return read.agreements;
  const refusal = read.refusals.find(({ row }) => row === overrides.length);
  if (refusal) throw new InputError({ terms: `This price cannot be used: ${refusal.reason}.` });
  throw new InputError({
    terms: `The prices in force cannot be read together: ${read.refusals[0]?.reason ?? "unknown"}. Retire that one first.`,
  });
}

/** An amount as it is shown and exactly, in picodollars. */
type ShownMoney = { readonly shown: string; readonly exact: string };

/** What a negotiated price would make of the current billing period, by team, dearest first. */
export type PriceOverridePreview = {
  readonly month: string;
  readonly teams: readonly {
    readonly team: string;
    readonly before: ShownMoney;
    readonly after: ShownMoney;
    readonly difference: ShownMoney;
  }[];
  readonly total: { readonly before: ShownMoney; readonly after: ShownMoney; readonly difference: ShownMoney };
  /** How many meters in use it moves. */
  readonly meters: number;
  /** Some usage has no price or only a range, which the preview leaves as it is. */
  readonly isAtLeast: boolean;
};

/** Previews an override on the current billing period without saving it; refuses what saving would refuse. */
export async function previewPriceOverride(
  principal: Principal,
  { state, now }: CommandContext,
  input: unknown,
  ledger: Pick<LedgerReads, "sumCharges">,
  book: PriceBook,
): Promise<PriceOverridePreview> {
  requireAdministrator(principal, "change prices");
  const override = readOverride(input, now);
  const stored = await listPriceOverrides(state.db);
  const agreements = refuseImpossible([...stored.filter(({ id }) => id !== override.id), override], book);
  const billing = billingPeriodContaining(now, await readBillingStartDay(state.db));
  const period = { start: billing.start, end: quarterHourOf(now) };
  const rows = await ledger.sumCharges({
    sees: principal.sees,
    period,
    zone: UTC,
    grain: "day",
    groupBy: ["team", "meter", "scope", "region", "tokenKind", "part"],
    filter: {},
  });
  const preview = previewAgreements(
    rows.map((row) => chargedUsage(row)),
    book,
    agreements,
  );
  const { currency } = book;
  const shown = (amount: Money) => ({ shown: formatMoney(amount, { currency }), exact: amount.toString() });
  const sides = ({ before, after }: { readonly before: Money; readonly after: Money }) => {
    const difference = money(after - before);
    return {
      before: shown(before),
      after: shown(after),
      difference: { shown: formatMoneyBetween(before, after, { currency }), exact: difference.toString() },
    };
  };
  return {
    month: `${formatBillingPeriod(billing)}, UTC`,
    teams: preview.teams.map((one) => ({ team: one.team || "(nobody)", ...sides(one) })),
    total: sides(preview),
    meters: preview.meters.length,
    isAtLeast: rows.some((row) => row.unpricedTokens > 0n || isRange(row)),
  };
}

/** A range has no one price, so it stands as it was charged. */
function chargedUsage(row: ChargeSum): ChargedUsage {
  const { keys } = row;
  return {
    team: keys.team ?? "",
    at: toInstant(`${row.bucket ?? ""}T00:00:00Z`),
    meterName: isRange(row) ? "" : (keys.meter ?? ""),
    scope: keys.scope ?? "",
    region: keys.region ?? "",
    tokenKind: keys.tokenKind ?? "",
    units: row.inputTokens + row.cachedInputTokens + row.cacheWriteTokens + row.outputTokens + row.capacityUnitMinutes,
    listCost: row.listCost,
    contractedCost: row.contractedCost,
  };
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
    await audit(tx, principal, now, { action: "price_override.delete", id: id, before: before, after: null });
  });
}

/** A part of its price is not known, and the cost stands at either end. */
function isRange(row: ChargeSum): boolean {
  return row.contractedCostUpper !== row.contractedCost || row.contractedCostAtMost > 0n;
}
