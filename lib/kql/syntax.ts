import type { KqlType } from "./tables/table-schema.ts";

/** What we use of the language service, as it appears in JavaScript. */
export type KustoList<T> = { readonly Count: number; getItem(index: number): T };

export type KustoSymbol = {
  readonly Name: string;
  readonly Columns?: KustoList<KustoColumn>;
  readonly Type?: KustoSymbol;
};
export type KustoColumn = { readonly Name: string; readonly Type: KustoSymbol };

/** A node or token of the bound tree. Children are reached by their name in the grammar, through `part` and `parts`. */
export type SyntaxNode = {
  readonly Kind: number;
  readonly ChildCount: number;
  readonly TextStart: number;
  readonly End: number;
  readonly ResultType?: KustoSymbol | null;
  readonly ReferencedSymbol?: KustoSymbol | null;
  readonly LiteralValue?: unknown;
  readonly SimpleName?: string;
  readonly Text?: string;
  readonly ValueText?: string;
  readonly Parent?: SyntaxNode | null;
  GetChild(index: number): SyntaxNode | null;
  ToString(includeTrivia?: number): string;
  GetCalledFunctionBody?(): SyntaxNode | null;
  GetPositionInOriginalTree?(position: number): number;
};

export type KustoDiagnostic = {
  readonly Code: string;
  readonly Severity: string;
  readonly Message: string;
  readonly Start: number;
  readonly Length: number;
};

export type KustoCode = {
  readonly Syntax: SyntaxNode;
  GetDiagnostics(): KustoList<KustoDiagnostic> /** Those of the grammar alone. */;
  GetSyntaxDiagnostics(): KustoList<KustoDiagnostic>;
};
export type GlobalState = {
  readonly Functions: readonly KustoSymbol[];
  readonly Aggregates: readonly KustoSymbol[];
  WithDatabase(database: unknown): GlobalState;
};
export type CompletionItem = {
  readonly Kind: number;
  readonly DisplayText: string;
  readonly BeforeText: string;
  readonly AfterText: string;
};

export type Kusto = {
  readonly KustoCode: { ParseAndAnalyze(text: string, globals: GlobalState): KustoCode };
  readonly GlobalState: { readonly Default: GlobalState };
  readonly Syntax: { readonly SyntaxKind: Record<string, number> };
  readonly Symbols: {
    readonly ScalarTypes: { GetSymbol(name: string): KustoSymbol };
    readonly ColumnSymbol: new (name: string, type: KustoSymbol) => KustoSymbol;
    readonly TableSymbol: { readonly $ctor4: new (name: string, columns: KustoSymbol[]) => KustoSymbol };
    readonly DatabaseSymbol: { readonly ctor: new (name: string, members: KustoSymbol[]) => KustoSymbol };
  };
  readonly Editor: {
    readonly CompletionKind: Record<string, number>;
    readonly KustoCodeService: {
      readonly $ctor1: new (
        text: string,
        globals: GlobalState,
      ) => {
        GetCompletionItems(position: number): {
          readonly Items: KustoList<CompletionItem>;
          readonly EditStart: number;
          readonly EditLength: number;
        };
      };
    };
  };
};
export type KustoNamespace = { readonly Language: Kusto };

/** The named part of a node, or null where the grammar leaves it out. */
export function part(node: SyntaxNode, name: string): SyntaxNode | null {
  // Named accessors of the generated classes; absent ones are undefined.
  const value = (node as unknown as Record<string, SyntaxNode | null | undefined>)[name];
  return value ?? null;
}

/** The named part of a node where the grammar always has it. */
export function need(node: SyntaxNode, name: string): SyntaxNode {
  const value = part(node, name);
  if (value === null) throw new Error(`The bound tree has no ${name} here.`);
  return value;
}

/** The items of a (possibly separated) list; empty when the list is absent. */
export function items(list: SyntaxNode | null): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let index = 0; index < (list?.ChildCount ?? 0); index += 1) {
    const child = list?.GetChild(index) ?? null;
    if (child === null) continue;
    found.push(part(child, "Element$1") ?? child);
  }
  return found;
}

/** The items of the named list. */
export function parts(node: SyntaxNode, name: string): SyntaxNode[] {
  return items(part(node, name));
}

/** Where a node begins in the text that was bound; the body of a called function is a tree of its own. */
export function startOf(node: SyntaxNode): number {
  return node.GetPositionInOriginalTree?.(node.TextStart) ?? node.TextStart;
}

/** The text of a node without the spaces and comments before it. */
export function textOf(node: SyntaxNode): string {
  return node.ToString(0).trim();
}

const SCALAR: Record<string, KqlType> = {
  bool: "bool",
  int: "int",
  long: "long",
  real: "real",
  decimal: "decimal",
  string: "string",
  datetime: "datetime",
  timespan: "timespan",
  guid: "guid",
};

/** The KQL type a symbol stands for; arrays, bags and unknowns are dynamic. */
export function typeOfSymbol(symbol: KustoSymbol | null | undefined): KqlType {
  return SCALAR[symbol?.Name ?? ""] ?? "dynamic";
}

/** The columns of a tabular symbol with KQL's own automatic names. */
export function columnsOfSymbol(symbol: KustoSymbol | null | undefined): { name: string; type: KqlType }[] {
  const columns = symbol?.Columns;
  const found: { name: string; type: KqlType }[] = [];
  for (let index = 0; index < (columns?.Count ?? 0); index += 1) {
    const column = columns?.getItem(index);
    if (column !== undefined) found.push({ name: column.Name, type: typeOfSymbol(column.Type) });
  }
  return found;
}
