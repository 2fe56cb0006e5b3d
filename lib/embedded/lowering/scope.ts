import { columnsOfSymbol, type SyntaxNode, startOf, textOf } from "../../kql/syntax.ts";
import type { KqlType, TableSchema } from "../../kql/tables/table-schema.ts";
import { type ElsewhereStatus, Refusal } from "../refusal.ts";
import type { Expr } from "./expression-types.ts";
import type { Relation } from "./relation.ts";

/** What a name of a `let` statement or a parameter stands for. */
export type Binding =
  | { readonly kind: "scalar"; readonly expr: Expr }
  | { readonly kind: "relation"; readonly lower: () => Relation }
  | { readonly kind: "function"; readonly declaration: SyntaxNode; readonly environment: Environment };

/** Lexical scope of `let` names and parameters. */
export type Environment = { readonly names: Map<string, Binding>; readonly outer: Environment | null };

/** What is true for the whole query. Grows while lowering: generated names and common table expressions. */
export type QueryContext = {
  readonly text: string;
  readonly tables: ReadonlyMap<string, TableSchema>;
  /** SQL of the query's one `now`, and of the bounds of the request's time span; texts that are replaced at run time. */
  readonly now: string;
  readonly timespan: { readonly from: string; readonly to: string } | null;
  /** Definitions that stand before the final SELECT. */
  readonly commonTables: string[];
  /** Values of `set` statements. */
  readonly options: Map<string, Expr>;
  /** Parts of select lists; each stands as a mark in the SQL until it is known which of its columns the rest reads. */
  readonly selections: Selection[];
  render: Record<string, unknown> | null;
  nextName: number;
  /** Operators and expressions lowered so far; functions are inlined, so a small text can become a large query. */
  work: number;
};

/** A column of a select list; SQL that depends on what the rest of the query reads is asked for with that text. */
export type SelectedItem = { readonly sql: string | ((readBy: string) => string); readonly name: string };

/** Columns that one SELECT offers, with what stands before the first and what stands there when none is read. */
export type Selection = {
  readonly mark: string;
  readonly items: readonly SelectedItem[];
  readonly lead: string;
  readonly none: string;
};

/** Where an expression stands: the row it reads and the names it sees. */
export type Scope = {
  readonly query: QueryContext;
  readonly environment: Environment;
  /** The row's columns; null where there is no row. */
  readonly row: Relation | null;
  /** The two sides of a join's condition. */
  readonly sides?: { readonly left: Relation; readonly right: Relation };
  /** True where aggregate functions may stand. */
  readonly isAggregate?: boolean;
  /** Makes a value a column of the row, so that a window function may read it; absent where rows cannot grow. */
  readonly stage?: (expr: Expr) => Expr;
  /** Numbers the rows in their order and gives the number's SQL name. */
  readonly numberRows?: () => string;
  /** The rows that an operator without a source works on: inside mv-apply and partition. */
  readonly implicitInput?: Relation;
};

const MAX_WORK = 40_000;

/** Counts one lowered node; ends a query whose functions unfold into something enormous. */
export function countWork(scope: Scope, node: SyntaxNode): void {
  scope.query.work += 1;
  if (scope.query.work > MAX_WORK) {
    refuse(node, "The query is too large once its functions and let statements are unfolded", "unknown");
  }
}

/** A fresh SQL name that keeps the KQL name readable: `"Model$12"`. */
export function freshName(query: QueryContext, base: string): string {
  query.nextName += 1;
  return `"${base.replace(/[^A-Za-z0-9_]/g, "_").slice(0, 40)}$${query.nextName}"`;
}

export function environmentInside(outer: Environment): Environment {
  return { names: new Map(), outer };
}

export function lookUp(environment: Environment, name: string): Binding | null {
  for (let at: Environment | null = environment; at !== null; at = at.outer) {
    const binding = at.names.get(name);
    if (binding !== undefined) return binding;
  }
  return null;
}

/** Ends the lowering: `message` names what is not supported, the position is the node's. */
export function refuse(node: SyntaxNode, message: string, elsewhere: ElsewhereStatus): never {
  throw new Refusal(message, {
    offset: startOf(node),
    length: Math.max(1, node.End - node.TextStart),
    elsewhere,
  });
}

/** The result columns the binder gave a tabular node. */
export function resultColumns(node: SyntaxNode): { name: string; type: KqlType }[] {
  if (node.ResultType?.Columns === undefined) {
    refuse(node, `The result of '${textOf(node).slice(0, 40)}' has no known columns`, "unknown");
  }
  return columnsOfSymbol(node.ResultType);
}
