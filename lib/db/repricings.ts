import { type Money, parseMoney, toDecimal } from "../money/money.ts";
import { type Instant, type Period, toInstant } from "../time/instant.ts";
import type { StateDb, StateTransaction } from "./state.ts";

/** A price book that is applied to usage of the past: every quarter hour before `doneTo` has its prices. */
export type Repricing = {
  readonly id: string;
  readonly bookVersion: string;
  readonly period: Period;
  readonly doneTo: Instant;
  readonly before: Money;
  readonly startedAt: Instant;
};

/** The repricing with this price book that did not come to its end, or undefined. */
export async function unfinishedRepricing(db: StateDb, bookVersion: string): Promise<Repricing | undefined> {
  const row = await db
    .selectFrom("repricing")
    .selectAll()
    .where("book_version", "=", bookVersion)
    .where("finished_at", "is", null)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return (
    row && {
      id: row.id,
      bookVersion: row.book_version,
      period: { start: toInstant(Number(row.period_start)), end: toInstant(Number(row.period_end)) },
      doneTo: toInstant(Number(row.done_to)),
      before: parseMoney(row.before_cost),
      startedAt: toInstant(Number(row.started_at)),
    }
  );
}

/** Notes the beginning of a repricing. */
export async function beginRepricing(tx: StateTransaction, repricing: Repricing): Promise<void> {
  const { id, bookVersion, period, doneTo, before, startedAt } = repricing;
  await tx
    .insertInto("repricing")
    .values({
      id,
      book_version: bookVersion,
      period_start: BigInt(period.start),
      period_end: BigInt(period.end),
      done_to: BigInt(doneTo),
      before_cost: toDecimal(before),
      after_cost: null,
      started_at: BigInt(startedAt),
      finished_at: null,
    })
    .execute();
}

/** Notes how far a repricing is. */
export async function advanceRepricing(tx: StateTransaction, id: string, doneTo: Instant): Promise<void> {
  await tx
    .updateTable("repricing")
    .set({ done_to: BigInt(doneTo) })
    .where("id", "=", id)
    .execute();
}

/** Notes the end of a repricing and what its period costs now. */
export async function finishRepricing(tx: StateTransaction, id: string, after: Money, at: Instant): Promise<void> {
  await tx
    .updateTable("repricing")
    .set({ after_cost: toDecimal(after), finished_at: BigInt(at) })
    .where("id", "=", id)
    .execute();
}
