import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import { type Budget, type BudgetId, type BudgetThreshold, scopeKey, type ThresholdId } from "../budgets/budget.ts";
import { endAlerts } from "../db/alert-history.ts";
import { budgetDocument, deleteBudget as deleteStored, findBudget, saveBudget } from "../db/budgets.ts";
import { readSettings } from "../db/settings.ts";
import type { StateTransaction } from "../db/state.ts";
import { uuidV7 } from "../time/uuid-v7.ts";
import { audit } from "./audit.ts";
import { type BudgetInput, budgetInputSchema } from "./budget-input.ts";
import { type CommandContext, NotFoundError } from "./command-context.ts";
import { parseInput } from "./parse-input.ts";

/** Creates a budget in the currency of the price book. `input` is unchecked; see `budgetInputSchema`. */
export async function createBudget(
  principal: Principal,
  context: CommandContext & { readonly currency: string },
  input: unknown,
): Promise<Budget> {
  requireAdministrator(principal, "create a budget");
  const wanted = parseInput(budgetInputSchema, input);
  const { state, now, defaults, currency } = context;
  return state.transaction(async (tx) => {
    const settings = await readSettings(tx, defaults);
    const budget: Budget = {
      id: uuidV7(now) as BudgetId,
      name: wanted.name,
      scope: wanted.scope,
      amount: wanted.amount,
      currency,
      period: wanted.period,
      zone: wanted.zone ?? settings.zone,
      fiscalStart: wanted.fiscalStart ?? settings.fiscalStart,
      basis: "contracted_amortised",
      thresholds: thresholdsOf(wanted, [], context),
      revision: 1,
      createdAt: now,
      updatedAt: now,
    };
    await saveBudget(tx, budget, principal.id);
    await audit(tx, principal, context.now, {
      action: "budget.create",
      id: budget.id,
      before: null,
      after: budgetDocument(budget),
    });
    return budget;
  });
}

/**
 * Changes a budget. A change of amount, threshold, scope, period, zone or fiscal start is a new revision, for which thresholds
 * may be crossed anew; a name or a recipient is not.
 */
export async function editBudget(
  principal: Principal,
  context: CommandContext,
  id: string,
  input: unknown,
): Promise<Budget> {
  requireAdministrator(principal, "change a budget");
  const wanted = parseInput(budgetInputSchema, input);
  const { state, now } = context;
  return state.transaction(async (tx) => {
    const before = await existing(tx, id);
    const changed: Budget = {
      ...before,
      name: wanted.name,
      scope: wanted.scope,
      amount: wanted.amount,
      period: wanted.period,
      zone: wanted.zone ?? before.zone,
      fiscalStart: wanted.fiscalStart ?? before.fiscalStart,
      thresholds: thresholdsOf(wanted, before.thresholds, context),
      updatedAt: now,
    };
    const budget = meaning(before) === meaning(changed) ? changed : { ...changed, revision: before.revision + 1 };
    await saveBudget(tx, budget, principal.id);
    await audit(tx, principal, context.now, {
      action: "budget.edit",
      id: id,
      before: budgetDocument(before),
      after: budgetDocument(budget),
    });
    return budget;
  });
}

/** Deletes a budget and ends its open alerts; its history stays. */
export async function deleteBudget(principal: Principal, context: CommandContext, id: string): Promise<void> {
  requireAdministrator(principal, "delete a budget");
  await context.state.transaction(async (tx) => {
    const before = await existing(tx, id);
    await deleteStored(tx, before.id, context.now);
    await endAlerts(tx, before.id, [], "budget deleted", context.now);
    await audit(tx, principal, context.now, {
      action: "budget.delete",
      id: id,
      before: budgetDocument(before),
      after: null,
    });
  });
}

async function existing(tx: StateTransaction, id: string): Promise<Budget> {
  const budget = await findBudget(tx, id as BudgetId);
  if (!budget) throw new NotFoundError("This budget does not exist any more. Reload the page to see the ones that do.");
  return budget;
}

/** A threshold of the same basis and per cent keeps its id, so that what it latched stays its own. */
function thresholdsOf(
  wanted: BudgetInput,
  before: readonly BudgetThreshold[],
  { now }: CommandContext,
): BudgetThreshold[] {
  return wanted.thresholds.map(({ basis, percent, recipients }) => {
    const same = before.find((threshold) => threshold.basis === basis && threshold.percent === BigInt(percent));
    return { id: same?.id ?? (uuidV7(now) as ThresholdId), basis, percent: BigInt(percent), recipients };
  });
}

/** What a revision is about, as text that is equal exactly when nothing of it changed. */
function meaning(budget: Budget): string {
  const lines = budget.thresholds.map(({ basis, percent }) => `${basis} ${percent}`).toSorted();
  const parts = [scopeKey(budget.scope), budget.amount, budget.period, budget.zone, budget.fiscalStart, ...lines];
  return parts.map(String).join("|");
}
