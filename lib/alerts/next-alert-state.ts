import type { Instant } from "../time/instant.ts";
import type { AlertState } from "./alert.ts";

/** What one evaluation of a rule found: `nodata` is a good answer without the series, `error` no usable answer. */
export type EvaluationInput = "breach" | "ok" | "nodata" | "error";

/** How a rule wants to be judged; durations in milliseconds. */
export type RulePolicy = {
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly repeatIntervalMs: number;
  readonly noData: "nodata" | "normal" | "firing" | "keep_last";
  readonly error: "keep_last" | "error" | "firing";
};

/**
 * One series of one rule between evaluations. `wasFiring`: it was firing when its data or its query failed.
 * `missedSlots` counts evaluations in a row without data while pending.
 */
export type InstanceMemory = {
  readonly state: AlertState;
  readonly since: Instant;
  readonly wasFiring: boolean;
  readonly lastNotifiedAt: Instant | null;
  readonly missedSlots: number;
};

export type TransitionEvent = "fired" | "resolved" | "recovered" | "repeated" | "no_data" | "error";
export type Transition = { readonly memory: InstanceMemory; readonly events: readonly TransitionEvent[] };

/** An instance that was never evaluated. */
export function newInstance(now: Instant): InstanceMemory {
  return { state: "Normal", since: now, wasFiring: false, lastNotifiedAt: null, missedSlots: 0 };
}

/**
 * The next state of an alert instance and the notices that are due. Pure: the same arguments give the same answer, and a
 * clock that went backwards never fires. The table stands in `next-alert-state.test.ts`.
 */
export function nextAlertState(
  memory: InstanceMemory,
  input: EvaluationInput,
  now: Instant,
  rule: RulePolicy,
): Transition {
  switch (input) {
    case "breach":
      return onBreach(memory, now, rule);
    case "ok":
      return onOk(memory, now, rule);
    case "nodata":
      return onNoData(memory, now, rule);
    case "error":
      return onError(memory, now, rule);
  }
}

function onBreach(memory: InstanceMemory, now: Instant, rule: RulePolicy): Transition {
  switch (memory.state) {
    case "Firing":
      return repeatWhenDue(memory, now, rule);
    case "Recovering":
      return quiet({ ...memory, state: "Firing", missedSlots: 0 });
    case "Pending":
      return now - memory.since >= rule.forMs ? fire(memory, now) : quiet({ ...memory, missedSlots: 0 });
    case "Normal":
    case "NoData":
    case "Error":
      if (memory.wasFiring) return quiet({ ...memory, state: "Firing", since: now, wasFiring: false });
      return rule.forMs > 0 ? quiet(enter(memory, "Pending", now)) : fire(memory, now);
  }
}

function onOk(memory: InstanceMemory, now: Instant, rule: RulePolicy): Transition {
  switch (memory.state) {
    case "Normal":
      return quiet({ ...memory, missedSlots: 0 });
    case "Pending":
      return quiet(enter(memory, "Normal", now));
    case "Firing":
      return rule.keepFiringForMs > 0 ? quiet(enter(memory, "Recovering", now)) : resolve(memory, now);
    case "Recovering":
      return now - memory.since >= rule.keepFiringForMs ? resolve(memory, now) : quiet(memory);
    case "NoData":
    case "Error":
      return memory.wasFiring ? resolve(memory, now) : { memory: enter(memory, "Normal", now), events: ["recovered"] };
  }
}

function onNoData(memory: InstanceMemory, now: Instant, rule: RulePolicy): Transition {
  if (memory.state === "Pending" && memory.missedSlots < 1)
    return quiet({ ...memory, missedSlots: memory.missedSlots + 1 });
  switch (rule.noData) {
    case "keep_last":
      return quiet(memory.state === "Pending" ? enter(memory, "Normal", now) : memory);
    case "normal":
      return onOkNow(memory, now);
    case "firing":
      if (isFiring(memory)) return repeatWhenDue({ ...memory, state: "Firing" }, now, rule);
      return memory.wasFiring ? quiet({ ...memory, state: "Firing", wasFiring: false }) : fire(memory, now);
    case "nodata":
      return interrupted(memory, "NoData", "no_data", now, rule);
  }
}

function onError(memory: InstanceMemory, now: Instant, rule: RulePolicy): Transition {
  // A pending clock stands still while nothing is known, and what fires or recovers stays as it was last known.
  if (memory.state === "Pending" || memory.state === "Firing" || memory.state === "Recovering") return quiet(memory);
  switch (rule.error) {
    case "keep_last":
      return quiet(memory);
    case "firing":
      return memory.wasFiring ? quiet({ ...memory, state: "Firing", wasFiring: false }) : fire(memory, now);
    case "error":
      return interrupted(memory, "Error", "error", now, rule);
  }
}

/** The policy `normal`: as if all were well, without waiting for `keepFiringForMs`. */
function onOkNow(memory: InstanceMemory, now: Instant): Transition {
  if (isFiring(memory) || memory.wasFiring) return resolve(memory, now);
  return memory.state === "Normal" ? quiet(memory) : quiet(enter(memory, "Normal", now));
}

function interrupted(
  memory: InstanceMemory,
  state: "NoData" | "Error",
  event: "no_data" | "error",
  now: Instant,
  rule: RulePolicy,
): Transition {
  if (memory.state === state) return repeatWhenDue(memory, now, rule);
  const wasFiring = memory.wasFiring || isFiring(memory);
  return { memory: { ...enter(memory, state, now), wasFiring, lastNotifiedAt: now }, events: [event] };
}

function repeatWhenDue(memory: InstanceMemory, now: Instant, rule: RulePolicy): Transition {
  const isDue = memory.lastNotifiedAt !== null && now - memory.lastNotifiedAt >= rule.repeatIntervalMs;
  return isDue ? { memory: { ...memory, lastNotifiedAt: now }, events: ["repeated"] } : quiet(memory);
}

function fire(memory: InstanceMemory, now: Instant): Transition {
  return { memory: { ...enter(memory, "Firing", now), lastNotifiedAt: now }, events: ["fired"] };
}

function resolve(memory: InstanceMemory, now: Instant): Transition {
  return { memory: enter(memory, "Normal", now), events: ["resolved"] };
}

function enter(memory: InstanceMemory, state: AlertState, now: Instant): InstanceMemory {
  return { ...memory, state, since: now, wasFiring: false, missedSlots: 0 };
}

function isFiring(memory: InstanceMemory): boolean {
  return memory.state === "Firing" || memory.state === "Recovering";
}

function quiet(memory: InstanceMemory): Transition {
  return { memory, events: [] };
}
