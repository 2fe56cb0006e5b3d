import type { CostMark } from "../format/format-money.ts";
import type { Amount } from "./amount.ts";

/** A receipt as the drawer draws it: every text ready, every amount also exact. */
export type ReceiptView = CostReceiptView | MeasureReceiptView;

type Common = {
  readonly title: string;
  readonly period: string;
  readonly filters: readonly string[];
  readonly questions: readonly ReceiptQuestion[];
  readonly dataTo: string;
  readonly isComplete: boolean;
  readonly hash: string;
};

/** A question that was asked; `href` opens it in Query, and is null for a question to the metrics API. */
export type ReceiptQuestion = { readonly name: string; readonly text: string; readonly href: string | null };

/** What a cost is made of. */
export type CostReceiptView = Common & {
  readonly kind: "cost";
  readonly cost: Amount;
  readonly mark: CostMark | undefined;
  /** The cost with every unknown part at its dearest, when it differs. */
  readonly costUpper: Amount | null;
  /** The sum with every part that stands at its dearest at its cheapest, when it differs; in the currency of the charges. */
  readonly sumLower: Amount | null;
  /** The lines added up, in the currency of the charges; equal to `cost` without a conversion. */
  readonly sum: Amount;
  /** How the sum became the cost, where that is stated in another currency. */
  readonly conversion: readonly ConversionRow[] | null;
  readonly listCost: Amount;
  readonly unpricedTokens: Amount | null;
  readonly lines: readonly ReceiptLineView[];
  /** Where the figure was read, when some of it comes from the summary rule. */
  readonly origins: readonly string[];
  readonly rowsCounted: Amount;
  readonly duplicatesDropped: Amount;
  readonly bySource: readonly { readonly source: string; readonly confidence: string; readonly tokens: Amount }[];
  readonly byRule: readonly { readonly rule: string; readonly tokens: Amount }[];
};

/** What was charged while one exchange rate held. */
export type ConversionRow = { readonly rate: string; readonly charged: Amount; readonly stated: Amount };

/** What a count or a latency is made of. */
export type MeasureReceiptView = Common & {
  readonly kind: "measure";
  readonly value: { readonly shown: string; readonly exact: string };
  /** How it is counted, in a sentence or two. */
  readonly how: string;
  readonly partsTitle: string;
  readonly parts: readonly { readonly what: string; readonly shown: string; readonly exact: string }[];
  readonly facts: readonly { readonly name: string; readonly value: string }[];
};

export type ReceiptLineView = {
  readonly what: string;
  readonly detail: string;
  readonly quantity: Amount;
  readonly unit: string;
  /** "–" where there is no price per unit. */
  readonly unitPrice: string;
  readonly cost: Amount | null;
  /** The cost at the cheap end of a range, where the line stands at the dear one. */
  readonly costLower: Amount | null;
  readonly pricing: "priced" | "range" | "unpriced" | "included";
  readonly note: string;
  readonly price: string;
};
