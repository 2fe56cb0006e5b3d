import type { TableSchema } from "./tables/table-schema.ts";

/** Tables that hold nothing but prompts and completions. */
const TABLES: ReadonlySet<string> = new Set(["AppGenAIContent"]);

/** Columns that can hold text of a prompt or of a completion, in any table. */
const COLUMNS =
  /^(RequestMessages|ResponseMessages|.*RequestBody|.*ResponseBody|.*[Ii]nput_?[Mm]essages|.*[Oo]utput_?[Mm]essages|.*[Ss]ystem_?[Ii]nstructions)$/;

/** True of a column that KQL which people type must not see. */
export function canHoldPromptText(column: string): boolean {
  return COLUMNS.test(column);
}

const known = new WeakMap<readonly TableSchema[], readonly TableSchema[]>();

/**
 * The tables as KQL that people type sees them: what can hold prompt text does not exist there, so no wildcard, search
 * or bag of columns reaches it.
 */
export function tablesForTypedKql(tables: readonly TableSchema[]): readonly TableSchema[] {
  const before = known.get(tables);
  if (before !== undefined) return before;
  const allowed = tables
    .filter(({ name }) => !TABLES.has(name))
    .map((table) => ({
      ...table,
      columns: table.columns.filter(({ name }) => !canHoldPromptText(name)),
      shreds: table.shreds.filter(({ column, path }) => !canHoldPromptText(column) && !path.some(canHoldPromptText)),
    }));
  known.set(tables, allowed);
  return allowed;
}
