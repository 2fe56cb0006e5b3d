import type { Instant, Period } from "../time/instant.ts";
import { monthContaining, quarterContaining, yearContaining } from "../time/zone.ts";
import type { Budget } from "./budget.ts";

/** The budget's period that holds `at`: a calendar month, or a quarter or year counted from the budget's fiscal start. */
export function budgetPeriodAt(budget: Pick<Budget, "period" | "zone" | "fiscalStart">, at: Instant): Period {
  switch (budget.period) {
    case "month":
      return monthContaining(at, budget.zone);
    case "quarter":
      return quarterContaining(at, budget.zone, budget.fiscalStart);
    case "year":
      return yearContaining(at, budget.zone, budget.fiscalStart);
  }
}
