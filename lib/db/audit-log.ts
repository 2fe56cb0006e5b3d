import { createHash } from "node:crypto";
import type { Instant } from "../time/instant.ts";
import type { StateDb, StateTransaction } from "./state.ts";

/** Who did what to which thing, with the thing before and after as JSON-ready values (secrets already redacted). */
export type AuditEntry = {
  readonly at: Instant;
  readonly actorId: string;
  readonly actorName: string;
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly before: unknown;
  readonly after: unknown;
};

/** An entry as it was written: `hash` covers the entry and the hash before it. */
export type AuditRecord = AuditEntry & { readonly sequence: bigint; readonly hash: string };

/** Appends one entry to the hash chain; the head row makes concurrent writers wait for one another. */
export async function appendAudit(tx: StateTransaction, entry: AuditEntry): Promise<void> {
  const head = await tx
    .updateTable("audit_head")
    .set((eb) => ({ sequence: eb("sequence", "+", 1n) }))
    .where("name", "=", "head")
    .returning(["sequence", "hash"])
    .executeTakeFirstOrThrow();
  const row = {
    sequence: head.sequence,
    at: BigInt(entry.at),
    actor_id: entry.actorId,
    actor_name: entry.actorName,
    action: entry.action,
    subject_kind: entry.subjectKind,
    subject_id: entry.subjectId,
    before: toJson(entry.before),
    after: toJson(entry.after),
    previous_hash: head.hash,
  };
  const hash = hashOf(row);
  await tx
    .insertInto("audit_log")
    .values({ ...row, hash })
    .execute();
  await tx.updateTable("audit_head").set({ hash }).where("name", "=", "head").execute();
}

/** The newest entries, newest first. */
export async function listAudit(db: StateDb, limit: number): Promise<AuditRecord[]> {
  const rows = await db.selectFrom("audit_log").selectAll().orderBy("sequence", "desc").limit(limit).execute();
  return rows.map((row) => ({
    sequence: row.sequence,
    at: Number(row.at) as Instant,
    actorId: row.actor_id,
    actorName: row.actor_name,
    action: row.action,
    subjectKind: row.subject_kind,
    subjectId: row.subject_id,
    before: row.before === null ? null : JSON.parse(row.before),
    after: row.after === null ? null : JSON.parse(row.after),
    hash: row.hash,
  }));
}

/** The sequence of the first entry whose chain is broken, or null when the whole log is as it was written. */
export async function findBrokenAudit(db: StateDb): Promise<bigint | null> {
  const rows = await db.selectFrom("audit_log").selectAll().orderBy("sequence").execute();
  let previous = "";
  let expected = 1n;
  for (const { hash, ...row } of rows) {
    if (row.sequence !== expected || row.previous_hash !== previous || hashOf(row) !== hash) return expected;
    previous = hash;
    expected += 1n;
  }
  const head = await db.selectFrom("audit_head").selectAll().executeTakeFirst();
  return head?.sequence === expected - 1n && head.hash === previous ? null : expected;
}

function toJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function hashOf(row: Readonly<Record<string, string | bigint | null>>): string {
  const canonical = Object.keys(row)
    .sort()
    .map((key) => [key, row[key] === null ? null : String(row[key])]);
  return createHash("sha256").update(JSON.stringify(canonical)).digest("hex");
}
