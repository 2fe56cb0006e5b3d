import { need, part, type SyntaxNode, textOf } from "../../kql/syntax.ts";
import { kindOf } from "../../kql/syntax-kinds.ts";
import { lowerExpression } from "./expression.ts";
import { isTabular } from "./membership.ts";
import { aliased } from "./operators/misc.ts";
import type { Relation } from "./relation.ts";
import { refuse, type Scope } from "./scope.ts";
import { lowerTabular } from "./tabular.ts";

/** Puts what a `let` statement names into the scope's environment. A tabular one is lowered anew at each use. */
export function lowerLet(statement: SyntaxNode, scope: Scope): void {
  if (kindOf(statement) === "SetOptionStatement") {
    lowerSet(statement, scope);
    return;
  }
  if (kindOf(statement) !== "LetStatement") refuseStatement(statement);
  const name = need(statement, "Name").SimpleName ?? "";
  const value = need(statement, "Expression");
  const { names } = scope.environment;
  // What the value itself sees is what was declared before it, so a name may be declared again with its old value.
  const environment = { names: new Map(names), outer: scope.environment.outer };
  const before: Scope = { ...scope, environment };
  if (kindOf(value) === "FunctionDeclaration") {
    names.set(name, { kind: "function", declaration: value, environment });
    return;
  }
  if (kindOf(value) === "MaterializeExpression") {
    let kept: Relation | null = null;
    // Computed once for the query, wherever the name is used.
    const lower = (): Relation => {
      kept ??= lowerTabular(value, before);
      return aliased(scope, kept);
    };
    names.set(name, { kind: "relation", lower });
    return;
  }
  if (isTabular(value)) {
    names.set(name, { kind: "relation", lower: () => lowerTabular(value, before) });
    return;
  }
  const expr = lowerExpression(value, before);
  names.set(name, { kind: "scalar", expr: expr.isVolatile === true ? evaluatedOnce(expr, scope) : expr });
}

function evaluatedOnce(expr: ReturnType<typeof lowerExpression>, scope: Scope): typeof expr {
  scope.query.nextName += 1;
  const name = `"once$${scope.query.nextName}"`;
  scope.query.commonTables.push(`${name} AS MATERIALIZED (SELECT ${expr.sql} AS v)`);
  return { sql: `(SELECT v FROM ${name})`, type: expr.type, nullable: expr.nullable };
}

/** Options that change no row of the answer, or that only ever lift a limit. */
const HARMLESS_OPTIONS =
  /^(notruncation|norequesttimeout|best_effort|query_results_cache_\w+|queryconsistency|servertimeout|query_datascope|query_language|request_\w+|maxmemoryconsumption\w*)$/;

function lowerSet(statement: SyntaxNode, scope: Scope): void {
  const name = need(statement, "Name").SimpleName ?? "";
  const clause = part(statement, "ValueClause");
  if (/^query_bin_auto_(size|at)$/.test(name) && clause !== null) {
    scope.query.options.set(name, lowerExpression(need(clause, "Expression"), { ...scope, row: null }));
    return;
  }
  if (!HARMLESS_OPTIONS.test(name))
    refuse(statement, `The option '${name}' is not supported by the embedded engine`, "unknown");
}

function refuseStatement(statement: SyntaxNode): never {
  const word = textOf(statement).split(/\s+/, 2).join(" ");
  const elsewhere = /^(alias|declare query_parameters)/.test(word) ? "refused_there_too" : "unknown";
  return refuse(statement, `The statement '${word}' is not supported by the embedded engine`, elsewhere);
}
