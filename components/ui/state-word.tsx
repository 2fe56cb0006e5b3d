import type { State } from "#lib/reports/table-model.ts";
import { cn } from "./class-names.ts";

const SHAPES: Readonly<Record<State, string>> = { ok: "○", watch: "△", firing: "●", "no data": "◌", late: "◷" };
const TONES: Readonly<Record<State, string>> = {
  ok: "text-ok",
  watch: "text-watch",
  firing: "text-firing",
  "no data": "text-faint",
  late: "text-watch",
};

/** The shape of a state with its word, or with another word that says more. */
export function StateWord({
  state,
  children,
  className,
}: {
  state: State;
  children?: React.ReactNode;
  className?: string;
}) {
  return (
    <span
      className={cn("inline-flex items-baseline gap-1.5 whitespace-nowrap", TONES[state], className)}
      data-state={state}
    >
      <span aria-hidden="true">{SHAPES[state]}</span>
      <span>{children ?? state}</span>
    </span>
  );
}
