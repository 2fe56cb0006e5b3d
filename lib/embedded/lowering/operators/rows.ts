import { need, type SyntaxNode } from "../../../kql/syntax.ts";
import { condition } from "../binary-operators.ts";
import { derived, type Relation } from "../relation.ts";
import type { Scope } from "../scope.ts";
import type { TabularOperator } from "./operator-types.ts";

/** Operators that choose and order rows. */
export const rowOperators: readonly TabularOperator[] = [
  {
    name: "where",
    kind: "FilterOperator",
    isSource: false,
    lower: lowerWhere,
    note: "A null condition drops the row.",
    test: "where",
  },
];

function lowerWhere(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const test = condition(need(node, "Condition"), { ...scope, row: input }, true);
  return { ...input, from: derived(scope.query, `SELECT * FROM ${input.from} WHERE ${test.sql}`) };
}
