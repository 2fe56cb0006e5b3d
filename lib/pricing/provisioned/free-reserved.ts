import type { Instant } from "../../time/instant.ts";
import type { Scope } from "../../usage/price-key.ts";
import type { Reservation } from "./reservations.ts";

/** Units that are reserved for a place and stand under no other deployment, and since they are paid already cost nothing more. */
export type FreeReserved = {
  readonly bought: bigint;
  readonly elsewhere: bigint;
  readonly free: bigint;
  /** When the first of the reservations ends; null without one. */
  readonly until: Instant | null;
};

/**
 * What of running reservations a deployment of an account could stand on: those of its scope and region (one without a region
 * covers every region) that apply to the account, less the units of other deployments that stand on the same ones.
 */
export function freeReserved(
  place: { readonly scope: Scope; readonly region: string; readonly account: string },
  reservations: readonly Pick<Reservation, "scope" | "region" | "units" | "term" | "appliedTo">[],
  elsewhere: bigint,
  at: Instant,
): FreeReserved {
  const account = place.account.toLowerCase();
  const running = reservations.filter(
    ({ scope, region, term, appliedTo }) =>
      scope === place.scope &&
      (region === "" || region === place.region) &&
      term.start <= at &&
      at < term.end &&
      (appliedTo === "shared" || appliedTo.some((id) => account === id || account.startsWith(`${id}/`))),
  );
  const bought = running.reduce((total, { units }) => total + units, 0n);
  const until = running.reduce<Instant | null>(
    (soonest, { term }) => (soonest === null || term.end < soonest ? term.end : soonest),
    null,
  );
  return { bought, elsewhere, free: bought > elsewhere ? bought - elsewhere : 0n, until };
}
