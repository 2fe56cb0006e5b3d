/** Where a name stands in the order of first appearance; decides its colour for ever. `null` is "Other" and "Unattributed". */
export type Slot = number | null;

const COLOURS = 8;

/** The CSS colour of a slot. */
export function categoryColour(slot: Slot): string {
  return slot === null ? "var(--category-other)" : `var(--category-${(slot % COLOURS) + 1})`;
}

/** Slots beyond the eight colours repeat them with dots, so that two names never look the same. */
export function isDotted(slot: Slot): boolean {
  return slot !== null && Math.floor(slot / COLOURS) % 2 === 1;
}
