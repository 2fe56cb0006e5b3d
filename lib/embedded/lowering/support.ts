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

/** Refuses an operator by the words the person wrote. */
export function refuseOperator(node: SyntaxNode): never {
  const word = /^[\w-]+/.exec(textOf(node))?.[0] ?? kindOf(node);
  return refuse(node, `The operator '${word}' is not supported by the embedded engine`, "runs");
}
