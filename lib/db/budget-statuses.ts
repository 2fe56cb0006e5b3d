import { z } from "zod";
import type { LastLook } from "../alerts/budget-latch.ts";
import type { BudgetId, ThresholdId } from "../budgets/budget.ts";
import { type Money, parseMoney, toDecimal } from "../money/money.ts";
import { type Instant, type Period, toInstant } from "../time/instant.ts";
import type { LocalDay } from "../time/zone.ts";
import type { StateDb, StateTransaction } from "./state.ts";

/** What the last evaluation of a budget found in one period. `closed` is a period that will not be looked at again. */
export type StoredBudgetStatus = {
  readonly budgetId: BudgetId;
  readonly period: Period;
  readonly evaluatedAt: Instant;
  readonly outcome: "evaluated" | "closed";
  readonly forecast: { readonly total: Money; readonly lower: Money | null; readonly upper: Money | null } | null;
  readonly pending: readonly ThresholdId[];
  readonly look: LastLook;
};

const detailSchema = z.object({
  pending: z.array(z.string()),
  closedThrough: z.string(),
  closedSpent: z.string(),
});

/** What was found of every period that is not closed, of every budget. */
export async function listOpenBudgetStatuses(db: StateDb): Promise<StoredBudgetStatus[]> {
  const rows = await db
    .selectFrom("budget_status")
    .selectAll()
    .where("outcome", "!=", "closed")
    .orderBy("period_start")
    .execute();
  return rows.flatMap((row) => {
    if (row.spent === null) return [];
    const detail = detailSchema.parse(JSON.parse(row.detail));
    return [
      {
        budgetId: row.budget_id as BudgetId,
        period: { start: toInstant(Number(row.period_start)), end: toInstant(Number(row.period_end)) },
        evaluatedAt: toInstant(Number(row.evaluated_at)),
        outcome: row.outcome === "closed" ? ("closed" as const) : ("evaluated" as const),
        forecast:
          row.forecast === null
            ? null
            : {
                total: parseMoney(row.forecast),
                lower: optional(row.forecast_lower),
                upper: optional(row.forecast_upper),
              },
        pending: detail.pending.map((id) => id as ThresholdId),
        look: {
          revision: Number(row.revision),
          slot: Number(row.slot),
          spent: parseMoney(row.spent),
          closedThrough: detail.closedThrough as LocalDay,
          closedSpent: parseMoney(detail.closedSpent),
          versions: { prices: row.price_version, attribution: row.attribution_version },
        },
      },
    ];
  });
}

/** The newest slot in which each budget was evaluated, in any period. */
export async function lastSlots(db: StateDb): Promise<Map<BudgetId, number>> {
  const rows = await db
    .selectFrom("budget_status")
    .select("budget_id")
    .select((eb) => eb.fn.max("slot").as("newest"))
    .groupBy("budget_id")
    .execute();
  return new Map(rows.map((row) => [row.budget_id as BudgetId, Number(row.newest)]));
}

/** Keeps what an evaluation found; one row per budget and period. */
export async function saveBudgetStatus(
  tx: StateTransaction,
  status: StoredBudgetStatus & { readonly spentUpper: Money; readonly unpricedTokens: bigint },
): Promise<void> {
  const row = {
    period_end: BigInt(status.period.end),
    revision: BigInt(status.look.revision),
    slot: BigInt(status.look.slot),
    evaluated_at: BigInt(status.evaluatedAt),
    outcome: status.outcome,
    spent: toDecimal(status.look.spent),
    spent_upper: toDecimal(status.spentUpper),
    unpriced_tokens: status.unpricedTokens.toString(),
    forecast: status.forecast === null ? null : toDecimal(status.forecast.total),
    forecast_lower: decimalOrNull(status.forecast?.lower ?? null),
    forecast_upper: decimalOrNull(status.forecast?.upper ?? null),
    price_version: status.look.versions.prices,
    attribution_version: status.look.versions.attribution,
    detail: JSON.stringify({
      pending: status.pending,
      closedThrough: status.look.closedThrough,
      closedSpent: toDecimal(status.look.closedSpent),
    }),
  };
  await tx
    .insertInto("budget_status")
    .values({ budget_id: status.budgetId, period_start: BigInt(status.period.start), ...row })
    .onConflict((conflict) => conflict.columns(["budget_id", "period_start"]).doUpdateSet(row))
    .execute();
}

function optional(text: string | null): Money | null {
  return text === null ? null : parseMoney(text);
}

function decimalOrNull(amount: Money | null): string | null {
  return amount === null ? null : toDecimal(amount);
}
