import type { StandingState } from "../ledger/source-standing.ts";
import type { State } from "./table-model.ts";

/** How a source stands, as a shape and a word. */
export const STANDING_WORDS: Readonly<Record<StandingState, { readonly state: State; readonly word: string }>> = {
  current: { state: "ok", word: "ok" },
  quiet: { state: "ok", word: "quiet" },
  late: { state: "late", word: "late" },
  stopped: { state: "firing", word: "stopped" },
  failed: { state: "firing", word: "failed" },
  not_connected: { state: "no data", word: "not connected" },
};
