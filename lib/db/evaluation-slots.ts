import type { Instant } from "../time/instant.ts";
import type { Lease } from "./lease.ts";
import type { StateDb, StateTransaction } from "./state.ts";

/** Notes that a rule was evaluated in a slot; false when it was before, and then nothing may be written for it. */
export async function takeSlot(
  tx: StateTransaction,
  lease: Lease,
  slot: { readonly ruleId: string; readonly slot: number; readonly skippedFrom: number | null; readonly at: Instant },
): Promise<boolean> {
  const result = await tx
    .insertInto("evaluation_slot")
    .values({
      rule_kind: "budget",
      rule_id: slot.ruleId,
      slot: BigInt(slot.slot),
      fencing_token: lease.token,
      outcome: "done",
      skipped_from: slot.skippedFrom === null ? null : BigInt(slot.skippedFrom),
      detail: null,
      evaluated_at: BigInt(slot.at),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The rules that were evaluated in a slot. */
export async function takenSlots(db: StateDb, slot: number): Promise<Set<string>> {
  const rows = await db
    .selectFrom("evaluation_slot")
    .select("rule_id")
    .where("rule_kind", "=", "budget")
    .where("slot", "=", BigInt(slot))
    .execute();
  return new Set(rows.map((row) => row.rule_id));
}

/** Forgets slots evaluated before `before`; they are only needed to recognise a repeat. */
export async function pruneSlots(tx: StateTransaction, before: Instant): Promise<void> {
  await tx.deleteFrom("evaluation_slot").where("evaluated_at", "<", BigInt(before)).execute();
}

/** When the newest evaluation was made; null when there never was one. */
export async function lastEvaluatedAt(db: StateDb): Promise<number | null> {
  const row = await db
    .selectFrom("evaluation_slot")
    .select((eb) => eb.fn.max("evaluated_at").as("newest"))
    .executeTakeFirst();
  return row?.newest === null || row?.newest === undefined ? null : Number(row.newest);
}
