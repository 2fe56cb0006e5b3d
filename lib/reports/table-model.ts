import type { Slot } from "./category-slots.ts";

/** How something is; drawn with a shape and a word, never by colour alone. */
export type State = "ok" | "watch" | "firing" | "no data" | "late";

export type Column = {
  readonly id: string;
  readonly title: string;
  /** Written under the title once, so that cells need not repeat it. */
  readonly unit?: string;
  /** A word above neighbouring titles that belong together. */
  readonly group?: string;
  readonly align?: "left" | "right";
  /** Sentences: they may break into lines. */
  readonly isProse?: boolean;
  /** Shown on a phone's card besides the first column; two are enough. */
  readonly isMain?: boolean;
  /** Not shown until somebody switches it on. */
  readonly isHidden?: boolean;
};

/** A cell, ready to show. `sort` orders the column; `exact` is the integer behind the text. */
export type Cell = {
  readonly text: string;
  readonly sort?: number | string;
  readonly exact?: string;
  readonly title?: string;
  readonly href?: string;
  readonly receipt?: string;
  readonly note?: string;
  readonly slot?: Slot;
  /** Between 0 and 1. */
  readonly share?: number;
  readonly spark?: readonly (number | null)[];
  readonly state?: State;
};

export type Row = { readonly id: string; readonly cells: Readonly<Record<string, Cell>> };
