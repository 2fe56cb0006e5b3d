/** A KQL scalar type as the published table reference names it. */
export const KQL_TYPES = [
  "bool",
  "int",
  "long",
  "real",
  "decimal",
  "string",
  "datetime",
  "timespan",
  "guid",
  "dynamic",
] as const;
export type KqlType = (typeof KQL_TYPES)[number];

export type ColumnSchema = { readonly name: string; readonly type: KqlType };

/**
 * A path inside a JSON column that the embedded store keeps as a hidden typed column.
 * `kind` is how it is kept: `string` holds any scalar's text (or the JSON text of an array or object), null when absent.
 */
export type Shred = {
  readonly column: string;
  readonly path: readonly string[];
  readonly hiddenColumn: string;
  readonly kind: "string" | "long" | "real" | "json";
};

/** A Log Analytics table: its real columns in order, and what the embedded store shreds. */
export type TableSchema = {
  readonly name: string;
  readonly columns: readonly ColumnSchema[];
  readonly shreds: readonly Shred[];
};
