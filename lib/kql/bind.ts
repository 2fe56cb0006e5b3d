import { complexityFault } from "./complexity.ts";
import { globalsFor } from "./globals.ts";
import { kusto } from "./loader.ts";
import { type Position, positionAt } from "./position.ts";
import type { KustoDiagnostic, SyntaxNode } from "./syntax.ts";
import type { TableSchema } from "./tables/table-schema.ts";

/** One complaint of the binder. `offset` and `length` count UTF-16 units from the start of the text. */
export type Diagnostic = {
  readonly severity: "error" | "warning" | "suggestion";
  readonly kind: "syntax" | "semantic";
  /** The binder's own code, such as KS142. */
  readonly code: string;
  readonly message: string;
  readonly offset: number;
  readonly length: number;
  readonly position: Position;
};

export type BindResult =
  | { readonly status: "bound"; readonly tree: SyntaxNode; readonly warnings: readonly Diagnostic[] }
  /** `tree` is what was understood, with errors in it; null when the text was not analysed. */
  | { readonly status: "rejected"; readonly diagnostics: readonly Diagnostic[]; readonly tree: SyntaxNode | null };

/** Text beyond this many characters is refused before the binder sees it: it works on the caller's thread. */
export const MAX_QUERY_LENGTH = 131_072;

/** Codes that always speak about the grammar, also where only the analysis finds them, such as a join without `on`. */
const SYNTAX_CODES = /^KS0\d\d$/;

/** Parses and binds a query against the tables. Never throws: a fault inside the binder is a rejection like any other. */
export function bind(text: string, tables: readonly TableSchema[]): BindResult {
  if (text.length > MAX_QUERY_LENGTH) {
    return rejected(text, `The query has ${text.length} characters; the longest accepted has ${MAX_QUERY_LENGTH}.`);
  }
  const tooComplex = complexityFault(text);
  if (tooComplex !== null) return rejected(text, tooComplex);
  let analysed: { tree: SyntaxNode; diagnostics: readonly Diagnostic[] };
  try {
    analysed = analyse(text, tables);
  } catch {
    // The fault's own stack holds megabytes of generated source, so it goes nowhere.
    return rejected(text, "The query could not be analysed. Simplify it, or split it into smaller steps.");
  }
  const errors = analysed.diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) return { status: "rejected", diagnostics: errors, tree: analysed.tree };
  return { status: "bound", tree: analysed.tree, warnings: analysed.diagnostics };
}

function analyse(
  text: string,
  tables: readonly TableSchema[],
): { tree: SyntaxNode; diagnostics: readonly Diagnostic[] } {
  const code = kusto().KustoCode.ParseAndAnalyze(text, globalsFor(tables));
  const found = code.GetDiagnostics();
  const ofGrammar = code.GetSyntaxDiagnostics();
  const grammar = new Set(Array.from({ length: ofGrammar.Count }, (_, index) => placeOf(ofGrammar.getItem(index))));
  const diagnostics: Diagnostic[] = [];
  for (let index = 0; index < found.Count; index += 1) {
    const item = found.getItem(index);
    const { Code, Severity, Message, Start, Length } = item;
    if (isDocumentedBagUnpack(text, item) || isSecondsOfTimespan(text, item)) continue;
    diagnostics.push({
      severity: Severity === "Error" ? "error" : Severity === "Warning" ? "warning" : "suggestion",
      kind: SYNTAX_CODES.test(Code) || grammar.has(placeOf(item)) ? "syntax" : "semantic",
      code: Code,
      message: Message,
      offset: Start,
      length: Length,
      position: positionAt(text, Start),
    });
  }
  return { tree: code.Syntax, diagnostics };
}

function placeOf({ Code, Start }: KustoDiagnostic): string {
  return `${Code} ${Start}`;
}

/** The binder knows two arguments of bag_unpack, by their place; the service documents four, by place or by name. */
function isDocumentedBagUnpack(text: string, { Code, Message, Start }: KustoDiagnostic): boolean {
  if (Code === "KS119") return Message.includes("'bag_unpack' expects 2 arguments");
  return Code === "KS107" && /\bignoredProperties\s*=\s*$/.test(text.slice(0, Start));
}

/** The binder wants whole seconds of make_timespan; the service documents a real. */
function isSecondsOfTimespan(text: string, { Code, Start, Length }: KustoDiagnostic): boolean {
  if (Code !== "KS134" || !/^\s*\)/.test(text.slice(Start + Length))) return false;
  const [before = ""] = /\bmake_timespan\s*\([^;|]*$/.exec(text.slice(0, Start)) ?? [];
  return splitArguments(before).length >= 3;
}

/** The texts between the outermost commas after an opening parenthesis. */
function splitArguments(call: string): string[] {
  const found = [""];
  let depth = 0;
  for (const character of call.slice(call.indexOf("(") + 1)) {
    depth += character === "(" ? 1 : character === ")" ? -1 : 0;
    if (character === "," && depth === 0) found.push("");
    else found[found.length - 1] += character;
  }
  return found;
}

function rejected(text: string, message: string): BindResult {
  const diagnostic: Diagnostic = {
    severity: "error",
    kind: "semantic",
    code: "",
    message,
    offset: 0,
    length: Math.min(text.length, 1),
    position: { line: 1, column: 1 },
  };
  return { status: "rejected", diagnostics: [diagnostic], tree: null };
}
