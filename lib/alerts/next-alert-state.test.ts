import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addMs, toInstant } from "../time/instant.ts";
import type { AlertState } from "./alert.ts";
import {
  type EvaluationInput,
  type InstanceMemory,
  newInstance,
  nextAlertState,
  type RulePolicy,
  type TransitionEvent,
} from "./next-alert-state.ts";

const NOW = toInstant("2026-11-21T12:00:00Z");
const RULE: RulePolicy = {
  forMs: 60_000,
  keepFiringForMs: 120_000,
  repeatIntervalMs: 600_000,
  noData: "nodata",
  error: "keep_last",
};

function memory(state: AlertState, parts: Partial<InstanceMemory> = {}): InstanceMemory {
  return { state, since: NOW, wasFiring: false, lastNotifiedAt: null, missedSlots: 0, ...parts };
}

const since = (ms: number) => ({ since: addMs(NOW, -ms) });
const notified = (ms: number) => ({ lastNotifiedAt: addMs(NOW, -ms) });

type Row = readonly [
  string,
  InstanceMemory,
  EvaluationInput,
  Partial<RulePolicy>,
  AlertState,
  readonly TransitionEvent[],
];

const TABLE: readonly Row[] = [
  ["a breach waits", memory("Normal"), "breach", {}, "Pending", []],
  ["a breach without waiting time fires", memory("Normal"), "breach", { forMs: 0 }, "Firing", ["fired"]],
  ["well stays well", memory("Normal"), "ok", {}, "Normal", []],
  ["no data is a state", memory("Normal"), "nodata", {}, "NoData", ["no_data"]],
  ["no data as normal", memory("Normal"), "nodata", { noData: "normal" }, "Normal", []],
  ["no data as firing", memory("Normal"), "nodata", { noData: "firing" }, "Firing", ["fired"]],
  ["no data as last", memory("Normal"), "nodata", { noData: "keep_last" }, "Normal", []],
  ["an error keeps the last state", memory("Normal"), "error", {}, "Normal", []],
  ["an error is a state", memory("Normal"), "error", { error: "error" }, "Error", ["error"]],
  ["an error as firing", memory("Normal"), "error", { error: "firing" }, "Firing", ["fired"]],

  ["one millisecond too early stays pending", memory("Pending", since(59_999)), "breach", {}, "Pending", []],
  ["the waiting time exactly fires", memory("Pending", since(60_000)), "breach", {}, "Firing", ["fired"]],
  ["one millisecond later fires", memory("Pending", since(60_001)), "breach", {}, "Firing", ["fired"]],
  ["a pending breach that ends says nothing", memory("Pending"), "ok", {}, "Normal", []],
  ["one slot without data keeps the pending clock", memory("Pending", since(30_000)), "nodata", {}, "Pending", []],
  ["the second clears it", memory("Pending", { missedSlots: 1 }), "nodata", {}, "NoData", ["no_data"]],
  [
    "the second clears it under keep_last too",
    memory("Pending", { missedSlots: 1 }),
    "nodata",
    { noData: "keep_last" },
    "Normal",
    [],
  ],
  [
    "the second clears it under normal",
    memory("Pending", { missedSlots: 1 }),
    "nodata",
    { noData: "normal" },
    "Normal",
    [],
  ],
  [
    "the second fires under firing",
    memory("Pending", { missedSlots: 1 }),
    "nodata",
    { noData: "firing" },
    "Firing",
    ["fired"],
  ],
  [
    "an error keeps a pending breach pending",
    memory("Pending", since(90_000)),
    "error",
    { error: "error" },
    "Pending",
    [],
  ],

  ["firing repeats not before its interval", memory("Firing", notified(599_999)), "breach", {}, "Firing", []],
  ["firing repeats at its interval", memory("Firing", notified(600_000)), "breach", {}, "Firing", ["repeated"]],
  ["firing that ends recovers first", memory("Firing"), "ok", {}, "Recovering", []],
  ["firing that ends is resolved at once", memory("Firing"), "ok", { keepFiringForMs: 0 }, "Normal", ["resolved"]],
  ["firing without data", memory("Firing"), "nodata", {}, "NoData", ["no_data"]],
  [
    "firing without data as normal is resolved",
    memory("Firing"),
    "nodata",
    { noData: "normal" },
    "Normal",
    ["resolved"],
  ],
  ["firing without data as firing", memory("Firing", notified(1)), "nodata", { noData: "firing" }, "Firing", []],
  ["firing without data as last", memory("Firing"), "nodata", { noData: "keep_last" }, "Firing", []],
  ["an error never resolves", memory("Firing"), "error", { error: "error" }, "Firing", []],

  ["recovering breaks out again without a second notice", memory("Recovering"), "breach", {}, "Firing", []],
  ["recovering waits", memory("Recovering", since(119_999)), "ok", {}, "Recovering", []],
  ["recovering is resolved at its time", memory("Recovering", since(120_000)), "ok", {}, "Normal", ["resolved"]],
  ["recovering without data", memory("Recovering"), "nodata", {}, "NoData", ["no_data"]],
  ["recovering without data as normal", memory("Recovering"), "nodata", { noData: "normal" }, "Normal", ["resolved"]],
  [
    "recovering without data as firing",
    memory("Recovering", notified(1)),
    "nodata",
    { noData: "firing" },
    "Firing",
    [],
  ],
  ["recovering without data as last", memory("Recovering"), "nodata", { noData: "keep_last" }, "Recovering", []],
  ["an error keeps recovering", memory("Recovering", since(500_000)), "error", { error: "error" }, "Recovering", []],

  ["data that comes back with a breach waits", memory("NoData"), "breach", {}, "Pending", []],
  [
    "data that comes back with the old breach goes on firing without a notice",
    memory("NoData", { wasFiring: true }),
    "breach",
    {},
    "Firing",
    [],
  ],
  ["data that comes back well is told", memory("NoData"), "ok", {}, "Normal", ["recovered"]],
  [
    "what fired before the gap and is well now is resolved",
    memory("NoData", { wasFiring: true }),
    "ok",
    {},
    "Normal",
    ["resolved"],
  ],
  ["no data repeats at its interval", memory("NoData", notified(600_000)), "nodata", {}, "NoData", ["repeated"]],
  ["no data is quiet before", memory("NoData", notified(599_999)), "nodata", {}, "NoData", []],
  ["a gap under normal", memory("NoData"), "nodata", { noData: "normal" }, "Normal", []],
  [
    "a gap after firing under normal is resolved",
    memory("NoData", { wasFiring: true }),
    "nodata",
    { noData: "normal" },
    "Normal",
    ["resolved"],
  ],
  ["a gap under firing", memory("NoData"), "nodata", { noData: "firing" }, "Firing", ["fired"]],
  [
    "a gap of what fired, as firing",
    memory("NoData", { wasFiring: true }),
    "nodata",
    { noData: "firing" },
    "Firing",
    [],
  ],
  ["a gap under keep_last", memory("NoData"), "nodata", { noData: "keep_last" }, "NoData", []],
  ["an error in a gap keeps it", memory("NoData"), "error", {}, "NoData", []],
  ["an error in a gap is an error", memory("NoData"), "error", { error: "error" }, "Error", ["error"]],
  ["an error in a gap as firing", memory("NoData"), "error", { error: "firing" }, "Firing", ["fired"]],
  [
    "an error in a gap of what fired, as firing",
    memory("NoData", { wasFiring: true }),
    "error",
    { error: "firing" },
    "Firing",
    [],
  ],

  ["an error that ends with a breach waits", memory("Error"), "breach", {}, "Pending", []],
  ["an error that ends with the old breach is quiet", memory("Error", { wasFiring: true }), "breach", {}, "Firing", []],
  ["an error that ends well is told", memory("Error"), "ok", {}, "Normal", ["recovered"]],
  ["an error that becomes a gap", memory("Error"), "nodata", {}, "NoData", ["no_data"]],
  ["an error that becomes a gap under keep_last", memory("Error"), "nodata", { noData: "keep_last" }, "Error", []],
  ["an error that becomes a gap under normal", memory("Error"), "nodata", { noData: "normal" }, "Normal", []],
  ["an error that becomes a gap under firing", memory("Error"), "nodata", { noData: "firing" }, "Firing", ["fired"]],
  [
    "an error repeats at its interval",
    memory("Error", notified(600_000)),
    "error",
    { error: "error" },
    "Error",
    ["repeated"],
  ],
  ["an error under keep_last stays", memory("Error"), "error", {}, "Error", []],
  ["an error under firing", memory("Error"), "error", { error: "firing" }, "Firing", ["fired"]],
];

describe("nextAlertState", () => {
  test.each(TABLE)("%s", (_name, before, input, rule, state, events) => {
    const next = nextAlertState(before, input, NOW, { ...RULE, ...rule });
    expect([next.memory.state, next.events]).toEqual([state, events]);
  });

  test("the table has every state with every input and policy", () => {
    const seen = new Set(
      TABLE.map(
        ([, before, input, rule]) =>
          `${before.state} ${input} ${input === "nodata" ? (rule.noData ?? RULE.noData) : input === "error" ? (rule.error ?? RULE.error) : ""}`,
      ),
    );
    const states: AlertState[] = ["Normal", "Pending", "Firing", "Recovering", "NoData", "Error"];
    const noData = ["nodata", "normal", "firing", "keep_last"];
    const missing = states.flatMap((state) => [
      ...["breach", "ok"].map((input) => `${state} ${input} `),
      ...noData.map((policy) => `${state} nodata ${policy}`),
    ]);
    expect(missing.filter((cell) => !seen.has(cell))).toEqual([]);
  });

  test("keeps its invariants over 100,000 random histories", () => {
    const step = fc.record({
      input: fc.constantFrom<EvaluationInput>("breach", "ok", "nodata", "error"),
      ms: fc.integer({ min: -100_000, max: 700_000 }),
    });
    const rule = fc.record({
      forMs: fc.constantFrom(0, 60_000),
      keepFiringForMs: fc.constantFrom(0, 120_000),
      repeatIntervalMs: fc.constant(600_000),
      noData: fc.constantFrom<RulePolicy["noData"]>("nodata", "normal", "firing", "keep_last"),
      error: fc.constantFrom<RulePolicy["error"]>("keep_last", "error", "firing"),
    });
    fc.assert(
      fc.property(rule, fc.array(step, { minLength: 1, maxLength: 8 }), (policy, steps) => {
        let instance = newInstance(NOW);
        let now = NOW;
        let isOpen = false;
        for (const { input, ms } of steps) {
          const before = instance;
          now = addMs(now, ms);
          const next = nextAlertState(instance, input, now, policy);
          instance = next.memory;
          expect(next.events.length).toBeLessThanOrEqual(1);
          const [event] = next.events;
          if (event === "resolved") expect([isOpen, input]).toEqual([true, input === "error" ? "never" : input]);
          if (event === "fired") expect(isOpen).toBe(false);
          if (before.state === "Pending" && input === "breach" && now < before.since) expect(event).toBeUndefined();
          if (event === "fired") isOpen = true;
          if (event === "resolved") isOpen = false;
        }
      }),
      { numRuns: 100_000 },
    );
  });
});
