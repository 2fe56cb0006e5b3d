import { type SyntaxNode, textOf } from "../../kql/syntax.ts";
import { kindOf } from "../../kql/syntax-kinds.ts";
import type { ElsewhereStatus } from "../refusal.ts";
import { refuse } from "./scope.ts";

/** Functions that Azure Data Explorer has and Log Analytics refuses; from the published differences of the two. */
const NOT_IN_LOG_ANALYTICS =
  /^(cluster|database|cursor_\w+|current_cluster_endpoint|current_database|current_principal\w*|extent_\w+|external_table|materialized_view|stored_query_result|rowstore_\w+)$/;

export function elsewhereOfFunction(name: string): ElsewhereStatus {
  return NOT_IN_LOG_ANALYTICS.test(name) ? "refused_there_too" : "runs";
}

/** Operators with several results, and those that only Azure Data Explorer has. */
const OPERATORS_NOT_IN_LOG_ANALYTICS =
  /^(fork|facet|consume|execute-and-cache|inline_external_table|macro-expand|cluster|database|graph-\w+|make-graph|alias|\.\w+)/;

/** Refuses an operator by the words the person wrote. */
export function refuseOperator(node: SyntaxNode): never {
  const word = /^[.\w-]+/.exec(textOf(node).replace(/^(\/\/[^\n]*\n\s*)+/, ""))?.[0] ?? kindOf(node);
  const elsewhere = OPERATORS_NOT_IN_LOG_ANALYTICS.test(word) ? "refused_there_too" : "runs";
  const what = word.startsWith(".") ? `The command '${word}' is not a query and` : `The operator '${word}'`;
  return refuse(node, `${what} is not supported by the embedded engine`, elsewhere);
}
