import type { SyntaxNode } from "../../../kql/syntax.ts";
import type { Relation } from "../relation.ts";
import type { Scope } from "../scope.ts";

/** One tabular operator as docs/kql.md lists it. */
export type TabularOperator = {
  /** As a person writes it. */
  readonly name: string;
  /** The grammar's kind, or `name()` for a function that gives rows. */
  readonly kind: string;
  readonly note: string;
  readonly test: string;
} & (
  | { readonly isSource: true; readonly lower: (node: SyntaxNode, scope: Scope) => Relation }
  | { readonly isSource: false; readonly lower: (node: SyntaxNode, scope: Scope, input: Relation) => Relation }
  /** May begin a query or follow a pipe. */
  | {
      readonly isSource: "either";
      readonly lower: (node: SyntaxNode, scope: Scope, input: Relation | null) => Relation;
    }
);
