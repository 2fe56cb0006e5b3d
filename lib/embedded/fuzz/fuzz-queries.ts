import type { QueryEngine } from "../query-engine.ts";
import { mutantOf } from "./mutate-kql.ts";

/** A mutant that ended neither in a result nor in a well-formed refusal, or took too long. */
export type FuzzFault = { readonly number: number; readonly query: string; readonly what: string };

export type FuzzReport = {
  readonly asked: number;
  readonly results: number;
  readonly refusals: number;
  readonly timeouts: number;
  readonly slowestMs: number;
  readonly faults: readonly FuzzFault[];
};

/** Longest time a mutant may take, its time-out included. */
const PATIENCE_MS = 10_000;

/**
 * Asks the engine the mutants `from` to `from + count - 1` and reports how they ended. Deterministic but for time, so a
 * run can be resumed at any number. `onProgress` is told after every hundred.
 */
export async function fuzzQueries(options: {
  readonly engine: QueryEngine;
  readonly from: number;
  readonly count: number;
  readonly pool?: readonly string[];
  readonly onProgress?: (report: FuzzReport) => void;
}): Promise<FuzzReport> {
  const faults: FuzzFault[] = [];
  const tally = { asked: 0, results: 0, refusals: 0, timeouts: 0, slowestMs: 0 };
  for (let number = options.from; number < options.from + options.count; number += 1) {
    const query = mutantOf(number, options.pool);
    const started = performance.now();
    const { status, body } = await options.engine.query({ text: query, timeoutMs: 5_000 });
    const elapsed = performance.now() - started;
    tally.asked += 1;
    tally.slowestMs = Math.max(tally.slowestMs, Math.round(elapsed));
    const what = elapsed > PATIENCE_MS ? `took ${Math.round(elapsed)} ms` : malformed(status, body);
    if (what !== null) faults.push({ number, query, what });
    else if (status === 200) tally.results += 1;
    else if (status === 504) tally.timeouts += 1;
    else tally.refusals += 1;
    if (tally.asked % 100 === 0) options.onProgress?.({ ...tally, faults });
  }
  return { ...tally, faults };
}

function malformed(status: number, body: string): string | null {
  if (![200, 400, 504].includes(status)) return `status ${status}: ${body.slice(0, 200)}`;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return "the body is not JSON";
  }
  const key = status === 200 ? "tables" : "error";
  return typeof parsed === "object" && parsed !== null && key in parsed ? null : `the body has no ${key}`;
}
