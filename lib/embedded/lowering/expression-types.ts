import type { SyntaxNode } from "../../kql/syntax.ts";
import type { KqlType } from "../../kql/tables/table-schema.ts";

/** A constant's value: a `datetime` and a `timespan` are 100-ns ticks (from year 1, and as a length). */
export type LiteralValue =
  | { readonly kind: "null" }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "number"; readonly value: number; readonly text: string }
  | { readonly kind: "integer"; readonly value: bigint }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "datetime"; readonly ticks: bigint }
  | { readonly kind: "timespan"; readonly ticks: bigint }
  | { readonly kind: "dynamic"; readonly json: string };

/** A stored column that answers a conversion of a dynamic without reading the JSON text. */
export type ShredRead = {
  readonly sql: string;
  readonly kind: "string" | "long" | "real" | "json";
  /** SQL of the text that a record brought where it says more than the stored columns, for values of another JSON type. */
  readonly given?: string;
};

/** A path inside one dynamic or JSON-text column of a table, so that a shredded column can answer it. */
export type JsonPath = {
  readonly shreds: readonly {
    readonly path: readonly string[];
    readonly sql: string;
    readonly kind: ShredRead["kind"];
    readonly given?: string;
  }[];
  readonly path: readonly string[];
  readonly reader: PathReader;
};

/** A hidden column of a table that holds the texts at several paths of one JSON column, all read in one pass over it. */
export type PathReader = {
  readonly sql: string;
  /** JSON paths in the order of the column's list; grows while the query is lowered. */
  readonly pointers: string[];
};

/**
 * A lowered scalar expression. How a KQL type is held in SQL: bool BOOLEAN, int INTEGER, long BIGINT, real DOUBLE,
 * decimal DECIMAL(38,18), string VARCHAR (never NULL), datetime TIMESTAMP (UTC), timespan BIGINT (100-ns ticks), guid UUID,
 * dynamic JSON (a dynamic null is SQL NULL).
 */
export type Expr = {
  readonly sql: string;
  readonly type: KqlType;
  /** False only when the SQL can never be NULL. */
  readonly nullable: boolean;
  readonly literal?: LiteralValue;
  readonly jsonPath?: JsonPath;
  readonly shred?: ShredRead;
  /** Of a dynamic: SQL of its text where that is cheaper than by way of the JSON value; null for a dynamic null. */
  readonly text?: string;
  /** True when evaluating it twice in one row may give two values (`rand()`, `new_guid()`). */
  readonly isVolatile?: boolean;
};

/** What a row of the function registry sees of the call it lowers. */
export type CallContext = {
  /** The type the binder gave the call; the SQL must have the form of that type. */
  readonly resultType: KqlType;
  /** The SQL of the query's one `now`, a TIMESTAMP. */
  readonly now: string;
  /** The bound call, for the rare function that needs more than its lowered arguments. */
  readonly node: SyntaxNode;
  /** Ends the lowering with a refusal at the call's position; `reason` completes "`name` …". */
  readonly refuse: (reason: string) => never;
};
