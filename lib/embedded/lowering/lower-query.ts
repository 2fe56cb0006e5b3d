import { randomUUID } from "node:crypto";
import { need, parts, type SyntaxNode } from "../../kql/syntax.ts";
import { kindOf } from "../../kql/syntax-kinds.ts";
import type { KqlType, TableSchema } from "../../kql/tables/table-schema.ts";
import { lowerExpression } from "./expression.ts";
import { lowerLet } from "./let-statement.ts";
import { isTabular } from "./membership.ts";
import { orderBy, type Relation } from "./relation.ts";
import { type QueryContext, refuse, type Scope } from "./scope.ts";
import { withSelections } from "./selections.ts";
import { lowerTabular } from "./tabular.ts";

export type ResultColumn = { readonly name: string; readonly type: KqlType };

/** A lowered query. Its SQL holds marks where the run's own `now` and time span are put in, so it can be kept and run again. */
export type LoweredQuery = {
  readonly sql: string;
  readonly columns: readonly ResultColumn[];
  readonly render: Record<string, unknown> | null;
};

/** Marks that no query text can contain, because nobody knows them before the process starts. */
const MARKS = { now: `now_${randomUUID()}`, from: `from_${randomUUID()}`, to: `to_${randomUUID()}` };

/** Lowers a bound query to one SELECT whose columns stand in the result's order. Throws `Refusal`. */
export function lowerQuery(
  tree: SyntaxNode,
  options: { text: string; tables: ReadonlyMap<string, TableSchema>; hasTimespan: boolean },
): LoweredQuery {
  const query: QueryContext = {
    text: options.text,
    tables: options.tables,
    now: MARKS.now,
    timespan: options.hasTimespan ? { from: MARKS.from, to: MARKS.to } : null,
    commonTables: [],
    options: new Map(),
    selections: [],
    render: null,
    nextName: 0,
    work: 0,
  };
  const scope: Scope = { query, environment: { names: new Map(), outer: null }, row: null };
  const results: Relation[] = [];
  for (const statement of parts(tree, "Statements")) {
    if (kindOf(statement) !== "ExpressionStatement") {
      lowerLet(statement, scope);
      continue;
    }
    if (results.length > 0) refuse(statement, "A second result in one query is not supported", "refused_there_too");
    results.push(lowerResult(need(statement, "Expression"), scope));
  }
  const relation =
    results[0] ?? refuse(tree, "The query has no result: end it with an expression", "refused_there_too");
  return { sql: finalSelect(relation, query), columns: relation.columns, render: query.render };
}

/** Lowered SQL for one run: the marks replaced by that run's instants, all TIMESTAMP expressions. */
export function sqlAt(sql: string, run: { now: string; from: string; to: string }): string {
  return sql.replaceAll(MARKS.now, run.now).replaceAll(MARKS.from, run.from).replaceAll(MARKS.to, run.to);
}

function lowerResult(node: SyntaxNode, scope: Scope): Relation {
  if (isTabular(node) || kindOf(node).endsWith("Operator")) return lowerTabular(node, scope);
  const value = lowerExpression(node, scope);
  const column = { name: "print_0", type: value.type, sql: '"print_0"', nullable: value.nullable };
  return {
    from: `(SELECT ${value.sql} AS "print_0") AS t`,
    columns: [column],
    order: [],
    isSerialized: true,
    carried: [],
  };
}

function finalSelect(relation: Relation, query: QueryContext): string {
  const before = query.commonTables.length === 0 ? "" : `WITH ${query.commonTables.join(",\n")}\n`;
  // A result without columns has no rows either.
  if (relation.columns.length === 0) return "SELECT 1 WHERE false";
  return withSelections(
    `${before}SELECT ${relation.columns.map(({ sql }) => sql).join(", ")} FROM ${relation.from}${orderBy(relation.order)}`,
    query,
  );
}
