import type { Principal } from "./principal.ts";

/** Somebody asked for what they may not do or see; the message says what and who may. */
export class ForbiddenError extends Error {
  override readonly name = "ForbiddenError";
}

/** Refuses everybody but an administrator; `action` completes "Only an administrator may …". */
export function requireAdministrator(principal: Principal, action: string): void {
  if (principal.role !== "administrator" || principal.sees.kind !== "everything")
    throw new ForbiddenError(`Only an administrator may ${action}.`);
}
