import { need, parts, type SyntaxNode, textOf } from "../../../kql/syntax.ts";

/** The text of an operator's `name=value` parameter, unquoted, or undefined when it was not given. */
export function namedParameter(node: SyntaxNode, name: string): string | undefined {
  const parameter = parameterNode(node, name);
  if (parameter === undefined) return undefined;
  const value = need(parameter, "Expression");
  return value.LiteralValue === undefined || value.LiteralValue === null || typeof value.LiteralValue === "object"
    ? textOf(value).replace(/^(["'])(.*)\1$/, "$2")
    : String(value.LiteralValue);
}

export function parameterNode(node: SyntaxNode, name: string): SyntaxNode | undefined {
  return parts(node, "Parameters").find((parameter) => textOf(need(parameter, "Name")) === name);
}
