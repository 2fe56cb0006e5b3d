import { type Instant, toInstant } from "../time/instant.ts";
import type { StateDb, StateTransaction } from "./state.ts";

/** A rule that names the owner of traffic, as JSON text in the shape of `lib/attribution`; rules apply in order of `position`. */
export type StoredAttributionRule = {
  readonly id: string;
  readonly position: number;
  readonly definition: unknown;
  readonly updatedAt: Instant;
};

/** The rules in force, in order. Caller ids inside them are already hashed. */
export async function listAttributionRules(db: StateDb): Promise<StoredAttributionRule[]> {
  const rows = await db
    .selectFrom("attribution_rule")
    .selectAll()
    .where("deleted_at", "is", null)
    .orderBy("position")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    position: Number(row.position),
    definition: JSON.parse(row.definition),
    updatedAt: toInstant(Number(row.updated_at)),
  }));
}

/** Puts a whole ordered list in force: unknown ids are added, known ones changed, absent ones retired. */
export async function replaceAttributionRules(
  tx: StateTransaction,
  rules: readonly { readonly id: string; readonly definition: unknown }[],
  at: Instant,
): Promise<void> {
  await tx
    .updateTable("attribution_rule")
    .set({ deleted_at: BigInt(at) })
    .where("deleted_at", "is", null)
    .execute();
  for (const [position, rule] of rules.entries()) {
    const row = {
      position: BigInt(position),
      definition: JSON.stringify(rule.definition),
      updated_at: BigInt(at),
      deleted_at: null,
    };
    await tx
      .insertInto("attribution_rule")
      .values({ id: rule.id, created_at: BigInt(at), ...row })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
      .execute();
  }
}
