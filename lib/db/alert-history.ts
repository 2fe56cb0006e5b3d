import { z } from "zod";
import { ALERT_EVENT_KINDS, ALERT_STATES, type AlertEvent, type AlertState } from "../alerts/alert.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import type { StateDb, StateTransaction } from "./state.ts";

/** Where one alert instance stands: a threshold of a budget in one period and revision, or a series of a rule. */
export type StoredAlertInstance = {
  readonly id: string;
  readonly ruleKind: "budget" | "rule";
  readonly ruleId: string;
  readonly ruleRevision: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: AlertState;
  readonly since: Instant;
  readonly slot: number;
  readonly value: string | null;
  readonly resolvedReason: string | null;
};

/** Puts an instance where it now stands; its transition number grows when the state changes. */
export async function saveAlertInstance(tx: StateTransaction, instance: StoredAlertInstance): Promise<void> {
  const row = {
    rule_revision: BigInt(instance.ruleRevision),
    labels: JSON.stringify(instance.labels),
    state: instance.state,
    last_eval_slot: BigInt(instance.slot),
    last_value: instance.value,
    resolved_reason: instance.resolvedReason,
  };
  await tx
    .insertInto("alert_instance")
    .values({
      id: instance.id,
      rule_kind: instance.ruleKind,
      rule_id: instance.ruleId,
      fingerprint: instance.id,
      since: BigInt(instance.since),
      was_firing: 0n,
      transition_number: 1n,
      last_notified_at: null,
      missed_slots: 0n,
      failed_slots: 0n,
      acknowledged_at: null,
      acknowledged_by: null,
      ...row,
    })
    .onConflict((conflict) =>
      conflict.column("id").doUpdateSet((eb) => ({
        ...row,
        since: eb
          .case()
          .when("alert_instance.state", "=", instance.state)
          .then(eb.ref("alert_instance.since"))
          .else(BigInt(instance.since))
          .end(),
        transition_number: eb
          .case()
          .when("alert_instance.state", "=", instance.state)
          .then(eb.ref("alert_instance.transition_number"))
          .else(eb("alert_instance.transition_number", "+", 1n))
          .end(),
      })),
    )
    .execute();
}

/** The instances that are not Normal, longest first. */
export async function listOpenAlerts(db: StateDb): Promise<StoredAlertInstance[]> {
  const rows = await db
    .selectFrom("alert_instance")
    .selectAll()
    .where("state", "!=", "Normal")
    .orderBy("since")
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    ruleKind: z.enum(["budget", "rule"]).parse(row.rule_kind),
    ruleId: row.rule_id,
    ruleRevision: Number(row.rule_revision),
    labels: z.record(z.string(), z.string()).parse(JSON.parse(row.labels)),
    state: z.enum(ALERT_STATES).parse(row.state),
    since: toInstant(Number(row.since)),
    slot: Number(row.last_eval_slot),
    value: row.last_value,
    resolvedReason: row.resolved_reason,
  }));
}

/** Ends the open instances of a rule that `keeps` does not name: another period, another revision, or a deleted budget. */
export async function endAlerts(
  tx: StateTransaction,
  ruleId: string,
  keeps: readonly string[],
  reason: string,
  at: Instant,
): Promise<void> {
  await tx
    .updateTable("alert_instance")
    .set((eb) => ({
      state: "Normal",
      since: BigInt(at),
      resolved_reason: reason,
      transition_number: eb("transition_number", "+", 1n),
    }))
    .where("rule_kind", "=", "budget")
    .where("rule_id", "=", ruleId)
    .where("state", "!=", "Normal")
    .$if(keeps.length > 0, (query) => query.where("id", "not in", keeps))
    .execute();
}

/** Adds lines to the history; a line that is there already is left alone. */
export async function appendAlertEvents(tx: StateTransaction, events: readonly AlertEvent[]): Promise<void> {
  for (const event of events)
    await tx
      .insertInto("alert_event")
      .values({
        id: event.id,
        instance_id: event.instanceId,
        rule_kind: event.ruleKind,
        rule_id: event.ruleId,
        at: BigInt(event.at),
        slot: BigInt(event.slot),
        kind: event.kind,
        from_state: event.fromState,
        to_state: event.toState,
        title: event.title,
        detail: JSON.stringify(event.detail),
        group_key: event.groupKey,
      })
      .onConflict((conflict) => conflict.column("id").doNothing())
      .execute();
}

/** The history, newest first; only of one rule or budget when `ruleId` is given. */
export async function listAlertEvents(
  db: StateDb,
  { limit, ruleId }: { readonly limit: number; readonly ruleId?: string },
): Promise<AlertEvent[]> {
  const rows = await db
    .selectFrom("alert_event")
    .selectAll()
    .$if(ruleId !== undefined, (query) => query.where("rule_id", "=", ruleId ?? ""))
    .orderBy("at", "desc")
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    instanceId: row.instance_id,
    ruleKind: z.enum(["budget", "rule"]).parse(row.rule_kind),
    ruleId: row.rule_id,
    at: toInstant(Number(row.at)),
    slot: Number(row.slot),
    kind: z.enum(ALERT_EVENT_KINDS).parse(row.kind),
    fromState: row.from_state === null ? null : z.enum(ALERT_STATES).parse(row.from_state),
    toState: row.to_state === null ? null : z.enum(ALERT_STATES).parse(row.to_state),
    title: row.title,
    detail: z.record(z.string(), z.string()).parse(JSON.parse(row.detail)),
    groupKey: row.group_key,
  }));
}
