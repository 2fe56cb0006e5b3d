import { kusto } from "./loader.ts";
import type { SyntaxNode } from "./syntax.ts";

let names: ReadonlyMap<number, string> | null = null;

/** The grammar's name for a node's kind, such as `SummarizeOperator`. */
export function kindOf(node: SyntaxNode): string {
  names ??= new Map(
    Object.entries(kusto().Syntax.SyntaxKind)
      .filter((entry): entry is [string, number] => typeof entry[1] === "number")
      .map(([name, value]) => [value, name]),
  );
  return names.get(node.Kind) ?? "Unknown";
}
