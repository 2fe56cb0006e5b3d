import { z } from "zod";
import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import { keepSavedQuery, listSavedQueries, removeSavedQuery, type SavedQuery } from "../db/saved-queries.ts";
import { uuidV7 } from "../time/uuid-v7.ts";
import { audit } from "./audit.ts";
import { type CommandContext, InputError, NotFoundError } from "./command-context.ts";
import { parseInput } from "./parse-input.ts";

/** How many queries one person may keep. */
const MOST = 500;

const inputSchema = z.strictObject({
  name: z
    .string("Give the query a name.")
    .trim()
    .min(1, "Give the query a name.")
    .max(120, "A name has at most 120 characters."),
  kql: z
    .string("There is no query to keep.")
    .refine((text) => text.trim() !== "", "There is no query to keep.")
    .max(131_072, "A query has at most 131,072 characters."),
  isShared: z.boolean().default(false),
});

/** Keeps a query under a name of one's own, in place of the one that had it; returns what the person now sees. */
export async function saveQuery(
  principal: Principal,
  context: CommandContext,
  input: unknown,
): Promise<readonly SavedQuery[]> {
  requireAdministrator(principal, "save a query");
  const { name, kql, isShared } = parseInput(inputSchema, input);
  return context.state.transaction(async (tx) => {
    const own = (await listSavedQueries(tx, principal.id)).filter(({ ownerId }) => ownerId === principal.id);
    const before = own.find((query) => query.name === name) ?? null;
    if (before === null && own.length >= MOST)
      throw new InputError({ name: `You keep ${MOST} queries. Remove one first.` });
    const query: SavedQuery = {
      id: before?.id ?? uuidV7(context.now),
      ownerId: principal.id,
      ownerName: principal.name,
      name,
      kql,
      isShared,
      updatedAt: context.now,
    };
    await keepSavedQuery(tx, query);
    await audit(tx, principal, context.now, {
      action: before === null ? "query.create" : "query.update",
      id: query.id,
      before: before && shown(before),
      after: shown(query),
    });
    return listSavedQueries(tx, principal.id);
  });
}

/** Removes a query of one's own; returns what the person still sees. */
export async function forgetQuery(
  principal: Principal,
  context: CommandContext,
  id: string,
): Promise<readonly SavedQuery[]> {
  requireAdministrator(principal, "remove a saved query");
  return context.state.transaction(async (tx) => {
    const before = (await listSavedQueries(tx, principal.id)).find((query) => query.id === id);
    if (before === undefined || !(await removeSavedQuery(tx, id, principal.id)))
      throw new NotFoundError("This query is not one of yours, or it is gone already.");
    await audit(tx, principal, context.now, { action: "query.delete", id, before: shown(before), after: null });
    return listSavedQueries(tx, principal.id);
  });
}

/** A query as the audit log keeps it. */
function shown({ name, kql, isShared }: SavedQuery): Pick<SavedQuery, "name" | "kql" | "isShared"> {
  return { name, kql, isShared };
}
