import { type Money, parseMoney, toDecimal } from "../money/money.ts";
import { type Instant, type Period, toInstant } from "../time/instant.ts";
import type { StateDb, StateTransaction } from "./state.ts";

/** A billing month that was closed: what it cost, by which price books, and who closed it when. `month` is as 2026-10. */
export type ClosedMonth = {
  readonly month: string;
  readonly period: Period;
  readonly bookVersions: readonly string[];
  readonly currency: string;
  readonly contractedCost: Money;
  readonly contractedCostUpper: Money;
  readonly closedAt: Instant;
  readonly closedBy: string;
};

/** The closed months, oldest first. */
export async function listClosedMonths(db: StateDb): Promise<ClosedMonth[]> {
  const rows = await db.selectFrom("closed_month").selectAll().orderBy("month").execute();
  return rows.map((row) => ({
    month: row.month,
    period: { start: toInstant(Number(row.period_start)), end: toInstant(Number(row.period_end)) },
    // Only `saveClosedMonth` writes this text.
    bookVersions: JSON.parse(row.book_versions) as string[],
    currency: row.currency,
    contractedCost: parseMoney(row.contracted_cost),
    contractedCostUpper: parseMoney(row.contracted_cost_upper),
    closedAt: toInstant(Number(row.closed_at)),
    closedBy: row.closed_by,
  }));
}

/** Notes that a month is closed; a month is closed once, so a second time throws. */
export async function saveClosedMonth(tx: StateTransaction, closed: ClosedMonth): Promise<void> {
  await tx
    .insertInto("closed_month")
    .values({
      month: closed.month,
      period_start: BigInt(closed.period.start),
      period_end: BigInt(closed.period.end),
      book_versions: JSON.stringify(closed.bookVersions),
      currency: closed.currency,
      contracted_cost: toDecimal(closed.contractedCost),
      contracted_cost_upper: toDecimal(closed.contractedCostUpper),
      closed_at: BigInt(closed.closedAt),
      closed_by: closed.closedBy,
    })
    .execute();
}
