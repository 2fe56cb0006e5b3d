import { need, type SyntaxNode } from "../../kql/syntax.ts";
import type { Expr } from "./expression-types.ts";
import { orderBy } from "./relation.ts";
import { freshName, refuse, type Scope } from "./scope.ts";
import { lowerTabular } from "./tabular.ts";

/** `toscalar(…)`: the first column of the first row, computed once for the query. */
export function lowerToScalar(node: SyntaxNode, scope: Scope): Expr {
  const relation = lowerTabular(need(node, "Expression"), { ...scope, row: null });
  const column = relation.columns[0];
  if (column === undefined)
    return refuse(node, "toscalar() of a table without columns has no value", "refused_there_too");
  const name = freshName(scope.query, "scalar");
  scope.query.commonTables.push(
    `${name} AS MATERIALIZED (SELECT ${column.sql} AS v FROM ${relation.from}${orderBy(relation.order)} LIMIT 1)`,
  );
  const value = `(SELECT v FROM ${name})`;
  return {
    sql: column.type === "string" ? `coalesce(${value}, '')` : value,
    type: column.type,
    nullable: column.type !== "string",
  };
}
