import { need, part, type SyntaxNode, startOf, textOf, typeOfSymbol } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
import type { KqlType } from "../../../kql/tables/table-schema.ts";
import { AGGREGATE_FUNCTIONS } from "../../functions/registry.ts";
import { lowerAggregateCall } from "../aggregate-call.ts";
import { as } from "../binary-operators.ts";
import { callArguments, callName } from "../call.ts";
import { asDynamic, asText, coerce } from "../coerce.ts";
import { member } from "../dynamic-access.ts";
import { lowerExpression } from "../expression.ts";
import type { LiteralValue } from "../expression-types.ts";
import { type Column, columnExpr, derived, type Relation } from "../relation.ts";
import { SchemaNeeded } from "../schema-needed.ts";
import { freshName, refuse, resultColumns, type Scope } from "../scope.ts";
import { withSelections } from "../selections.ts";
import { sqlNull, sqlString } from "../sql-text.ts";
import type { TabularOperator } from "./operator-types.ts";

export const evaluateOperators: readonly TabularOperator[] = [
  {
    name: "evaluate bag_unpack, evaluate pivot",
    kind: "EvaluateOperator",
    isSource: false,
    lower: lowerEvaluate,
    note: "Without a declared schema the data is asked for its columns first; they come in alphabetical order.",
    test: "evaluate",
  },
];

function lowerEvaluate(node: SyntaxNode, scope: Scope, input: Relation): Relation {
  const call = need(node, "FunctionCall");
  const name = callName(call);
  const hasSchema = part(node, "Schema") !== null;
  if (name === "bag_unpack") return hasSchema ? unpacked(node, call, scope, input) : askBagSchema(call, scope, input);
  if (name === "pivot") return hasSchema ? pivoted(node, call, scope, input) : askPivotSchema(call, scope, input);
  const elsewhere =
    /^(python|r|sql_request|cosmosdb_sql_request|http_request\w*|azure_digital_twins\w*|infer_storage_schema|mysql_request|postgresql_request|ai_\w+)$/.test(
      name,
    )
      ? "refused_there_too"
      : "runs";
  return refuse(call, `The plugin '${name}' is not supported by the embedded engine`, elsewhere);
}

/** What happens where a bag brings a column that the rows have already. */
type Conflict = "error" | "replace_source" | "keep_source";
type BagCall = {
  readonly bag: Column;
  readonly prefix: string;
  readonly conflict: Conflict;
  readonly ignored: readonly string[];
};

const BAG_PARAMETERS = ["column", "OutputColumnPrefix", "columnsConflict", "ignoredProperties"];

function bagCall(call: SyntaxNode, scope: Scope, input: Relation): BagCall {
  const given = namedArguments(call);
  const bagNode = given.get("column");
  const bagName = bagNode?.SimpleName ?? (bagNode === undefined ? "" : textOf(bagNode));
  const bag = input.columns.find(({ name }) => name === bagName);
  if (bag === undefined || bagNode === undefined)
    return refuse(call, "'bag_unpack' takes a column of bags", "refused_there_too");
  const literal = (name: string) => {
    const node = given.get(name);
    return node === undefined ? undefined : lowerExpression(node, scope).literal;
  };
  const [prefix, ignored] = [literal("OutputColumnPrefix"), literal("ignoredProperties")];
  return {
    bag,
    prefix: prefix?.kind === "string" ? prefix.value : "",
    conflict: conflictOf(literal("columnsConflict"), call),
    ignored: ignored?.kind === "dynamic" ? textsOf(ignored.json) : [],
  };
}

/** Arguments by their names, given or by their place. */
function namedArguments(call: SyntaxNode): ReadonlyMap<string, SyntaxNode> {
  const found = new Map<string, SyntaxNode>();
  for (const [index, node] of callArguments(call).entries()) {
    const isNamed = kindOf(node) === "SimpleNamedExpression";
    const name = isNamed ? need(node, "Name").SimpleName : BAG_PARAMETERS[index];
    if (name === undefined || !BAG_PARAMETERS.includes(name))
      return refuse(node, "'bag_unpack' has no such argument", "refused_there_too");
    found.set(name, isNamed ? need(node, "Expression") : node);
  }
  return found;
}

function conflictOf(literal: LiteralValue | undefined, call: SyntaxNode): Conflict {
  const word = literal === undefined ? "error" : literal.kind === "string" ? literal.value : "";
  return word === "error" || word === "replace_source" || word === "keep_source"
    ? word
    : refuse(call, "'columnsConflict' is error, replace_source or keep_source", "refused_there_too");
}

function textsOf(json: string): string[] {
  const parsed: unknown = JSON.parse(json);
  return Array.isArray(parsed) ? parsed.map(String) : [];
}

/** Stops the lowering with the question which keys the bags have and of what types. */
function askBagSchema(call: SyntaxNode, scope: Scope, input: Relation): never {
  const { bag, prefix, conflict, ignored } = bagCall(call, scope, input);
  const others = input.columns.filter(({ name }) => name !== bag.name);
  const bags = `(SELECT ${asDynamic(columnExpr(bag))} AS bag FROM ${input.from})`;
  const entries = `(SELECT unnest(json_keys(bag)) AS key, unnest(list_transform(json_keys(bag), lambda k: json_type(bag, '$."' || replace(k, '"', '\\"') || '"'))) AS type FROM ${bags} WHERE json_type(bag) = 'OBJECT')`;
  throw new SchemaNeeded({
    sql: withCommonTables(scope, `SELECT key, list(DISTINCT type) FROM ${entries} GROUP BY key ORDER BY key`),
    insertAt: startOf(call) + (call.End - call.TextStart),
    schemaOf: (rows) => {
      const columns = rows
        .filter(([key]) => !ignored.includes(String(key)))
        .map(([key, types]) => ({ name: prefix + String(key), type: unpackedType(types) }));
      const made = new Set(columns.map(({ name }) => name));
      const clash = others.find(({ name }) => made.has(name));
      if (clash !== undefined && conflict === "error")
        refuse(call, `bag_unpack gives a column '${clash.name}' that is there already`, "refused_there_too");
      const kept = others.filter(({ name }) => !made.has(name));
      const typed = columns.map((column) =>
        conflict === "keep_source" ? (others.find(({ name }) => name === column.name) ?? column) : column,
      );
      const declared = [...kept, ...typed].map(({ name, type }) => `[${JSON.stringify(name)}]:${type}`);
      return ` : (${declared.join(", ")})`;
    },
  });
}

function unpackedType(types: unknown): KqlType {
  const kinds = new Set(
    (Array.isArray(types) ? types : []).map(String).filter((kind) => kind !== "NULL" && kind !== "null"),
  );
  const all = (...names: string[]): boolean => kinds.size > 0 && [...kinds].every((kind) => names.includes(kind));
  if (all("BIGINT", "UBIGINT")) return "long";
  if (all("BIGINT", "UBIGINT", "DOUBLE")) return "real";
  if (all("BOOLEAN")) return "bool";
  if (all("VARCHAR")) return "string";
  return "dynamic";
}

function unpacked(node: SyntaxNode, call: SyntaxNode, scope: Scope, input: Relation): Relation {
  const { bag, prefix, conflict } = bagCall(call, scope, input);
  const made: string[] = [];
  const columns = resultColumns(node).map((column): Column => {
    const kept = input.columns.find(({ name }) => name === column.name && name !== bag.name);
    const key = column.name.startsWith(prefix) ? column.name.slice(prefix.length) : column.name;
    const value = member({ sql: asDynamic(columnExpr(bag)), type: "dynamic", nullable: true }, key);
    if (kept !== undefined && conflict !== "replace_source") return kept;
    const sql = freshName(scope.query, column.name);
    const unpackedValue = coerce(value, column.type);
    // Only a bag that has the slot replaces what the row had.
    const text =
      kept === undefined || kept.type !== column.type
        ? unpackedValue
        : `CASE WHEN ${value.sql} IS NULL THEN ${kept.sql} ELSE ${unpackedValue} END`;
    made.push(`${text} AS ${sql}`);
    return { ...column, sql, nullable: column.type !== "string" };
  });
  const from = made.length === 0 ? input.from : derived(scope.query, `SELECT *, ${made.join(", ")} FROM ${input.from}`);
  return { ...input, from, columns };
}

type PivotCall = {
  readonly key: string;
  readonly keyName: string;
  readonly aggregate: SyntaxNode | undefined;
  readonly groups: readonly Column[];
};

function pivotCall(call: SyntaxNode, scope: Scope, input: Relation): PivotCall {
  const [keyNode, aggregate, ...groupNodes] = callArguments(call);
  if (keyNode === undefined) return refuse(call, "'pivot' needs a column", "refused_there_too");
  if (aggregate !== undefined && kindOf(aggregate) !== "FunctionCallExpression")
    return refuse(aggregate, "The second argument of 'pivot' is an aggregation function", "refused_there_too");
  const key = lowerExpression(keyNode, { ...scope, row: input });
  const keyName = keyNode.SimpleName ?? textOf(keyNode);
  const used = new Set([keyName, ...namesIn(aggregate)]);
  const named = groupNodes.map(
    (node) =>
      input.columns.find(({ name }) => name === (node.SimpleName ?? textOf(node))) ??
      refuse(node, "pivot groups by columns", "refused_there_too"),
  );
  const groups = groupNodes.length > 0 ? named : input.columns.filter(({ name }) => !used.has(name));
  return { key: asText(key), keyName, aggregate, groups };
}

function namesIn(aggregate: SyntaxNode | undefined): string[] {
  if (aggregate === undefined) return [];
  return callArguments(aggregate).flatMap((node) =>
    kindOf(node) === "NameReference" && node.SimpleName !== undefined ? [node.SimpleName] : [],
  );
}

function askPivotSchema(call: SyntaxNode, scope: Scope, input: Relation): never {
  const { key, aggregate, groups } = pivotCall(call, scope, input);
  const type: KqlType = aggregate === undefined ? "long" : typeOfSymbol(aggregate.ResultType);
  throw new SchemaNeeded({
    sql: withCommonTables(scope, `SELECT DISTINCT ${key} AS k FROM ${input.from} ORDER BY k`),
    insertAt: startOf(call) + (call.End - call.TextStart),
    schemaOf: (rows) => {
      const columns = [
        ...groups.map((column) => `[${JSON.stringify(column.name)}]:${column.type}`),
        ...rows.map(([value]) => `[${JSON.stringify(String(value))}]:${type}`),
      ];
      return ` : (${columns.join(", ")})`;
    },
  });
}

function pivoted(node: SyntaxNode, call: SyntaxNode, scope: Scope, input: Relation): Relation {
  const { key, aggregate, groups } = pivotCall(call, scope, input);
  const row = { ...scope, row: input };
  const aggregateName = aggregate === undefined ? "count" : callName(aggregate);
  const registered = AGGREGATE_FUNCTIONS.get(aggregateName);
  if (aggregate !== undefined && registered === undefined)
    return refuse(aggregate, `The function '${aggregateName}' is not supported in pivot`, "runs");
  const value =
    aggregate === undefined || registered === undefined
      ? ({ sql: "count(*)", type: "long", nullable: false } as const)
      : lowerAggregateCall(registered, aggregate, row);
  const groupNames = groups.map(({ sql }) => sql);
  const inner = `(SELECT ${[...groupNames, `${key} AS pivot_key`, `${value.sql} AS pivot_value`].join(", ")} FROM ${input.from} GROUP BY ALL)`;
  const missing =
    aggregateName.startsWith("count") || aggregateName.startsWith("sum") || aggregateName.startsWith("dcount")
      ? "0"
      : sqlNull(value.type);
  const selected: string[] = [];
  const columns = resultColumns(node).map((column): Column => {
    const sql = freshName(scope.query, column.name);
    const group = groups.find(({ name }) => name === column.name);
    const cell = `any_value(pivot_value) FILTER (WHERE pivot_key = ${sqlString(column.name)})`;
    const text =
      group === undefined
        ? as({ sql: `coalesce(${cell}, ${missing})`, type: value.type, nullable: true }, column.type).sql
        : group.sql;
    selected.push(`${text} AS ${sql}`);
    return { ...column, sql, nullable: column.type !== "string" };
  });
  const by = groupNames.length === 0 ? "" : ` GROUP BY ${groupNames.join(", ")}`;
  return {
    from: derived(scope.query, `SELECT ${selected.join(", ")} FROM ${inner}${by}`),
    columns,
    order: [],
    isSerialized: false,
    carried: [],
  };
}

function withCommonTables(scope: Scope, select: string): string {
  const { commonTables } = scope.query;
  return withSelections(
    commonTables.length === 0 ? select : `WITH ${commonTables.join(",\n")}\n${select}`,
    scope.query,
  );
}
