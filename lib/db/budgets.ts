import { z } from "zod";
import type { Budget, BudgetId, BudgetScope, BudgetThreshold, ThresholdId } from "../budgets/budget.ts";
import { BUDGET_PERIODS, THRESHOLD_BASES } from "../budgets/budget.ts";
import { parseMoney, toDecimal } from "../money/money.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import { parseFiscalStart, parseZone } from "../time/zone.ts";
import type { StateSchema } from "./schema.ts";
import type { StateDb, StateTransaction } from "./state.ts";

/** Every budget that was not deleted, by name. */
export async function listBudgets(db: StateDb): Promise<Budget[]> {
  const rows = await db
    .selectFrom("budget")
    .selectAll()
    .where("deleted_at", "is", null)
    .orderBy("name")
    .orderBy("id")
    .execute();
  const thresholds = await db
    .selectFrom("budget_threshold")
    .selectAll()
    .where("removed_at", "is", null)
    .orderBy("position")
    .execute();
  return rows.map((row) =>
    toBudget(
      row,
      thresholds.filter((threshold) => threshold.budget_id === row.id),
    ),
  );
}

/** One budget, or undefined when there is none or it was deleted. */
export async function findBudget(db: StateDb, id: BudgetId): Promise<Budget | undefined> {
  const row = await db
    .selectFrom("budget")
    .selectAll()
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  if (!row) return undefined;
  const thresholds = await db
    .selectFrom("budget_threshold")
    .selectAll()
    .where("budget_id", "=", id)
    .where("removed_at", "is", null)
    .orderBy("position")
    .execute();
  return toBudget(row, thresholds);
}

/** Writes a budget as it now is, with its thresholds, and keeps the document of a new revision. */
export async function saveBudget(tx: StateTransaction, budget: Budget, actorId: string): Promise<void> {
  const row = {
    name: budget.name,
    scope_kind: budget.scope.kind,
    scope: JSON.stringify(budget.scope),
    amount: toDecimal(budget.amount),
    currency: budget.currency,
    period: budget.period,
    zone: budget.zone,
    fiscal_start: budget.fiscalStart,
    basis: budget.basis,
    revision: BigInt(budget.revision),
    updated_at: BigInt(budget.updatedAt),
  };
  await tx
    .insertInto("budget")
    .values({
      id: budget.id,
      parent_id: null,
      daily_cap: null,
      created_at: BigInt(budget.createdAt),
      deleted_at: null,
      ...row,
    })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(row))
    .execute();
  await tx
    .updateTable("budget_threshold")
    .set({ removed_at: BigInt(budget.updatedAt) })
    .where("budget_id", "=", budget.id)
    .where("removed_at", "is", null)
    .execute();
  for (const [position, threshold] of budget.thresholds.entries()) {
    const values = {
      basis: threshold.basis,
      percent: threshold.percent,
      recipients: threshold.recipients === null ? null : JSON.stringify(threshold.recipients),
      position: BigInt(position),
      removed_at: null,
    };
    await tx
      .insertInto("budget_threshold")
      .values({ id: threshold.id, budget_id: budget.id, ...values })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
      .execute();
  }
  await tx
    .insertInto("budget_revision")
    .values({
      budget_id: budget.id,
      revision: BigInt(budget.revision),
      document: JSON.stringify(budgetDocument(budget)),
      valid_from: BigInt(budget.updatedAt),
      changed_by: actorId,
    })
    .onConflict((conflict) => conflict.columns(["budget_id", "revision"]).doNothing())
    .execute();
}

/** Marks a budget as deleted; its crossings and revisions stay. False when there was none. */
export async function deleteBudget(tx: StateTransaction, id: BudgetId, at: Instant): Promise<boolean> {
  const result = await tx
    .updateTable("budget")
    .set({ deleted_at: BigInt(at), updated_at: BigInt(at) })
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** The steps of a budget's amount, oldest first, for the burn-down. */
export async function listBudgetRevisions(
  db: StateDb,
  id: BudgetId,
): Promise<
  {
    readonly revision: number;
    readonly validFrom: Instant;
    readonly changedBy: string;
    readonly document: BudgetDocument;
  }[]
> {
  const rows = await db
    .selectFrom("budget_revision")
    .selectAll()
    .where("budget_id", "=", id)
    .orderBy("revision")
    .execute();
  return rows.map((row) => ({
    revision: Number(row.revision),
    validFrom: toInstant(Number(row.valid_from)),
    changedBy: row.changed_by,
    document: JSON.parse(row.document) as BudgetDocument,
  }));
}

/** What a budget was at one of its revisions; undefined when it never had that one. */
export async function budgetAtRevision(db: StateDb, id: BudgetId, revision: number): Promise<Budget | undefined> {
  const row = await db
    .selectFrom("budget_revision")
    .innerJoin("budget", "budget.id", "budget_revision.budget_id")
    .select(["budget_revision.document", "budget_revision.valid_from", "budget.created_at"])
    .where("budget_revision.budget_id", "=", id)
    .where("budget_revision.revision", "=", BigInt(revision))
    .executeTakeFirst();
  if (!row) return undefined;
  const document = JSON.parse(row.document) as BudgetDocument;
  return toBudget(
    {
      ...document,
      scope_kind: document.scope.kind,
      scope: JSON.stringify(document.scope),
      fiscal_start: document.fiscalStart,
      revision: BigInt(revision),
      created_at: row.created_at,
      updated_at: row.valid_from,
      parent_id: null,
      daily_cap: null,
      deleted_at: null,
    },
    document.thresholds.map((threshold, position) => ({
      id: threshold.id,
      budget_id: id,
      basis: threshold.basis,
      percent: BigInt(threshold.percent),
      recipients: threshold.recipients === null ? null : JSON.stringify(threshold.recipients),
      position: BigInt(position),
      removed_at: null,
    })),
  );
}

/** A budget as JSON: amounts as decimal text, percentages as numbers. Also what the audit log keeps. */
export type BudgetDocument = ReturnType<typeof budgetDocument>;

/** A budget as JSON-ready values. */
export function budgetDocument(budget: Budget) {
  return {
    id: budget.id as string,
    name: budget.name,
    scope: budget.scope,
    amount: toDecimal(budget.amount),
    currency: budget.currency,
    period: budget.period,
    zone: budget.zone as string,
    fiscalStart: budget.fiscalStart as string,
    basis: budget.basis,
    thresholds: budget.thresholds.map((threshold) => ({
      id: threshold.id as string,
      basis: threshold.basis,
      percent: Number(threshold.percent),
      recipients: threshold.recipients,
    })),
    revision: budget.revision,
  };
}

const scopeSchema: z.ZodType<BudgetScope> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("everything") }),
  z.object({ kind: z.literal("team"), team: z.string() }),
  z.object({ kind: z.literal("deployment"), deployment: z.string() }),
  z.object({ kind: z.literal("model"), model: z.string() }),
]);

function toBudget(row: StateSchema["budget"], thresholds: readonly StateSchema["budget_threshold"][]): Budget {
  return {
    id: row.id as BudgetId,
    name: row.name,
    scope: scopeSchema.parse(JSON.parse(row.scope)),
    amount: parseMoney(row.amount),
    currency: row.currency,
    period: z.enum(BUDGET_PERIODS).parse(row.period),
    zone: parsed(parseZone(row.zone), row, "time zone", row.zone),
    fiscalStart: parsed(parseFiscalStart(row.fiscal_start), row, "fiscal start", row.fiscal_start),
    basis: z.literal("contracted_amortised").parse(row.basis),
    thresholds: thresholds.map(toThreshold),
    revision: Number(row.revision),
    createdAt: toInstant(Number(row.created_at)),
    updatedAt: toInstant(Number(row.updated_at)),
  };
}

function parsed<T>(value: T | undefined, row: StateSchema["budget"], what: string, text: string): T {
  if (value === undefined)
    throw new Error(`Budget ${row.id} names a ${what} that is not known here: ${text}. Edit the budget.`);
  return value;
}

function toThreshold(row: StateSchema["budget_threshold"]): BudgetThreshold {
  return {
    id: row.id as ThresholdId,
    basis: z.enum(THRESHOLD_BASES).parse(row.basis),
    percent: row.percent,
    recipients: row.recipients === null ? null : z.array(z.string()).parse(JSON.parse(row.recipients)),
  };
}
