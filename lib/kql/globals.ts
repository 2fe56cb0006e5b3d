import { kusto } from "./loader.ts";
import type { GlobalState } from "./syntax.ts";
import type { TableSchema } from "./tables/table-schema.ts";

const cache = new WeakMap<readonly TableSchema[], GlobalState>();

/** The binder's world for these tables: one database whose tables have exactly these columns. Cached per list. */
export function globalsFor(tables: readonly TableSchema[]): GlobalState {
  const known = cache.get(tables);
  if (known !== undefined) return known;
  const { Symbols, GlobalState } = kusto();
  const symbols = tables.map(
    (table) =>
      new Symbols.TableSymbol.$ctor4(
        table.name,
        table.columns.map(
          (column) => new Symbols.ColumnSymbol(column.name, Symbols.ScalarTypes.GetSymbol(column.type)),
        ),
      ),
  );
  const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("workspace", symbols));
  cache.set(tables, globals);
  return globals;
}
