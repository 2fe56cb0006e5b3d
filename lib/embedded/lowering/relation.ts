import type { KqlType } from "../../kql/tables/table-schema.ts";
import type { Expr, JsonPath, ShredRead } from "./expression-types.ts";
import { freshName, type QueryContext } from "./scope.ts";
import { selection } from "./selections.ts";

/** One column of a relation: its KQL name, and the SQL name under which the relation's text offers it. */
export type Column = {
  readonly name: string;
  readonly type: KqlType;
  readonly sql: string;
  readonly nullable: boolean;
  /** Set while the column still is a table's JSON text, or a path inside it. */
  readonly jsonPath?: JsonPath;
  readonly shred?: ShredRead;
};

export type SortKey = { readonly sql: string; readonly isDescending: boolean; readonly nullsFirst: boolean };

/**
 * A lowered tabular expression. `from` stands after FROM and offers at least the columns' SQL names; it may offer more
 * (columns projected away, hidden shreds, sort keys): every SQL name is generated once, so nothing clashes, and DuckDB
 * reads only what the outermost SELECT asks for.
 */
export type Relation = {
  readonly from: string;
  readonly columns: readonly Column[];
  /** The order of the rows; empty when there is none to keep. */
  readonly order: readonly SortKey[];
  /** True when KQL calls the row set serialized, so that `prev`, `row_number` … may be used. */
  readonly isSerialized: boolean;
  /** SQL names of columns that must travel along with every row, such as the row number of an enclosing mv-apply. */
  readonly carried: readonly string[];
  /** SQL name of a column that numbers the rows in their order, once a window function has asked for it. */
  readonly rowNumber?: string;
  /** SQL name of the time a stored record was received, while the rows still are a table's records. */
  readonly received?: string;
};

export function columnExpr(column: Column): Expr {
  const { sql, type, nullable, jsonPath, shred } = column;
  return { sql, type, nullable, jsonPath, shred };
}

/** `SELECT …` over a relation as a new FROM text. */
export function derived(query: QueryContext, select: string): string {
  return `(${select}) AS ${freshName(query, "t")}`;
}

/** Adds computed columns beside all that the relation offers; returns the new relation text and the columns. */
export function withComputed(
  query: QueryContext,
  relation: Relation,
  computed: readonly { readonly name: string; readonly expr: Expr }[],
): { relation: Relation; columns: Column[] } {
  const items: { sql: string; name: string }[] = [];
  const columns = computed.map(({ name, expr }): Column => {
    const sameColumn = relation.columns.find(({ sql }) => sql === expr.sql);
    if (sameColumn !== undefined) return { ...sameColumn, name };
    const sql = freshName(query, name);
    items.push({ sql: expr.sql, name: sql });
    return { name, type: expr.type, sql, nullable: expr.nullable, jsonPath: expr.jsonPath, shred: expr.shred };
  });
  if (items.length === 0) return { relation, columns };
  const from = derived(query, `SELECT *${selection(query, { items, lead: ", ", none: "" })} FROM ${relation.from}`);
  return { relation: { ...relation, from }, columns };
}

/** ` ORDER BY …` of a relation's order, or nothing. */
export function orderBy(order: readonly SortKey[]): string {
  if (order.length === 0) return "";
  const keys = order.map(
    ({ sql, isDescending, nullsFirst }) =>
      `${sql} ${isDescending ? "DESC" : "ASC"} NULLS ${nullsFirst ? "FIRST" : "LAST"}`,
  );
  return ` ORDER BY ${keys.join(", ")}`;
}
