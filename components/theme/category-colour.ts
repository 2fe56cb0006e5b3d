import type { Slot } from "#lib/reports/category-slots.ts";

const COLOURS = 8;

/** The CSS colour of a slot. */
export function categoryColour(slot: Slot): string {
  return typeof slot === "number" ? `var(--category-${(slot % COLOURS) + 1})` : "var(--category-other)";
}

/** Slots beyond the eight colours repeat them with dots, so that two names never look the same; nobody's is dotted grey. */
export function isDotted(slot: Slot): boolean {
  return slot === "nobody" || (typeof slot === "number" && Math.floor(slot / COLOURS) % 2 === 1);
}
