import { sql } from "kysely";
import { SECOND_MS } from "../time/instant.ts";
import type { State, StateDb, StateTransaction } from "./state.ts";

/** The right to act alone under a name until it expires; every write made under it shows its `token`. */
export type Lease = { readonly name: string; readonly holder: string; readonly token: bigint };

/** A write was refused because the lease has passed to somebody else; abandon the run, nothing was written. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
}

export const LEASE_TTL_MS = 30 * SECOND_MS;

/**
 * Takes or renews the lease by the clock of the database; null while somebody else holds it.
 * The fencing token grows whenever the holder changes or the lease had run out, and never goes back.
 */
export async function acquireLease(
  state: State,
  name: string,
  holder: string,
  ttlMs = LEASE_TTL_MS,
): Promise<Lease | null> {
  return state.transaction(async (tx) => {
    const now = await databaseNow(tx, state.dialect);
    const free = { name, holder: "", fencing_token: 0n, expires_at: 0n };
    await tx
      .insertInto("lease")
      .values(free)
      .onConflict((conflict) => conflict.column("name").doNothing())
      .execute();
    const row = await tx
      .updateTable("lease")
      .set((eb) => ({
        fencing_token: eb
          .case()
          .when(eb.and([eb("holder", "=", holder), eb("expires_at", ">", now)]))
          .then(eb.ref("fencing_token"))
          .else(eb("fencing_token", "+", 1n))
          .end(),
        holder,
        expires_at: now + BigInt(ttlMs),
      }))
      .where("name", "=", name)
      .where((eb) => eb.or([eb("holder", "=", holder), eb("expires_at", "<=", now)]))
      .returning("fencing_token")
      .executeTakeFirst();
    return row ? { name, holder, token: row.fencing_token } : null;
  });
}

/** Refuses the transaction unless `lease` is still the newest; the row stays locked until the transaction ends. */
export async function assertLease(tx: StateTransaction, lease: Lease): Promise<void> {
  const result = await tx
    .updateTable("lease")
    .set({ fencing_token: lease.token })
    .where("name", "=", lease.name)
    .where("holder", "=", lease.holder)
    .where("fencing_token", "=", lease.token)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n)
    throw new LeaseLostError(
      `The lease "${lease.name}" has passed to another process, so nothing of this run was written.`,
    );
}

/** Gives the lease back, so that another process need not wait for its end. */
export async function releaseLease(state: State, lease: Lease): Promise<void> {
  await state.db
    .updateTable("lease")
    .set({ expires_at: 0n })
    .where("name", "=", lease.name)
    .where("holder", "=", lease.holder)
    .where("fencing_token", "=", lease.token)
    .execute();
}

/** Who holds a lease and until when, by the clock of the database; null when nobody does. */
export async function leaseHolder(
  state: State,
  name: string,
): Promise<{ readonly holder: string; readonly token: bigint } | null> {
  const now = await databaseNow(state.db, state.dialect);
  const row = await state.db
    .selectFrom("lease")
    .selectAll()
    .where("name", "=", name)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return row ? { holder: row.holder, token: row.fencing_token } : null;
}

async function databaseNow(db: StateDb, dialect: State["dialect"]): Promise<bigint> {
  const query =
    dialect === "sqlite"
      ? sql<{ now: bigint }>`select cast(unixepoch('subsec') * 1000 as integer) as now`
      : sql<{ now: bigint }>`select (extract(epoch from clock_timestamp()) * 1000)::bigint as now`;
  const { rows } = await query.execute(db);
  const now = rows[0]?.now;
  if (now === undefined) throw new Error("The database did not tell the time.");
  return now;
}
