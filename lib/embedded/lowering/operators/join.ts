import { need, part, parts, type SyntaxNode, textOf } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
import { alike } from "../binary-operators.ts";
import { lowerExpression } from "../expression.ts";
import type { Expr } from "../expression-types.ts";
import { type Column, columnExpr, derived, type Relation } from "../relation.ts";
import { freshName, refuse, resultColumns, type Scope } from "../scope.ts";
import { lowerTabular } from "../tabular.ts";
import type { TabularOperator } from "./operator-types.ts";
import { namedParameter } from "./parameters.ts";

/** Operators that put two row sets side by side. */
export const joinOperators: readonly TabularOperator[] = [
  {
    name: "join",
    kind: "JoinOperator",
    isSource: false,
    lower: lowerJoin,
    note: "All kinds; without one it is innerunique: the left side is reduced to one row per key first.",
    test: "trap 3: join",
  },
  {
    name: "lookup",
    kind: "LookupOperator",
    isSource: false,
    lower: lowerLookup,
    note: "leftouter and inner.",
    test: "lookup",
  },
];

type Keys = { readonly left: Expr; readonly right: Expr; readonly name: string | null };

const KINDS: Readonly<Record<string, string>> = {
  innerunique: "JOIN",
  inner: "JOIN",
  leftouter: "LEFT JOIN",
  rightouter: "RIGHT JOIN",
  fullouter: "FULL JOIN",
};
const ONE_SIDED: Readonly<Record<string, { keeps: "left" | "right"; test: string }>> = {
  leftsemi: { keeps: "left", test: "EXISTS" },
  rightsemi: { keeps: "right", test: "EXISTS" },
  leftanti: { keeps: "left", test: "NOT EXISTS" },
  leftantisemi: { keeps: "left", test: "NOT EXISTS" },
  anti: { keeps: "left", test: "NOT EXISTS" },
  rightanti: { keeps: "right", test: "NOT EXISTS" },
  rightantisemi: { keeps: "right", test: "NOT EXISTS" },
};

function lowerJoin(node: SyntaxNode, scope: Scope, left: Relation): Relation {
  const kind = namedParameter(node, "kind") ?? "innerunique";
  const right = lowerTabular(need(node, "Expression"), { ...scope, row: null });
  const keys = joinKeys(part(node, "ConditionClause"), scope, left, right);
  const oneSided = ONE_SIDED[kind];
  if (oneSided !== undefined) return semiJoin(oneSided, keys, scope, left, right);
  const words = KINDS[kind];
  if (words === undefined)
    return refuse(node, `A join of kind '${kind}' is not supported by the embedded engine`, "unknown");
  const leftRows = kind === "innerunique" ? uniqueByKeys(scope, left, keys) : left;
  return sideBySide(node, scope, words, leftRows, right, keys, (columns) => columns);
}

function lowerLookup(node: SyntaxNode, scope: Scope, left: Relation): Relation {
  const kind = namedParameter(node, "kind") ?? "leftouter";
  const right = lowerTabular(need(node, "Expression"), { ...scope, row: null });
  const keys = joinKeys(part(node, "LookupClause"), scope, left, right);
  const words =
    kind === "inner"
      ? "JOIN"
      : kind === "leftouter"
        ? "LEFT JOIN"
        : refuse(node, `A lookup of kind '${kind}' is not supported`, "refused_there_too");
  const keySql = new Set(keys.map((key) => key.right.sql));
  return sideBySide(node, scope, words, left, right, keys, (columns) => columns.filter(({ sql }) => !keySql.has(sql)));
}

function sideBySide(
  node: SyntaxNode,
  scope: Scope,
  words: string,
  left: Relation,
  right: Relation,
  keys: readonly Keys[],
  keptRight: (columns: readonly Column[]) => readonly Column[],
): Relation {
  const schema = resultColumns(node);
  const fillLeft = words === "RIGHT JOIN" || words === "FULL JOIN";
  const fillRight = words === "LEFT JOIN" || words === "FULL JOIN";
  const filled: string[] = [];
  const fill = (column: Column, isFilled: boolean): Column => {
    if (!isFilled) return column;
    if (column.type !== "string") return { ...column, nullable: true };
    const sql = freshName(scope.query, column.name);
    filled.push(`coalesce(${column.sql}, '') AS ${sql}`);
    return { ...column, sql };
  };
  // A side that meets itself (let T = …; T | join T) has the same SQL names on both sides unless it was lowered anew.
  const columns = [
    ...left.columns.map((column) => fill(column, fillLeft)),
    ...keptRight(right.columns).map((column) => fill(column, fillRight)),
  ].map((column, index) => ({ ...column, name: schema[index]?.name ?? column.name }));
  if (columns.length !== schema.length)
    refuse(node, "The columns of this join are not what the binder says", "unknown");
  const from = `${left.from} ${words} ${right.from} ON ${onText(keys)}`;
  const select = `SELECT *${filled.length === 0 ? "" : `, ${filled.join(", ")}`} FROM ${from}`;
  return { from: derived(scope.query, select), columns, order: [], isSerialized: false, carried: left.carried };
}

function semiJoin(
  { keeps, test }: { keeps: "left" | "right"; test: string },
  keys: readonly Keys[],
  scope: Scope,
  left: Relation,
  right: Relation,
): Relation {
  const [kept, other] = keeps === "left" ? [left, right] : [right, left];
  const select = `SELECT * FROM ${kept.from} WHERE ${test} (SELECT 1 FROM ${other.from} WHERE ${onText(keys)})`;
  return { ...kept, from: derived(scope.query, select), order: [], isSerialized: false, rowNumber: undefined };
}

/** innerunique: one row of the left side for each key. */
function uniqueByKeys(scope: Scope, left: Relation, keys: readonly Keys[]): Relation {
  const keySql = [...left.carried, ...keys.map((key) => key.left.sql)];
  const names = [...new Set([...left.columns.map(({ sql }) => sql), ...left.carried])];
  return {
    ...left,
    from: derived(scope.query, `SELECT DISTINCT ON (${keySql.join(", ")}) ${names.join(", ")} FROM ${left.from}`),
    columns: left.columns.map((column) => ({ ...column, jsonPath: undefined, shred: undefined })),
    order: [],
    received: undefined,
  };
}

function onText(keys: readonly Keys[]): string {
  return keys.length === 0 ? "true" : keys.map(({ left, right }) => `${left.sql} = ${right.sql}`).join(" AND ");
}

function joinKeys(clause: SyntaxNode | null, scope: Scope, left: Relation, right: Relation): Keys[] {
  if (clause === null) return [];
  if (kindOf(clause) !== "JoinOnClause")
    return refuse(clause, "A join with 'where' is not supported by the embedded engine", "unknown");
  return parts(clause, "Expressions").flatMap((expression) => keysOf(expression, scope, left, right));
}

function keysOf(node: SyntaxNode, scope: Scope, left: Relation, right: Relation): Keys[] {
  const kind = kindOf(node);
  if (kind === "ParenthesizedExpression") return keysOf(need(node, "Expression"), scope, left, right);
  if (kind === "AndExpression") {
    return [...keysOf(need(node, "Left"), scope, left, right), ...keysOf(need(node, "Right"), scope, left, right)];
  }
  if (kind === "NameReference") {
    const name = node.SimpleName ?? textOf(node);
    const [a, b] = [left, right].map((side) => side.columns.find((column) => column.name === name));
    if (a === undefined || b === undefined)
      return refuse(node, `The column '${name}' is not on both sides`, "refused_there_too");
    const [l, r] = alike(columnExpr(a), columnExpr(b));
    return [{ left: l, right: r, name }];
  }
  if (kind !== "EqualExpression") return refuse(node, "Only equality conditions may join", "refused_there_too");
  const sides = { left, right };
  const operands = [need(node, "Left"), need(node, "Right")];
  const isTurned = textOf(operands[0] ?? node).startsWith("$right");
  const [a, b] = operands.map((operand) => lowerExpression(operand, { ...scope, row: null, sides }));
  if (a === undefined || b === undefined) return refuse(node, "This join condition is empty", "unknown");
  const [l, r] = isTurned ? alike(b, a) : alike(a, b);
  return [{ left: l, right: r, name: null }];
}
