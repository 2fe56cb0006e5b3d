import { need, part, parts, type SyntaxNode } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
import { lowerExpression } from "../expression.ts";
import type { Expr } from "../expression-types.ts";
import { type Column, type Relation, withComputed } from "../relation.ts";
import { refuse, resultColumns, type Scope } from "../scope.ts";
import type { TabularOperator } from "./operator-types.ts";

/** Operators that choose, compute and rename columns; only computed ones cost SQL. */
export const columnOperators: readonly TabularOperator[] = [
  {
    name: "extend",
    kind: "ExtendOperator",
    isSource: false,
    lower: lowerExtend,
    note: "A column of the same name is replaced in its place.",
    test: "extend",
  },
  {
    name: "project",
    kind: "ProjectOperator",
    isSource: false,
    lower: lowerProject,
    note: "",
    test: "project",
  },
];

function lowerExtend(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const computed = namedValues(node, { ...scope, row: input });
  const added = withComputed(scope.query, input, computed);
  const byName = new Map([...input.columns, ...added.columns].map((column) => [column.name, column]));
  return { ...added.relation, columns: inSchemaOrder(node, byName) };
}

function lowerProject(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const computed = namedValues(node, { ...scope, row: input });
  const added = withComputed(scope.query, input, computed);
  return { ...added.relation, columns: added.columns };
}

/** The expressions of `extend`, `project` … with the names that KQL gives them. */
export function namedValues(node: SyntaxNode, scope: Scope): { name: string; expr: Expr }[] {
  const schema = resultColumns(node);
  const isProject = kindOf(node) !== "ExtendOperator" && kindOf(node) !== "SerializeOperator";
  return parts(node, "Expressions").map((expression, index) => {
    const name = nameOf(expression) ?? (isProject ? schema[index]?.name : undefined);
    return {
      name: name ?? refuse(expression, "This column needs a name", "unknown"),
      expr: lowerExpression(expression, scope),
    };
  });
}

function nameOf(expression: SyntaxNode): string | undefined {
  if (kindOf(expression) !== "SimpleNamedExpression") return undefined;
  return need(expression, "Name").SimpleName ?? part(expression, "Name")?.SimpleName;
}

function inSchemaOrder(node: SyntaxNode, byName: ReadonlyMap<string, Column>): Column[] {
  return resultColumns(node).map(
    ({ name }) => byName.get(name) ?? refuse(node, `The column '${name}' is lost`, "unknown"),
  );
}
