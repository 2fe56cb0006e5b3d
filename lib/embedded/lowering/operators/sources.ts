import { need, parts, type SyntaxNode } from "../../../kql/syntax.ts";
import type { ColumnSchema, TableSchema } from "../../../kql/tables/table-schema.ts";
import { givenTextColumn, isComposed } from "../../store/create-tables.ts";
import { as } from "../binary-operators.ts";
import { callArguments } from "../call.ts";
import { coerce } from "../coerce.ts";
import { lowerExpression } from "../expression.ts";
import type { Expr, PathReader } from "../expression-types.ts";
import { type Column, derived, type Relation } from "../relation.ts";
import {
  freshName,
  lookUp,
  type QueryContext,
  refuse,
  resultColumns,
  type Scope,
  type SelectedItem,
} from "../scope.ts";
import { selection } from "../selections.ts";
import { SQL_TYPES, sqlName, sqlString } from "../sql-text.ts";
import { lowerTupleCall } from "../tuple-calls.ts";
import type { TabularOperator } from "./operator-types.ts";

/** Operators that begin a query. */
export const sourceOperators: readonly TabularOperator[] = [
  {
    name: "print",
    kind: "PrintOperator",
    isSource: true,
    lower: lowerPrint,
    note: "One row.",
    test: "print",
  },
  {
    name: "range",
    kind: "RangeOperator",
    isSource: true,
    lower: lowerRange,
    note: "Numbers, date-times and timespans; rows are made as they are read.",
    test: "range",
  },
  {
    name: "table()",
    kind: "table()",
    isSource: true,
    lower: lowerTableCall,
    note: "With a name that is known before the query runs.",
    test: "table()",
  },
];

const SERIALIZED = { order: [], isSerialized: true, carried: [] } as const;
const UNORDERED = { order: [], isSerialized: false, carried: [] } as const;

/** Scans a table; the request's time span filters `TimeGenerated` here, in addition to what the query says. */
export function lowerTable(table: TableSchema, { query }: Scope): Relation {
  const items: SelectedItem[] = [];
  const shredNames = new Map<string, string>();
  for (const shred of table.shreds) {
    const sql = freshName(query, shred.hiddenColumn);
    shredNames.set(shred.hiddenColumn, sql);
    items.push({ sql: sqlName(shred.hiddenColumn), name: sql });
  }
  const columns = table.columns.map((column): Column => {
    const sql = freshName(query, column.name);
    // The store keeps a dynamic as the text that came in, which was checked to be JSON.
    items.push({ sql: `${sqlName(column.name)}${column.type === "dynamic" ? "::JSON" : ""}`, name: sql });
    const given = isComposed(table, column.name) ? freshName(query, givenTextColumn(column.name)) : undefined;
    if (given !== undefined) items.push({ sql: sqlName(givenTextColumn(column.name)), name: given });
    const shreds = table.shreds
      .filter((shred) => shred.column === column.name)
      .map((shred) => ({ path: shred.path, kind: shred.kind, sql: shredNames.get(shred.hiddenColumn) ?? "", given }));
    return {
      name: column.name,
      type: column.type,
      sql,
      nullable: column.type !== "string",
      jsonPath: { shreds, path: [], reader: pathReader(table, column, query, items) },
    };
  });
  const mark = selection(query, { items, lead: "", none: "1 AS nothing" });
  const hasTime = query.timespan !== null && table.columns.some(({ name }) => name === "TimeGenerated");
  const where = hasTime
    ? ` WHERE "TimeGenerated" >= ${query.timespan?.from} AND "TimeGenerated" < ${query.timespan?.to}`
    : "";
  return {
    from: derived(query, `SELECT ${mark} FROM ${sqlName(table.name)}${where}`),
    columns,
    received: columns.find(({ name }) => name === "_TimeReceived")?.sql,
    ...UNORDERED,
  };
}

/** The hidden list of a column's texts; a composed text holds nothing but its shreds, so its given text is read alone. */
function pathReader(table: TableSchema, { name, type }: ColumnSchema, query: QueryContext, items: SelectedItem[]) {
  const reader: PathReader = { sql: freshName(query, `${name}_texts`), pointers: [] };
  const text = sqlName(isComposed(table, name) ? givenTextColumn(name) : name);
  const sql = (readBy: string): string => {
    const pointers = reader.pointers.map((pointer, index) => {
      const isRead = readBy.includes(`${reader.sql}[${index + 1}]`);
      // A step on the way to a deeper path keeps its place in the list and costs nothing.
      return sqlString(isRead ? pointer : '$."~"');
    });
    const list = `json_extract_string(${text}, [${pointers.join(", ")}])`;
    // A text that is no JSON has nothing at any path; a dynamic was checked when it was stored.
    return type === "dynamic" ? list : `TRY(${list})`;
  };
  items.push({ sql, name: reader.sql });
  return reader;
}

function lowerPrint(node: SyntaxNode, scope: Scope): Relation {
  const schema = resultColumns(node);
  const rowless = { ...scope, row: null };
  const values = parts(node, "Expressions").flatMap(
    (expression) =>
      lowerTupleCall(expression, rowless)?.map(({ expr }) => expr) ?? [lowerExpression(expression, rowless)],
  );
  const columns = schema.map((column, index): Column => {
    const value = values[index];
    return { ...column, sql: freshName(scope.query, column.name), nullable: value?.nullable ?? true };
  });
  const selected = columns.map((column, index) => {
    const value = values[index];
    return `${value === undefined ? "NULL" : as(value, column.type).sql} AS ${column.sql}`;
  });
  return { from: derived(scope.query, `SELECT ${selected.join(", ")}`), columns, ...SERIALIZED };
}

export function lowerDatatable(node: SyntaxNode, scope: Scope): Relation {
  const schema = resultColumns(node);
  const values = parts(node, "Values").map((value) => lowerExpression(value, { ...scope, row: null }));
  if (schema.length === 0 || values.length % schema.length !== 0) {
    return refuse(node, "The values of a datatable must fill its rows", "refused_there_too");
  }
  const columns = schema.map(
    (column): Column => ({
      ...column,
      sql: freshName(scope.query, column.name),
      nullable: column.type !== "string",
    }),
  );
  const rows: string[] = [];
  for (let start = 0; start < values.length; start += schema.length) {
    const cells = schema.map((column, index) => cell(values[start + index], column.type));
    rows.push(`(${cells.join(", ")})`);
  }
  const typed = columns.map((column) => `${column.sql}::${SQL_TYPES[column.type]} AS ${column.sql}`).join(", ");
  const names = columns.map(({ sql }) => sql).join(", ");
  const none = `(${columns.map(() => "NULL").join(", ")})`;
  const list = rows.length === 0 ? `${none}) AS v(${names}) WHERE false` : `${rows.join(", ")}) AS v(${names})`;
  return { from: derived(scope.query, `SELECT ${typed} FROM (VALUES ${list}`), columns, ...SERIALIZED };
}

function cell(value: Expr | undefined, type: Column["type"]): string {
  if (value === undefined) return "NULL";
  return coerce(value, type);
}

function lowerRange(node: SyntaxNode, scope: Scope): Relation {
  const column = resultColumns(node)[0];
  if (column === undefined) return refuse(node, "range needs a column", "refused_there_too");
  const plain = { ...scope, row: null };
  const from = as(lowerExpression(need(node, "From"), plain), column.type);
  const to = as(lowerExpression(need(node, "To"), plain), column.type);
  const step = lowerExpression(need(node, "Step"), plain);
  const sql = freshName(scope.query, column.name);
  const result: Column = { ...column, sql, nullable: false };
  const select = rangeSql(
    column.type,
    from.sql,
    to.sql,
    column.type === "datetime" ? step.sql : as(step, column.type).sql,
  );
  if (select === null)
    return refuse(node, `range over ${column.type} is not supported by the embedded engine`, "unknown");
  return {
    from: derived(
      scope.query,
      `SELECT ${select} AS ${sql} FROM ${rangeSource(column.type, from.sql, to.sql, step.sql)}`,
    ),
    columns: [result],
    ...SERIALIZED,
  };
}

/** The value at step `i`. */
function rangeSql(type: Column["type"], from: string, _to: string, step: string): string | null {
  switch (type) {
    case "int":
    case "long":
    case "timespan":
      return `((${from}) + i * (${step}))::${SQL_TYPES[type]}`;
    case "real":
    case "decimal":
      return `((${from}) + i * (${step}))`;
    case "datetime":
      return `kql_datetime_add(${from}, i * (${step}))`;
    default:
      return null;
  }
}

/** The step numbers, made lazily, so that a huge range costs no memory. */
function rangeSource(type: Column["type"], from: string, to: string, step: string): string {
  const length =
    type === "datetime"
      ? `((epoch_us(${to}) - epoch_us(${from})) * 10)::DOUBLE / (${step})`
      : `((${to}) - (${from}))::DOUBLE / (${step})`;
  return `range(coalesce(kql_real_to_long(floor(${length} + 1e-9)), -1) + 1) AS r(i)`;
}

function lowerTableCall(node: SyntaxNode, scope: Scope): Relation {
  const argument = callArguments(node)[0];
  const name = argument === undefined ? undefined : lowerExpression(argument, { ...scope, row: null }).literal;
  if (name?.kind !== "string")
    return refuse(node, "The table's name must be known before the query runs", "refused_there_too");
  const binding = lookUp(scope.environment, name.value);
  if (binding?.kind === "relation") return binding.lower();
  const table = scope.query.tables.get(name.value);
  return table === undefined
    ? refuse(node, `Failed to resolve table or column expression named '${name.value}'`, "unknown")
    : lowerTable(table, scope);
}
