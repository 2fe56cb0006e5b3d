/**
 * The tables of the state database. Every integer is a `bigint` (instants are epoch milliseconds), every amount is decimal
 * text, every document is JSON text: so that SQLite and PostgreSQL give the same values back.
 */
export type StateSchema = {
  setting: { key: string; value: string; updated_at: bigint; updated_by: string };
  secret: { name: string; value: string; created_at: bigint };
  budget: {
    id: string;
    parent_id: string | null;
    name: string;
    scope_kind: string;
    scope: string;
    amount: string;
    currency: string;
    period: string;
    zone: string;
    fiscal_start: string;
    basis: string;
    daily_cap: string | null;
    revision: bigint;
    created_at: bigint;
    updated_at: bigint;
    deleted_at: bigint | null;
  };
  budget_threshold: {
    id: string;
    budget_id: string;
    basis: string;
    percent: bigint;
    recipients: string | null;
    position: bigint;
    removed_at: bigint | null;
  };
  /** What a budget was at each revision; never changed. */
  budget_revision: {
    budget_id: string;
    revision: bigint;
    document: string;
    valid_from: bigint;
    changed_by: string;
  };
  /** The latch: one row per (budget, threshold, basis, period, revision), for ever. */
  budget_crossing: {
    id: string;
    budget_id: string;
    threshold_id: string;
    basis: string;
    period_start: bigint;
    period_end: bigint;
    revision: bigint;
    percent: bigint;
    amount: string;
    value: string;
    value_upper: string;
    unpriced_tokens: string;
    cause: string;
    slot: bigint;
    crossed_at: bigint;
    restated_at: bigint | null;
    restated_value: string | null;
  };
  /** What the last evaluation of a budget saw in a period. */
  budget_status: {
    budget_id: string;
    period_start: bigint;
    period_end: bigint;
    revision: bigint;
    slot: bigint;
    evaluated_at: bigint;
    outcome: string;
    spent: string | null;
    spent_upper: string | null;
    unpriced_tokens: string | null;
    forecast: string | null;
    forecast_lower: string | null;
    forecast_upper: string | null;
    price_version: string | null;
    attribution_version: string | null;
    detail: string;
  };
  alert_rule: {
    id: string;
    name: string;
    kind: string;
    definition: string;
    revision: bigint;
    interval_ms: bigint;
    for_ms: bigint;
    keep_firing_for_ms: bigint;
    repeat_interval_ms: bigint;
    no_data_policy: string;
    error_policy: string;
    enabled: bigint;
    created_at: bigint;
    updated_at: bigint;
    deleted_at: bigint | null;
  };
  /** One series of one rule, or one threshold of one budget in one period and revision. */
  alert_instance: {
    id: string;
    rule_kind: string;
    rule_id: string;
    rule_revision: bigint;
    fingerprint: string;
    labels: string;
    state: string;
    since: bigint;
    was_firing: bigint;
    transition_number: bigint;
    last_eval_slot: bigint;
    last_value: string | null;
    last_notified_at: bigint | null;
    missed_slots: bigint;
    failed_slots: bigint;
    acknowledged_at: bigint | null;
    acknowledged_by: string | null;
    resolved_reason: string | null;
  };
  /** The history of alerts; append-only. */
  alert_event: {
    id: string;
    instance_id: string | null;
    rule_kind: string;
    rule_id: string;
    at: bigint;
    slot: bigint;
    kind: string;
    from_state: string | null;
    to_state: string | null;
    title: string;
    detail: string;
    group_key: string;
  };
  silence: {
    id: string;
    matchers: string;
    starts_at: bigint;
    ends_at: bigint;
    author: string;
    reason: string;
    created_at: bigint;
    cancelled_at: bigint | null;
  };
  evaluation_slot: {
    rule_kind: string;
    rule_id: string;
    slot: bigint;
    fencing_token: bigint;
    outcome: string;
    skipped_from: bigint | null;
    detail: string | null;
    evaluated_at: bigint;
  };
  lease: { name: string; holder: string; fencing_token: bigint; expires_at: bigint };
  channel: {
    id: string;
    name: string;
    kind: string;
    config: string;
    state: string;
    disabled_reason: string | null;
    created_at: bigint;
    updated_at: bigint;
    deleted_at: bigint | null;
  };
  outbox: {
    id: string;
    idempotency_key: string;
    channel_id: string;
    kind: string;
    instance_key: string;
    sequence: bigint;
    payload: string;
    state: string;
    attempt: bigint;
    next_attempt_at: bigint;
    claimed_by: string | null;
    claimed_until: bigint | null;
    last_error: string | null;
    created_at: bigint;
    delivered_at: bigint | null;
  };
  attribution_rule: {
    id: string;
    position: bigint;
    definition: string;
    created_at: bigint;
    updated_at: bigint;
    deleted_at: bigint | null;
  };
  price_override: {
    id: string;
    definition: string;
    valid_from: bigint;
    valid_to: bigint | null;
    created_at: bigint;
    updated_at: bigint;
    deleted_at: bigint | null;
  };
  /** An invoice that was loaded, with what was found as JSON. */
  reconciliation: { id: string; loaded_at: bigint; basis: string; files: string; document: string };
  /** Decimal texts; `coverage` is the explained share of the invoice and `drift` (estimate ÷ invoice) − 1, null without an invoice. */
  reconciliation_day: {
    reconciliation_id: string;
    day: string;
    invoice: string;
    estimate: string;
    coverage: string | null;
    drift: string | null;
  };
  /** A price book that is, or was, applied to usage of the past; done up to `done_to`. */
  repricing: {
    id: string;
    book_version: string;
    period_start: bigint;
    period_end: bigint;
    done_to: bigint;
    before_cost: string;
    after_cost: string | null;
    started_at: bigint;
    finished_at: bigint | null;
  };
  saved_query: {
    id: string;
    owner_id: string;
    owner_name: string;
    name: string;
    kql: string;
    is_shared: bigint;
    updated_at: bigint;
  };
  /** A billing month whose charges never move again. */
  closed_month: {
    month: string;
    period_start: bigint;
    period_end: bigint;
    book_versions: string;
    currency: string;
    contracted_cost: string;
    contracted_cost_upper: string;
    closed_at: bigint;
    closed_by: string;
  };
  archived_month: {
    month: string;
    period_start: bigint;
    period_end: bigint;
    hash: string;
    row_count: bigint;
    quarter_hours: bigint;
    bytes: bigint;
    book_versions: string;
    archived_at: bigint;
  };
  /** The archive's files in base64, where the database is PostgreSQL; else they lie in the data folder. */
  archive_part: { hash: string; part: bigint; content: string };
  audit_log: {
    sequence: bigint;
    at: bigint;
    actor_id: string;
    actor_name: string;
    action: string;
    subject_kind: string;
    subject_id: string;
    before: string | null;
    after: string | null;
    previous_hash: string;
    hash: string;
  };
  audit_head: { name: string; sequence: bigint; hash: string };
};
