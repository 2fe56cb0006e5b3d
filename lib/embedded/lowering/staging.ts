import type { Expr } from "./expression-types.ts";
import { columnExpr, derived, type Relation, withComputed } from "./relation.ts";
import { freshName, type Scope } from "./scope.ts";

/**
 * A scope over rows that may still grow helper columns while an expression is lowered: a window function inside another
 * one's arguments must be a column before SQL lets the outer one read it.
 */
export function stagedRow(scope: Scope, input: Relation): { scope: Scope; relation: () => Relation } {
  let current = input;
  const staged: Scope = {
    ...scope,
    get row() {
      return current;
    },
    stage: (expr: Expr): Expr => {
      const { relation, columns } = withComputed(scope.query, current, [{ name: "step", expr }]);
      current = relation;
      const column = columns[0];
      return column === undefined ? expr : columnExpr(column);
    },
    numberRows: () => {
      current = numbered(scope, current);
      return current.rowNumber ?? "";
    },
  };
  return { scope: staged, relation: () => current };
}

/** Puts a row number beside the rows, counted in their order, and makes it the order. */
export function numbered(scope: Scope, input: Relation): Relation {
  if (input.rowNumber !== undefined) return input;
  const sql = freshName(scope.query, "row");
  const order = input.order.length === 0 ? "" : `ORDER BY ${input.order.map(sortText).join(", ")}`;
  const partition = input.carried.length === 0 ? "" : `PARTITION BY ${input.carried.join(", ")} `;
  const from = derived(scope.query, `SELECT *, row_number() OVER (${partition}${order}) AS ${sql} FROM ${input.from}`);
  return { ...input, from, rowNumber: sql, order: [{ sql, isDescending: false, nullsFirst: true }] };
}

function sortText({ sql, isDescending, nullsFirst }: Relation["order"][number]): string {
  return `${sql} ${isDescending ? "DESC" : "ASC"} NULLS ${nullsFirst ? "FIRST" : "LAST"}`;
}
