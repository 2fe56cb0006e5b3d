import { need, part, parts, type SyntaxNode, textOf } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
import { lowerExpression } from "../expression.ts";
import type { Expr } from "../expression-types.ts";
import { type Column, type Relation, withComputed } from "../relation.ts";
import { refuse, resultColumns, type Scope } from "../scope.ts";
import { stagedRow } from "../staging.ts";
import { lowerTupleCall } from "../tuple-calls.ts";
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
  { name: "project", kind: "ProjectOperator", isSource: false, lower: lowerProject, note: "", test: "project" },
  {
    name: "project-away",
    kind: "ProjectAwayOperator",
    isSource: false,
    lower: chosenColumns,
    note: "Wildcards included.",
    test: "project-away",
  },
  {
    name: "project-keep",
    kind: "ProjectKeepOperator",
    isSource: false,
    lower: chosenColumns,
    note: "Wildcards included.",
    test: "project-keep",
  },
  {
    name: "project-reorder",
    kind: "ProjectReorderOperator",
    isSource: false,
    lower: chosenColumns,
    note: "Wildcards with asc, desc, granny-asc and granny-desc.",
    test: "project-reorder",
  },
  {
    name: "project-rename",
    kind: "ProjectRenameOperator",
    isSource: false,
    lower: lowerRename,
    note: "",
    test: "project-rename",
  },
  {
    name: "serialize",
    kind: "SerializeOperator",
    isSource: false,
    lower: (node, scope, input) => lowerExtend(node, scope, { ...input, isSerialized: true }),
    note: "Freezes the order for prev, next and row_number.",
    test: "serialize",
  },
];

function lowerExtend(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const { values, relation } = namedValues(node, scope, input);
  const added = withComputed(scope.query, relation, values);
  const byName = new Map([...input.columns, ...added.columns].map((column) => [column.name, column]));
  const columns = resultColumns(node).map(
    ({ name }) => byName.get(name) ?? refuse(node, `The column '${name}' is lost`, "unknown"),
  );
  return { ...added.relation, columns };
}

function lowerProject(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const schema = resultColumns(node);
  const { values, relation } = namedValues(node, scope, input);
  const added = withComputed(scope.query, relation, values);
  const columns = added.columns.map((column, index) => ({ ...column, name: schema[index]?.name ?? column.name }));
  return { ...added.relation, columns };
}

/**
 * The expressions of `extend`, `project` … with the names that KQL gives them. A window function among them adds helper
 * columns, so the relation is handed back too.
 */
function namedValues(
  node: SyntaxNode,
  scope: Scope,
  input: Relation,
): { values: { name: string; expr: Expr }[]; relation: Relation } {
  const schema = resultColumns(node);
  const isProject = kindOf(node) === "ProjectOperator";
  const row = stagedRow(scope, input);
  const taken = new Set(input.columns.map(({ name }) => name));
  const fresh = schema.filter(({ name }) => !taken.has(name)).map(({ name }) => name);
  let place = 0;
  const values = parts(node, "Expressions").flatMap((expression): { name: string; expr: Expr }[] => {
    const index = place;
    const several = lowerTupleCall(expression, row.scope);
    place += several?.length ?? 1;
    if (several !== null) {
      for (const { name } of several) fresh.splice(0, fresh.length, ...fresh.filter((other) => other !== name));
      return several;
    }
    const own = nameOf(expression);
    const name = isProject ? schema[index]?.name : (own ?? plainColumn(expression) ?? fresh.shift());
    if (own !== undefined && !isProject) fresh.splice(0, fresh.length, ...fresh.filter((other) => other !== own));
    if (kindOf(expression) === "CompoundNamedExpression")
      refuse(expression, "Several names for one value are not supported here", "runs");
    return [
      {
        name: name ?? refuse(expression, "This column needs a name", "unknown"),
        expr: lowerExpression(expression, row.scope),
      },
    ];
  });
  return { values, relation: row.relation() };
}

function nameOf(expression: SyntaxNode): string | undefined {
  return kindOf(expression) === "SimpleNamedExpression" ? need(expression, "Name").SimpleName : undefined;
}

function plainColumn(expression: SyntaxNode): string | undefined {
  return kindOf(expression) === "NameReference" ? expression.SimpleName : undefined;
}

/** The binder has already expanded wildcards and ordered what is left. */
function chosenColumns(node: SyntaxNode, _scope: Scope, input: Relation): Relation {
  const columns = resultColumns(node).map(
    ({ name }): Column =>
      input.columns.find((column) => column.name === name) ?? refuse(node, `The column '${name}' is lost`, "unknown"),
  );
  return { ...input, columns };
}

function lowerRename(node: SyntaxNode, _scope: Scope, input: Relation): Relation {
  const names = new Map<string, string>();
  for (const expression of parts(node, "Expressions")) {
    const renamed = part(expression, "Expression");
    const name = nameOf(expression);
    if (renamed !== null && name !== undefined) names.set(renamed.SimpleName ?? textOf(renamed), name);
  }
  const schema = resultColumns(node);
  const columns = input.columns.map((column) => ({ ...column, name: names.get(column.name) ?? column.name }));
  if (columns.some(({ name }, index) => schema[index]?.name !== name))
    refuse(node, "This renaming is not supported by the embedded engine", "unknown");
  return { ...input, columns };
}
