import { type CreateTableBuilder, sql } from "kysely";
import type { StateTransaction } from "../state.ts";

/** Every table of the first version. The alert engine's tables (rules, instances, silences) are part of it from the start. */
export async function initial(tx: StateTransaction): Promise<void> {
  await table(tx, "setting", ["key text!", "value text!", "updated_at bigint!", "updated_by text!"], ["key"]);
  await table(tx, "secret", ["name text!", "value text!", "created_at bigint!"], ["name"]);
  await table(
    tx,
    "budget",
    [
      "id text!",
      "parent_id text",
      "name text!",
      "scope_kind text!",
      "scope text!",
      "amount text!",
      "currency text!",
      "period text!",
      "zone text!",
      "fiscal_start text!",
      "basis text!",
      "daily_cap text",
      "revision bigint!",
      "created_at bigint!",
      "updated_at bigint!",
      "deleted_at bigint",
    ],
    ["id"],
  );
  await table(
    tx,
    "budget_threshold",
    [
      "id text!",
      "budget_id text!",
      "basis text!",
      "percent bigint!",
      "recipients text",
      "position bigint!",
      "removed_at bigint",
    ],
    ["id"],
    (builder) => builder.addForeignKeyConstraint("budget_threshold_budget", ["budget_id"], "budget", ["id"]),
  );
  await index(tx, "budget_threshold", ["budget_id"]);
  await table(
    tx,
    "budget_revision",
    ["budget_id text!", "revision bigint!", "document text!", "valid_from bigint!", "changed_by text!"],
    ["budget_id", "revision"],
    (builder) => builder.addForeignKeyConstraint("budget_revision_budget", ["budget_id"], "budget", ["id"]),
  );
  await table(
    tx,
    "budget_crossing",
    [
      "id text!",
      "budget_id text!",
      "threshold_id text!",
      "basis text!",
      "period_start bigint!",
      "period_end bigint!",
      "revision bigint!",
      "percent bigint!",
      "amount text!",
      "value text!",
      "value_upper text!",
      "unpriced_tokens text!",
      "cause text!",
      "slot bigint!",
      "crossed_at bigint!",
      "restated_at bigint",
      "restated_value text",
    ],
    ["id"],
    (builder) =>
      builder
        .addUniqueConstraint("budget_crossing_latch", [
          "budget_id",
          "threshold_id",
          "basis",
          "period_start",
          "revision",
        ])
        .addForeignKeyConstraint("budget_crossing_budget", ["budget_id"], "budget", ["id"]),
  );
  await table(
    tx,
    "budget_status",
    [
      "budget_id text!",
      "period_start bigint!",
      "period_end bigint!",
      "revision bigint!",
      "slot bigint!",
      "evaluated_at bigint!",
      "outcome text!",
      "spent text",
      "spent_upper text",
      "unpriced_tokens text",
      "forecast text",
      "forecast_lower text",
      "forecast_upper text",
      "price_version text",
      "attribution_version text",
      "detail text!",
    ],
    ["budget_id", "period_start"],
    (builder) => builder.addForeignKeyConstraint("budget_status_budget", ["budget_id"], "budget", ["id"]),
  );
  await table(
    tx,
    "alert_rule",
    [
      "id text!",
      "name text!",
      "kind text!",
      "definition text!",
      "revision bigint!",
      "interval_ms bigint!",
      "for_ms bigint!",
      "keep_firing_for_ms bigint!",
      "repeat_interval_ms bigint!",
      "no_data_policy text!",
      "error_policy text!",
      "enabled bigint!",
      "created_at bigint!",
      "updated_at bigint!",
      "deleted_at bigint",
    ],
    ["id"],
  );
  await table(
    tx,
    "alert_instance",
    [
      "id text!",
      "rule_kind text!",
      "rule_id text!",
      "rule_revision bigint!",
      "fingerprint text!",
      "labels text!",
      "state text!",
      "since bigint!",
      "was_firing bigint!",
      "transition_number bigint!",
      "last_eval_slot bigint!",
      "last_value text",
      "last_notified_at bigint",
      "missed_slots bigint!",
      "failed_slots bigint!",
      "acknowledged_at bigint",
      "acknowledged_by text",
      "resolved_reason text",
    ],
    ["id"],
    (builder) => builder.addUniqueConstraint("alert_instance_series", ["rule_kind", "rule_id", "fingerprint"]),
  );
  await table(
    tx,
    "alert_event",
    [
      "id text!",
      "instance_id text",
      "rule_kind text!",
      "rule_id text!",
      "at bigint!",
      "slot bigint!",
      "kind text!",
      "from_state text",
      "to_state text",
      "title text!",
      "detail text!",
      "group_key text!",
    ],
    ["id"],
  );
  await index(tx, "alert_event", ["at"]);
  await index(tx, "alert_event", ["rule_kind", "rule_id"]);
  await table(
    tx,
    "silence",
    [
      "id text!",
      "matchers text!",
      "starts_at bigint!",
      "ends_at bigint!",
      "author text!",
      "reason text!",
      "created_at bigint!",
      "cancelled_at bigint",
    ],
    ["id"],
  );
  await table(
    tx,
    "evaluation_slot",
    [
      "rule_kind text!",
      "rule_id text!",
      "slot bigint!",
      "fencing_token bigint!",
      "outcome text!",
      "skipped_from bigint",
      "detail text",
      "evaluated_at bigint!",
    ],
    ["rule_kind", "rule_id", "slot"],
  );
  await index(tx, "evaluation_slot", ["evaluated_at"]);
  await table(tx, "lease", ["name text!", "holder text!", "fencing_token bigint!", "expires_at bigint!"], ["name"]);
  await table(
    tx,
    "channel",
    [
      "id text!",
      "name text!",
      "kind text!",
      "config text!",
      "state text!",
      "disabled_reason text",
      "created_at bigint!",
      "updated_at bigint!",
      "deleted_at bigint",
    ],
    ["id"],
  );
  await table(
    tx,
    "outbox",
    [
      "id text!",
      "idempotency_key text!",
      "channel_id text!",
      "kind text!",
      "instance_key text!",
      "sequence bigint!",
      "payload text!",
      "state text!",
      "attempt bigint!",
      "next_attempt_at bigint!",
      "claimed_by text",
      "claimed_until bigint",
      "last_error text",
      "created_at bigint!",
      "delivered_at bigint",
    ],
    ["id"],
    (builder) =>
      builder
        .addUniqueConstraint("outbox_idempotency_key", ["idempotency_key"])
        .addForeignKeyConstraint("outbox_channel", ["channel_id"], "channel", ["id"]),
  );
  await index(tx, "outbox", ["state", "next_attempt_at"]);
  await index(tx, "outbox", ["channel_id", "instance_key", "sequence"]);
  await table(
    tx,
    "attribution_rule",
    [
      "id text!",
      "position bigint!",
      "definition text!",
      "created_at bigint!",
      "updated_at bigint!",
      "deleted_at bigint",
    ],
    ["id"],
  );
  await table(
    tx,
    "price_override",
    [
      "id text!",
      "definition text!",
      "valid_from bigint!",
      "valid_to bigint",
      "created_at bigint!",
      "updated_at bigint!",
      "deleted_at bigint",
    ],
    ["id"],
  );
  await table(
    tx,
    "audit_log",
    [
      "sequence bigint!",
      "at bigint!",
      "actor_id text!",
      "actor_name text!",
      "action text!",
      "subject_kind text!",
      "subject_id text!",
      "before text",
      "after text",
      "previous_hash text!",
      "hash text!",
    ],
    ["sequence"],
  );
  await index(tx, "audit_log", ["subject_kind", "subject_id"]);
  // One row that every writer of the audit log updates first: it orders the chain on both dialects.
  await table(tx, "audit_head", ["name text!", "sequence bigint!", "hash text!"], ["name"]);
  await sql`insert into audit_head (name, sequence, hash) values ('head', 0, '')`.execute(tx);
}

type Builder = CreateTableBuilder<string, string>;

/** Columns are written `name type`, with `!` for not null. */
async function table(
  tx: StateTransaction,
  name: string,
  columns: readonly string[],
  key: readonly string[],
  constraints: (builder: Builder) => Builder = (builder) => builder,
): Promise<void> {
  let builder: Builder = tx.schema.createTable(name) as Builder;
  for (const column of columns) {
    const [columnName = "", type = ""] = column.split(" ");
    builder = builder.addColumn(columnName, type.replace("!", "") as "text" | "bigint", (definition) =>
      type.endsWith("!") ? definition.notNull() : definition,
    );
  }
  await constraints(builder.addPrimaryKeyConstraint(`${name}_key`, [...key])).execute();
}

async function index(tx: StateTransaction, name: string, columns: readonly string[]): Promise<void> {
  await tx.schema
    .createIndex(`${name}_${columns.join("_")}`)
    .on(name)
    .columns([...columns])
    .execute();
}
