import { type Instant, toInstant } from "../time/instant.ts";
import type { StateDb, StateTransaction } from "./state.ts";

/** A negotiated price: `definition` is JSON text in the shape of `lib/pricing`; valid from (inside) to (outside). */
export type StoredPriceOverride = {
  readonly id: string;
  readonly definition: unknown;
  readonly validFrom: Instant;
  readonly validTo: Instant | null;
  readonly updatedAt: Instant;
};

/** The overrides in force, by start. */
export async function listPriceOverrides(db: StateDb): Promise<StoredPriceOverride[]> {
  const rows = await db
    .selectFrom("price_override")
    .selectAll()
    .where("deleted_at", "is", null)
    .orderBy("valid_from")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    definition: JSON.parse(row.definition),
    validFrom: toInstant(Number(row.valid_from)),
    validTo: row.valid_to === null ? null : toInstant(Number(row.valid_to)),
    updatedAt: toInstant(Number(row.updated_at)),
  }));
}

/** Adds an override, or changes the one with its id. */
export async function savePriceOverride(
  tx: StateTransaction,
  override: Omit<StoredPriceOverride, "updatedAt">,
  at: Instant,
): Promise<void> {
  const row = {
    definition: JSON.stringify(override.definition),
    valid_from: BigInt(override.validFrom),
    valid_to: override.validTo === null ? null : BigInt(override.validTo),
    updated_at: BigInt(at),
    deleted_at: null,
  };
  await tx
    .insertInto("price_override")
    .values({ id: override.id, created_at: BigInt(at), ...row })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
    .execute();
}

/** Retires an override; false when there is none in force with that id. */
export async function retirePriceOverride(tx: StateTransaction, id: string, at: Instant): Promise<boolean> {
  const result = await tx
    .updateTable("price_override")
    .set({ deleted_at: BigInt(at) })
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
