import type { Slot } from "#lib/reports/category-slots.ts";
import { categoryColour, isDotted } from "../theme/category-colour.ts";

/** The colour of a name, as a square before it. */
export function Swatch({ slot, isDim = false }: { slot: Slot; isDim?: boolean }) {
  return (
    <svg width="9" height="9" viewBox="0 0 9 9" aria-hidden="true" className="shrink-0" opacity={isDim ? 0.3 : 1}>
      <rect width="9" height="9" rx="2" fill={categoryColour(slot)} />
      {isDotted(slot) ? <circle cx="4.5" cy="4.5" r="1.75" fill="var(--surface)" /> : null}
    </svg>
  );
}
