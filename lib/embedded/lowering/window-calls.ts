import { type SyntaxNode, typeOfSymbol } from "../../kql/syntax.ts";
import { as, condition } from "./binary-operators.ts";
import { callArguments } from "./call.ts";
import { lowerExpression } from "./expression.ts";
import type { Expr } from "./expression-types.ts";
import { refuse, type Scope } from "./scope.ts";
import { sqlNull } from "./sql-text.ts";

/** The row's place in a serialized row set, as SQL. */
type Window = { readonly order: string; readonly partition: readonly string[]; readonly stage: (expr: Expr) => Expr };
type WindowCall = (args: readonly SyntaxNode[], scope: Scope, window: Window, node: SyntaxNode) => Expr;

/** A window function as docs/kql.md lists it. */
export type WindowFunction = {
  readonly name: string;
  readonly note: string;
  readonly test: string;
  readonly lower: WindowCall;
};

export const WINDOW_FUNCTIONS: readonly WindowFunction[] = [
  {
    name: "row_number",
    note: "Starts at 1, or where told, and again where the second argument is true.",
    test: "row_number",
    lower: rowNumber,
  },
  {
    name: "prev",
    note: "Past the edge: the default, else null.",
    test: "prev and next",
    lower: (args, scope, window) => neighbour("lag", args, scope, window),
  },
  {
    name: "next",
    note: "Past the edge: the default, else null.",
    test: "prev and next",
    lower: (args, scope, window) => neighbour("lead", args, scope, window),
  },
  { name: "row_cumsum", note: "", test: "row_cumsum", lower: runningSum },
  {
    name: "row_rank_dense",
    note: "",
    test: "row_rank",
    lower: (args, scope, window) => rank(args, scope, window, true),
  },
  {
    name: "row_rank_min",
    note: "",
    test: "row_rank",
    lower: (args, scope, window) => rank(args, scope, window, false),
  },
  { name: "row_window_session", note: "", test: "row_window_session", lower: session },
];
const BY_NAME: ReadonlyMap<string, WindowFunction> = new Map(WINDOW_FUNCTIONS.map((row) => [row.name, row]));

/** `row_number`, `prev`, `next`, `row_cumsum` … over the order of the rows; null for any other name. */
export function lowerWindowCall(name: string, node: SyntaxNode, scope: Scope): Expr | null {
  const call = BY_NAME.get(name);
  if (call === undefined) return null;
  const { row, stage, numberRows } = scope;
  if (row === null || stage === undefined || numberRows === undefined) {
    return refuse(
      node,
      `'${name}' is not supported by the embedded engine in this place; give it a column with extend first`,
      "unknown",
    );
  }
  if (!row.isSerialized) {
    return refuse(
      node,
      `'${name}' cannot be invoked in this context: the row set must be serialized; put 'sort' or 'serialize' before it`,
      "refused_there_too",
    );
  }
  const window: Window = { order: numberRows(), partition: row.carried, stage };
  const value = call.lower(callArguments(node), scope, window, node);
  return as(value, typeOfSymbol(node.ResultType));
}

function over({ order, partition }: Window, more: readonly string[] = [], frame = ""): string {
  const keys = [...partition, ...more];
  return `OVER (${keys.length === 0 ? "" : `PARTITION BY ${keys.join(", ")} `}ORDER BY ${order}${frame})`;
}

/** A column that counts how often the restart condition was true so far; rows between two restarts share its value. */
function restarts(node: SyntaxNode | undefined, scope: Scope, window: Window): string[] {
  if (node === undefined) return [];
  const flag = window.stage(condition(node, scope, false));
  const count = {
    sql: `count_if(${flag.sql}) ${over(window, [], " ROWS UNBOUNDED PRECEDING")}`,
    type: "long",
    nullable: false,
  } as const;
  return [window.stage(count).sql];
}

function rowNumber(args: readonly SyntaxNode[], scope: Scope, window: Window): Expr {
  const start = args[0] === undefined ? "1" : lowerExpression(args[0], scope).sql;
  const group = restarts(args[1], scope, window);
  return { sql: `(row_number() ${over(window, group)} - 1 + (${start}))`, type: "long", nullable: false };
}

function neighbour(sqlName: string, args: readonly SyntaxNode[], scope: Scope, window: Window): Expr {
  const [valueNode, offsetNode, fallbackNode] = args;
  if (valueNode === undefined) throw new TypeError("The binder lets no call without a value pass.");
  const value = window.stage(lowerExpression(valueNode, scope));
  const offset = offsetNode === undefined ? "1" : `(${lowerExpression(offsetNode, scope).sql})::BIGINT`;
  const fallback =
    fallbackNode === undefined ? sqlNull(value.type) : as(lowerExpression(fallbackNode, scope), value.type).sql;
  return {
    sql: `${sqlName}(${value.sql}, ${offset}, ${fallback}) ${over(window)}`,
    type: value.type,
    nullable: value.type !== "string",
  };
}

function runningSum(args: readonly SyntaxNode[], scope: Scope, window: Window, node: SyntaxNode): Expr {
  const [termNode, restartNode] = args;
  if (termNode === undefined) throw new TypeError("The binder lets no call without a value pass.");
  const type = typeOfSymbol(node.ResultType);
  const term = window.stage(as(lowerExpression(termNode, scope), type));
  const group = restarts(restartNode, scope, window);
  const sum = `sum(${term.sql}) ${over(window, group, " ROWS UNBOUNDED PRECEDING")}`;
  return { sql: type === "real" ? sum : `(${sum})::BIGINT`, type, nullable: true };
}

function rank(args: readonly SyntaxNode[], scope: Scope, window: Window, isDense: boolean): Expr {
  const [termNode, restartNode] = args;
  if (termNode === undefined) throw new TypeError("The binder lets no call without a value pass.");
  const term = window.stage(lowerExpression(termNode, scope));
  const group = restarts(restartNode, scope, window);
  const before = `lag(${term.sql}) ${over(window, group)}`;
  const place = window.stage({ sql: `row_number() ${over(window, group)}`, type: "long", nullable: false });
  const isNew = window.stage({
    sql: `(${place.sql} = 1 OR ${before} IS DISTINCT FROM ${term.sql})`,
    type: "bool",
    nullable: false,
  });
  const frame = " ROWS UNBOUNDED PRECEDING";
  const sql = isDense
    ? `count_if(${isNew.sql}) ${over(window, group, frame)}`
    : `max(CASE WHEN ${isNew.sql} THEN ${place.sql} END) ${over(window, group, frame)}`;
  return { sql: `(${sql})::BIGINT`, type: "long", nullable: false };
}

/** The start of the row's session: a session ends at a gap, at its longest length, or where the fourth argument is true. */
function session(args: readonly SyntaxNode[], scope: Scope, window: Window): Expr {
  const [timeNode, longestNode, gapNode, restartNode] = args;
  if (timeNode === undefined || longestNode === undefined || gapNode === undefined) {
    throw new TypeError("The binder lets no call without its arguments pass.");
  }
  const time = window.stage(lowerExpression(timeNode, scope));
  const longest = lowerExpression(longestNode, scope);
  const gap = lowerExpression(gapNode, scope);
  const flag = restartNode === undefined ? null : window.stage(condition(restartNode, scope, false)).sql;
  const entry = {
    sql: `{t: epoch_us(${time.sql}), r: ${flag === null ? "false" : `coalesce(${flag}, false)`}}`,
    type: "dynamic",
    nullable: false,
  } as const;
  const step = window.stage(entry);
  // A fold over the rows so far: DuckDB's windows cannot look at their own earlier results.
  const fold = `list_reduce(list_transform(list(${step.sql}) ${over(window, [], " ROWS UNBOUNDED PRECEDING")}, lambda e: {s: e.t, t: e.t, r: e.r}), lambda a, e:
    CASE WHEN e.r OR e.t - a.t > (${gap.sql}) // 10 OR e.t - a.s > (${longest.sql}) // 10 THEN e ELSE {s: a.s, t: e.t, r: e.r} END).s`;
  return { sql: `make_timestamp(${fold})`, type: "datetime", nullable: true };
}
