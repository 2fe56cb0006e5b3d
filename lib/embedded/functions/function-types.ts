import type { CallContext, Expr } from "../lowering/expression-types.ts";

/** One KQL scalar function. */
export type ScalarFunction = {
  readonly name: string;
  /** Fewest and most arguments. */
  readonly arity: readonly [min: number, max: number];
  /** The call as SQL of the binder's result type; a string result must never be NULL. */
  readonly lower: (args: readonly Expr[], call: CallContext) => string;
  /** True when the SQL can never be NULL; of a string this is always so. */
  readonly isTotal?: boolean;
  readonly isVolatile?: boolean;
  /** What a reader of docs/kql.md should know: null rules, limits, known differences. */
  readonly note: string;
  /** Name of the test that pins it. */
  readonly test: string;
};

export type AggregateContext = CallContext & {
  /** ` ORDER BY …` of the input's order for aggregates that keep it, or an empty text. */
  readonly orderBy: string;
};

/** One KQL aggregation function with one result column; the SQL is an aggregate expression of the binder's result type. */
export type AggregateFunction = {
  readonly name: string;
  readonly arity: readonly [min: number, max: number];
  readonly lower: (args: readonly Expr[], call: AggregateContext) => string;
  readonly isTotal?: boolean;
  readonly note: string;
  readonly test: string;
};
