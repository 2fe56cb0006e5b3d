import type { KustoColumn, KustoList, KustoSymbol, SyntaxNode } from "./syntax.ts";
import { part, parts, textOf } from "./syntax.ts";

/** The insides of the language service that are corrected; none of this is its public interface. */
type Insides = {
  readonly Binding: {
    readonly SemanticInfo: { readonly $ctor5: new (result: KustoSymbol, diagnostics: unknown) => Info };
    readonly Binder: { readonly NodeBinder: { readonly prototype: NodeBinder } };
  };
  readonly Symbols: { readonly TableSymbol: { readonly ctor: new (columns: readonly KustoColumn[]) => KustoSymbol } };
};
type Info = { readonly ResultType: KustoSymbol | null; readonly Diagnostics: unknown };
type NodeBinder = {
  readonly RowScopeOrEmpty: KustoSymbol | null;
  VisitUnionOperator(node: SyntaxNode): Info;
};

/** Corrects the binder where it gives other columns than the service: it takes `union kind=inner` for an outer one. */
export function correctBinder(language: unknown): void {
  // The shape is pinned with the package's version.
  const { Binding, Symbols } = language as Insides;
  const proto = Binding.Binder.NodeBinder.prototype;
  const visit = proto.VisitUnionOperator;
  proto.VisitUnionOperator = function (this: NodeBinder, node) {
    const info = visit.call(this, node);
    if (info.ResultType === null || parameter(node, "kind") !== "inner") return info;
    // Where nothing is piped in, the row scope is there without a column.
    const piped = [this.RowScopeOrEmpty].flatMap((rows) =>
      columnsOf(rows).length === 0 || rows === null ? [] : [rows],
    );
    const tables = [...piped, ...parts(node, "Expressions").flatMap(tableOf)];
    const source = parameter(node, "withsource");
    const common = columnsOf(info.ResultType).filter(
      (column) =>
        column.Name === source || tables.every((table) => columnsOf(table).some((other) => isSame(column, other))),
    );
    return new Binding.SemanticInfo.$ctor5(new Symbols.TableSymbol.ctor(common), info.Diagnostics);
  };
}

function parameter(node: SyntaxNode, name: string): string | null {
  const found = parts(node, "Parameters").find((item) => {
    const given = part(item, "Name");
    return given !== null && textOf(given) === name;
  });
  const value = found === undefined ? null : part(found, "Expression");
  return value === null ? null : (value.SimpleName ?? textOf(value));
}

/** What a leg gives; a wildcard is a group of tables. */
function tableOf(leg: SyntaxNode): KustoSymbol[] {
  const result = leg.ResultType as (KustoSymbol & { readonly Members?: KustoList<KustoSymbol> }) | null | undefined;
  if (result === null || result === undefined) return [];
  if (result.Columns !== undefined) return [result];
  return Array.from({ length: result.Members?.Count ?? 0 }, (_, index) => result.Members?.getItem(index)).flatMap(
    (table) => (table === undefined ? [] : [table]),
  );
}

function columnsOf(table: KustoSymbol | null): KustoColumn[] {
  const columns = table?.Columns;
  return Array.from({ length: columns?.Count ?? 0 }, (_, index) => columns?.getItem(index)).flatMap((column) =>
    column === undefined ? [] : [column],
  );
}

function isSame(column: KustoColumn, other: KustoColumn): boolean {
  return column.Name === other.Name && column.Type.Name === other.Type.Name;
}
