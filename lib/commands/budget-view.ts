import type { Budget } from "../budgets/budget.ts";
import { type BudgetDocument, budgetDocument } from "../db/budgets.ts";

/** A budget as JSON: the answer of the budget routes. */
export function budgetView(budget: Budget): { readonly budget: BudgetDocument } {
  return { budget: budgetDocument(budget) };
}
