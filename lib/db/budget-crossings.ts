import { z } from "zod";
import { type BudgetCrossing, CROSSING_CAUSES } from "../alerts/alert.ts";
import { type BudgetId, THRESHOLD_BASES, type ThresholdId } from "../budgets/budget.ts";
import { type Money, parseMoney, toDecimal } from "../money/money.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import type { StateSchema } from "./schema.ts";
import type { StateDb, StateTransaction } from "./state.ts";

/** The crossings of periods that end after `after`, newest first. */
export async function listCrossings(db: StateDb, after: Instant): Promise<BudgetCrossing[]> {
  const rows = await db
    .selectFrom("budget_crossing")
    .selectAll()
    .where("period_end", ">", BigInt(after))
    .orderBy("crossed_at", "desc")
    .orderBy("id")
    .execute();
  return rows.map(toCrossing);
}

/** Latches a crossing; false when it was latched before, in which case nothing changes. */
export async function insertCrossing(tx: StateTransaction, crossing: BudgetCrossing): Promise<boolean> {
  const result = await tx
    .insertInto("budget_crossing")
    .values({
      id: crossing.id,
      budget_id: crossing.budgetId,
      threshold_id: crossing.thresholdId,
      basis: crossing.basis,
      period_start: BigInt(crossing.period.start),
      period_end: BigInt(crossing.period.end),
      revision: BigInt(crossing.revision),
      percent: crossing.percent,
      amount: toDecimal(crossing.amount),
      value: toDecimal(crossing.value),
      value_upper: toDecimal(crossing.valueUpper),
      unpriced_tokens: crossing.unpricedTokens.toString(),
      cause: crossing.cause,
      slot: BigInt(crossing.slot),
      crossed_at: BigInt(crossing.crossedAt),
      restated_at: null,
      restated_value: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Marks a crossing whose figure fell under the line, or (null) takes the mark away when it rose again. */
export async function restateCrossing(
  tx: StateTransaction,
  id: string,
  value: Money | null,
  at: Instant,
): Promise<void> {
  await tx
    .updateTable("budget_crossing")
    .set({
      restated_at: value === null ? null : BigInt(at),
      restated_value: value === null ? null : toDecimal(value),
    })
    .where("id", "=", id)
    .execute();
}

function toCrossing(row: StateSchema["budget_crossing"]): BudgetCrossing {
  return {
    id: row.id,
    budgetId: row.budget_id as BudgetId,
    thresholdId: row.threshold_id as ThresholdId,
    basis: z.enum(THRESHOLD_BASES).parse(row.basis),
    period: { start: toInstant(Number(row.period_start)), end: toInstant(Number(row.period_end)) },
    revision: Number(row.revision),
    percent: row.percent,
    amount: parseMoney(row.amount),
    value: parseMoney(row.value),
    valueUpper: parseMoney(row.value_upper),
    unpricedTokens: BigInt(row.unpriced_tokens),
    cause: z.enum(CROSSING_CAUSES).parse(row.cause),
    slot: Number(row.slot),
    crossedAt: toInstant(Number(row.crossed_at)),
    restated:
      row.restated_at === null || row.restated_value === null
        ? null
        : { at: toInstant(Number(row.restated_at)), value: parseMoney(row.restated_value) },
  };
}
