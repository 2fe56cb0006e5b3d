import type { Principal } from "../auth/principal.ts";
import { appendAudit } from "../db/audit-log.ts";
import type { StateTransaction } from "../db/state.ts";
import type { Instant } from "../time/instant.ts";

/** What was done to which thing: `budget.edit` of a budget; the thing before and after, without secrets. */
export type Act = {
  readonly action: `${string}.${string}`;
  readonly id: string;
  readonly before: unknown;
  readonly after: unknown;
};

/** Writes an act into the audit log, in the transaction that does it; the kind of thing is the action's first word. */
export function audit(tx: StateTransaction, principal: Principal, now: Instant, act: Act): Promise<void> {
  return appendAudit(tx, {
    at: now,
    actorId: principal.id,
    actorName: principal.name,
    action: act.action,
    subjectKind: act.action.slice(0, act.action.indexOf(".")),
    subjectId: act.id,
    before: act.before,
    after: act.after,
  });
}
