import { type SyntaxNode, typeOfSymbol } from "../../kql/syntax.ts";
import { as, condition } from "./binary-operators.ts";
import { callArguments, callContext, callName } from "./call.ts";
import { asDynamic } from "./coerce.ts";
import { lowerExpression } from "./expression.ts";
import type { Expr } from "./expression-types.ts";
import { literalExpr } from "./literal.ts";
import { isTabular } from "./membership.ts";
import { columnExpr } from "./relation.ts";
import { refuse, resultColumns, type Scope } from "./scope.ts";
import { sqlString } from "./sql-text.ts";
import { lowerWindowCall } from "./window-calls.ts";

/** A call that needs the syntax or the row set rather than only lowered arguments, as docs/kql.md lists it. */
export type SpecialCall = {
  readonly name: string;
  readonly note: string;
  readonly test: string;
  readonly lower: (node: SyntaxNode, scope: Scope) => Expr;
};

export const SPECIAL_CALLS: readonly SpecialCall[] = [
  { name: "not", note: "Of null: null.", test: "not", lower: lowerNot },
  {
    name: "column_ifexists",
    note: "Decided against the columns at that step.",
    test: "column_ifexists",
    lower: columnIfExists,
  },
  { name: "columnifexists", note: "The old name of column_ifexists.", test: "column_ifexists", lower: columnIfExists },
  {
    name: "ingestion_time",
    note: "`_TimeReceived` of a stored record; null for rows that are none.",
    test: "ingestion_time",
    lower: ingestionTime,
  },
  {
    name: "pack_all",
    note: "Every column of the row; with true, without null and empty ones.",
    test: "pack_all",
    lower: packAll,
  },
  { name: "column_names_of", note: "", test: "column_names_of", lower: columnNamesOf },
  {
    name: "assert",
    note: "Ends the query with the message where the condition is false.",
    test: "assert",
    lower: lowerAssert,
  },
  {
    name: "bin_auto",
    note: "Size and start from `set query_bin_auto_size` and `query_bin_auto_at`.",
    test: "bin_auto",
    lower: binAuto,
  },
];

const BY_NAME: ReadonlyMap<string, SpecialCall> = new Map(SPECIAL_CALLS.map((row) => [row.name, row]));

/** The call's lowering when its name is one of them, else null. */
export function lowerSpecialCall(name: string, node: SyntaxNode, scope: Scope): Expr | null {
  return BY_NAME.get(name)?.lower(node, scope) ?? lowerWindowCall(name, node, scope);
}

function argument(node: SyntaxNode, index: number): SyntaxNode {
  return callArguments(node)[index] ?? refuse(node, `'${callName(node)}' needs more arguments`, "refused_there_too");
}

function lowerNot(node: SyntaxNode, scope: Scope): Expr {
  const value = condition(argument(node, 0), scope, false);
  return { sql: `(NOT ${value.sql})`, type: "bool", nullable: value.nullable };
}

function columnIfExists(node: SyntaxNode, scope: Scope): Expr {
  const name = lowerExpression(argument(node, 0), scope).literal;
  if (name?.kind !== "string") return refuse(node, "The column's name must be written out", "refused_there_too");
  const type = typeOfSymbol(node.ResultType);
  const column = scope.row?.columns.find((candidate) => candidate.name === name.value);
  if (column !== undefined) return as(columnExpr(column), type);
  const fallback = as(lowerExpression(argument(node, 1), scope), type);
  return { ...fallback, nullable: fallback.nullable };
}

function ingestionTime(_node: SyntaxNode, scope: Scope): Expr {
  const received = scope.row?.received;
  return received === undefined
    ? literalExpr({ kind: "null" }, "datetime")
    : { sql: received, type: "datetime", nullable: true };
}

function packAll(node: SyntaxNode, scope: Scope): Expr {
  const flag = callArguments(node)[0];
  const dropsEmpty = flag !== undefined && lowerExpression(flag, scope).sql === "true";
  const columns = (scope.row?.columns ?? []).filter(({ name }) => !name.startsWith("$"));
  const pairs = columns.map((column) => `${sqlString(column.name)}, ${asDynamic(columnExpr(column))}`);
  const bag = `json_object(${pairs.join(", ")})`;
  return { sql: dropsEmpty ? `kql_bag_without_empty(${bag})` : bag, type: "dynamic", nullable: false };
}

function columnNamesOf(node: SyntaxNode, _scope: Scope): Expr {
  const table = argument(node, 0);
  if (!isTabular(table)) return refuse(node, "'column_names_of' takes a table", "refused_there_too");
  return literalExpr(
    { kind: "dynamic", json: JSON.stringify(resultColumns(table).map(({ name }) => name)) },
    "dynamic",
  );
}

function lowerAssert(node: SyntaxNode, scope: Scope): Expr {
  const test = condition(argument(node, 0), scope, false);
  const message = lowerExpression(argument(node, 1), scope);
  return {
    sql: `CASE WHEN ${test.sql} THEN true ELSE error(${message.sql})::BOOLEAN END`,
    type: "bool",
    nullable: false,
  };
}

function binAuto(node: SyntaxNode, scope: Scope): Expr {
  const value = lowerExpression(argument(node, 0), scope);
  const size = scope.query.options.get("query_bin_auto_size");
  const at = scope.query.options.get("query_bin_auto_at");
  if (size === undefined) return callContext(node, scope).refuse("needs 'set query_bin_auto_size' before the query");
  const type = typeOfSymbol(node.ResultType);
  if (type === "datetime") {
    return {
      sql: `kql_bin_datetime_from(${value.sql}, ${size.sql}, ${at?.sql ?? "make_timestamp(-62135596800000000)"})`,
      type,
      nullable: true,
    };
  }
  const start = at?.sql ?? "0";
  const whole = type === "int" || type === "long" || type === "timespan";
  const sql = whole
    ? `((${start}) + kql_bin_long((${value.sql}) - (${start}), ${size.sql}))`
    : `((${start}) + kql_bin_real((${value.sql}) - (${start}), ${size.sql}))`;
  return { sql, type, nullable: true };
}
