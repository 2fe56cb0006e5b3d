import type { State } from "#lib/reports/table-model.ts";
import { StateWord } from "../ui/state-word.tsx";

const WORDS = { ok: ["ok", "ok"], warning: ["watch", "watch"], over: ["firing", "over"] } as const satisfies Record<
  string,
  readonly [State, string]
>;

export function BudgetState({ state }: { state: keyof typeof WORDS }) {
  const [shape, word] = WORDS[state];
  return <StateWord state={shape}>{word}</StateWord>;
}
