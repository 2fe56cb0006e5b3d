import { z } from "zod";
import { divideRounded, money } from "../money/money.ts";
import { type Draft, scopeOf, termOf } from "../pricing/provisioned/reservation-file.ts";
import { readAmount } from "../pricing/reconcile/exact-decimal.ts";
import { toInstant } from "../time/instant.ts";
import { type ArmClient, ArmError } from "./arm-client.ts";

const API_VERSION = "2022-11-01";
const MOST_PAGES = 200;

const amount = z.object({ currencyCode: z.string(), amount: z.string() });
const pageSchema = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      location: z.string().nullish(),
      sku: z.object({ name: z.string().nullish() }).nullish(),
      properties: z.object({
        displayName: z.string().nullish(),
        reservedResourceType: z.string().nullish(),
        skuDescription: z.string().nullish(),
        provisioningState: z.string().nullish(),
        quantity: z.string(),
        term: z.string().nullish(),
        appliedScopeType: z.string().nullish(),
        appliedScopes: z.array(z.string()).nullish(),
        benefitStartTime: z.string().nullish(),
        effectiveDateTime: z.string().nullish(),
        purchaseDate: z.string().nullish(),
        expiryDateTime: z.string().nullish(),
        expiryDate: z.string().nullish(),
      }),
    }),
  ),
  nextLink: z.string().nullish(),
});
type Listed = z.infer<typeof pageSchema>["value"][number];

const orderSchema = z.object({
  properties: z.object({
    originalQuantity: z.string().nullish(),
    planInformation: z.object({ pricingCurrencyTotal: amount.nullish() }).nullish(),
  }),
});

/** Replaced by others, or never paid. */
const GONE = /^(cancelled|failed|split|merged|creating|pending.*)$/i;
const PROVISIONED = /provisioned|openai|\bptu\b/i;

/**
 * The reservations of provisioned throughput that the identity may see, with what each order costs in total. Prices that the
 * order does not tell stay unknown. Throws an ArmError; a list that was read in part is none.
 */
export async function readAzureReservations(arm: ArmClient, signal?: AbortSignal): Promise<Draft[]> {
  const listed: Listed[] = [];
  const seen = new Set<string>();
  let url: string | undefined = `/providers/Microsoft.Capacity/reservations?api-version=${API_VERSION}`;
  while (url !== undefined) {
    if (seen.has(url) || seen.size >= MOST_PAGES)
      throw new ArmError("malformed", "The pages of the reservations do not end.");
    seen.add(url);
    const page = pageSchema.safeParse(await arm.ask({ url, ...(signal ? { signal } : {}) }));
    if (!page.success)
      throw new ArmError(
        "malformed",
        `The list of reservations cannot be read at ${page.error.issues[0]?.path.join(".") ?? ""}.`,
      );
    listed.push(...page.data.value);
    url = page.data.nextLink || undefined;
  }
  const ours = listed.filter(
    ({ sku, properties: one }) =>
      PROVISIONED.test([one.reservedResourceType, one.skuDescription, sku?.name].filter(Boolean).join(" ")) &&
      !GONE.test(one.provisioningState ?? ""),
  );
  const drafts: Draft[] = [];
  for (const reservation of ours) drafts.push(await draftOf(arm, reservation, signal));
  return drafts;
}

async function draftOf(arm: ArmClient, listed: Listed, signal?: AbortSignal): Promise<Draft> {
  const { id, location, sku, properties: one } = listed;
  const from = instantOf(one.benefitStartTime ?? one.effectiveDateTime ?? one.purchaseDate);
  const to = instantOf(one.expiryDateTime ?? one.expiryDate);
  if (from === undefined || to === undefined || !/^[1-9]\d*$/.test(one.quantity))
    throw new ArmError("malformed", `The reservation ${one.displayName ?? id} has no term or no quantity.`);
  const units = BigInt(one.quantity);
  const price = await orderTotal(arm, id, units, signal);
  const name = [one.skuDescription, sku?.name, one.displayName].filter(Boolean).join(" ");
  const region = (location ?? "").toLowerCase();
  return {
    place: `Reservation ${one.displayName ?? id}`,
    id,
    name: one.displayName ?? id.slice(id.lastIndexOf("/") + 1),
    scope: scopeOf(name),
    region: region === "global" ? "" : region,
    units,
    from,
    to,
    term: termOf(one.term ?? "") ?? null,
    total: price?.total ?? null,
    currency: price?.currency ?? null,
    appliedTo:
      one.appliedScopeType && /single|group/i.test(one.appliedScopeType) ? (one.appliedScopes ?? []) : "shared",
    source: "Reservations API",
  };
}

/** What these units cost of their order's total; undefined when the order does not tell. */
async function orderTotal(arm: ArmClient, id: string, units: bigint, signal?: AbortSignal) {
  const order = /\/reservationOrders\/[^/]+/i.exec(id)?.[0];
  if (order === undefined) return undefined;
  const url = `/providers/Microsoft.Capacity${order}?api-version=${API_VERSION}&$expand=planInformation`;
  const answer = orderSchema.safeParse(await arm.ask({ url, ...(signal ? { signal } : {}) }));
  const total = answer.data?.properties.planInformation?.pricingCurrencyTotal;
  const whole = total ? readAmount(total.amount) : undefined;
  if (!total || whole === undefined) return undefined;
  const bought = BigInt(answer.data?.properties.originalQuantity ?? units);
  return { currency: total.currencyCode, total: money(divideRounded(whole * units, bought < units ? units : bought)) };
}

function instantOf(text: string | null | undefined) {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? undefined : toInstant(at);
}
