import type { Amount } from "./amount.ts";

/** A receipt as the drawer draws it: every text ready, every amount also exact. */
export type ReceiptView = {
  readonly title: string;
  readonly period: string;
  readonly filters: readonly string[];
  readonly cost: Amount;
  /** The cost with every unknown part at its dearest, when it differs. */
  readonly costUpper: Amount | null;
  readonly listCost: Amount;
  readonly unpricedTokens: Amount | null;
  readonly lines: readonly ReceiptLineView[];
  readonly rowsCounted: Amount;
  readonly duplicatesDropped: Amount;
  readonly bySource: readonly { readonly source: string; readonly confidence: string; readonly tokens: Amount }[];
  readonly byRule: readonly { readonly rule: string; readonly tokens: Amount }[];
  readonly questions: readonly { readonly name: string; readonly kql: string; readonly href: string }[];
  readonly dataTo: string;
  readonly isComplete: boolean;
  readonly hash: string;
};

export type ReceiptLineView = {
  readonly what: string;
  readonly detail: string;
  readonly quantity: Amount;
  readonly unit: string;
  /** "–" where there is no price per unit. */
  readonly unitPrice: string;
  readonly cost: Amount | null;
  readonly pricing: "priced" | "range" | "unpriced" | "included";
  readonly note: string;
  readonly price: string;
};
