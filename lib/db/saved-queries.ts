import { type Instant, toInstant } from "../time/instant.ts";
import type { StateDb, StateTransaction } from "./state.ts";

/** KQL that a person keeps under a name; a shared one is seen, not changed, by everyone who may type KQL. */
export type SavedQuery = {
  readonly id: string;
  readonly ownerId: string;
  readonly ownerName: string;
  readonly name: string;
  readonly kql: string;
  readonly isShared: boolean;
  readonly updatedAt: Instant;
};

/** A person's own queries and those that others share, by name. */
export async function listSavedQueries(db: StateDb, ownerId: string): Promise<SavedQuery[]> {
  const rows = await db
    .selectFrom("saved_query")
    .selectAll()
    .where((where) => where.or([where("owner_id", "=", ownerId), where("is_shared", "=", 1n)]))
    .orderBy("name")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    ownerId: row.owner_id,
    ownerName: row.owner_name,
    name: row.name,
    kql: row.kql,
    isShared: row.is_shared === 1n,
    updatedAt: toInstant(Number(row.updated_at)),
  }));
}

/** Keeps a query; one of the same owner and name is replaced and keeps its id. */
export async function keepSavedQuery(tx: StateTransaction, query: SavedQuery): Promise<void> {
  const row = {
    owner_name: query.ownerName,
    kql: query.kql,
    is_shared: query.isShared ? 1n : 0n,
    updated_at: BigInt(query.updatedAt),
  };
  await tx
    .insertInto("saved_query")
    .values({ id: query.id, owner_id: query.ownerId, name: query.name, ...row })
    .onConflict((conflict) => conflict.columns(["owner_id", "name"]).doUpdateSet(row))
    .execute();
}

/** Removes a query of this owner; false when there is none. */
export async function removeSavedQuery(tx: StateTransaction, id: string, ownerId: string): Promise<boolean> {
  const result = await tx
    .deleteFrom("saved_query")
    .where("id", "=", id)
    .where("owner_id", "=", ownerId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}
