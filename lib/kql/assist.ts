import { bind, type Diagnostic, MAX_QUERY_LENGTH } from "./bind.ts";
import { globalsFor } from "./globals.ts";
import { kusto } from "./loader.ts";
import type { TableSchema } from "./tables/table-schema.ts";

/** One proposal for the place of the cursor. */
export type Completion = {
  readonly label: string;
  readonly kind: "operator" | "function" | "aggregate" | "column" | "table" | "keyword" | "value" | "other";
  /** Put in before and after the cursor when the proposal is taken. */
  readonly before: string;
  readonly after: string;
};

/** Proposals, and the piece of text they replace, in UTF-16 units. */
export type Completions = { readonly from: number; readonly length: number; readonly items: readonly Completion[] };

/** What the binder has to say about a text while it is typed: errors first, then warnings. */
export function diagnose(text: string, tables: readonly TableSchema[]): readonly Diagnostic[] {
  if (text.trim() === "") return [];
  const result = bind(text, tables);
  return result.status === "bound" ? result.warnings : result.diagnostics;
}

const MAX_ITEMS = 200;

/** What may stand at `position`, best first. Never throws: without an idea there are no proposals. */
export function complete(text: string, position: number, tables: readonly TableSchema[]): Completions {
  const none: Completions = { from: position, length: 0, items: [] };
  if (text.length > MAX_QUERY_LENGTH) return none;
  try {
    const { Editor } = kusto();
    const service = new Editor.KustoCodeService.$ctor1(text, globalsFor(tables));
    const found = service.GetCompletionItems(position);
    const names = kindNames();
    const items: Completion[] = [];
    for (let index = 0; index < Math.min(found.Items.Count, MAX_ITEMS); index += 1) {
      const item = found.Items.getItem(index);
      items.push({
        label: item.DisplayText,
        kind: kindOf(names.get(item.Kind) ?? ""),
        before: item.BeforeText,
        after: item.AfterText ?? "",
      });
    }
    return { from: found.EditStart, length: found.EditLength, items };
  } catch {
    return none;
  }
}

function kindNames(): ReadonlyMap<number, string> {
  return new Map(Object.entries(kusto().Editor.CompletionKind).map(([name, value]) => [value, name]));
}

function kindOf(name: string): Completion["kind"] {
  if (/AggregateFunction/.test(name)) return "aggregate";
  if (/Function/.test(name)) return "function";
  if (/Column/.test(name)) return "column";
  if (/Table|Database|MaterializedView/.test(name)) return "table";
  if (/QueryPrefix|TabularPrefix|TabularSuffix/.test(name)) return "operator";
  if (/Keyword|Syntax|Punctuation/.test(name)) return "keyword";
  if (/Literal|Scalar|Variable|Parameter/.test(name)) return "value";
  return "other";
}
