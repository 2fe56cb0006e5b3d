import { need, parts, type SyntaxNode, textOf } from "../../../kql/syntax.ts";
import { kindOf } from "../../../kql/syntax-kinds.ts";
import { KQL_TYPES, type KqlType } from "../../../kql/tables/table-schema.ts";
import { asText, coerce } from "../coerce.ts";
import { lowerExpression } from "../expression.ts";
import { type Column, derived, type Relation } from "../relation.ts";
import { freshName, refuse, resultColumns, type Scope } from "../scope.ts";
import { sqlNull, sqlString } from "../sql-text.ts";
import { escapeRegex } from "../text-operators.ts";
import type { TabularOperator } from "./operator-types.ts";
import { namedParameter } from "./parameters.ts";

export const parseOperators: readonly TabularOperator[] = [
  {
    name: "parse",
    kind: "ParseOperator",
    isSource: false,
    lower: (node, scope, input) => lowerParse(node, scope, input, false),
    note: "kind=simple, relaxed and regex with its flags. A row that does not match keeps empty values.",
    test: "parse",
  },
  {
    name: "parse-where",
    kind: "ParseWhereOperator",
    isSource: false,
    lower: (node, scope, input) => lowerParse(node, scope, input, true),
    note: "Rows that do not match are dropped.",
    test: "parse-where",
  },
];

/** A column that a parse step makes, with the field of the match it comes from. */
export type Capture = { readonly name: string; readonly type: KqlType; readonly field: string };

function lowerParse(node: SyntaxNode, scope: Scope, input: Relation, dropsRows: boolean): Relation {
  const kind = namedParameter(node, "kind") ?? "simple";

  const { pattern, captures } = patternOf(node, kind, namedParameter(node, "flags") ?? "");
  const text = asText(lowerExpression(need(node, "Expression"), { ...scope, row: input }));
  const [source, matched] = [freshName(scope.query, "text"), freshName(scope.query, "match")];
  const fields = captures.map(({ field }) => sqlString(field)).join(", ");
  const regex = sqlString(pattern);
  const extracted = captures.length === 0 ? "" : `, regexp_extract(${source}, ${regex}, [${fields}]) AS ${matched}`;
  const isMatch = freshName(scope.query, "matches");
  const texts = `(SELECT *, regexp_matches(${source}, ${regex}) AS ${isMatch}${extracted} FROM (SELECT *, ${text} AS ${source} FROM ${input.from}))`;
  const values = captures.map((capture) => ({ ...capture, sql: freshName(scope.query, capture.name) }));
  const typed = values.map(
    ({ type, field, sql }) => `${capturedValue(`${matched}.${field}`, type, isMatch)} AS ${sql}`,
  );
  // In simple mode one value that is not of its type means that the row does not match at all.
  const strict = kind === "relaxed" ? [] : values.filter(({ type }) => type !== "string");
  const valid = [isMatch, ...strict.map(({ sql }) => `${sql} IS NOT NULL`)].join(" AND ");
  const converted = `(SELECT *${typed.length === 0 ? "" : `, ${typed.join(", ")}`} FROM ${texts})`;
  const final = values.map((value) => ({ ...value, final: freshName(scope.query, value.name) }));
  const kept = final.map(
    ({ sql, type, final: target }) => `CASE WHEN ${valid} THEN ${sql} ELSE ${sqlNull(type)} END AS ${target}`,
  );
  const where = dropsRows ? ` WHERE ${valid}` : "";
  const select = `SELECT *${kept.length === 0 ? "" : `, ${kept.join(", ")}`} FROM ${converted}${where}`;
  const made = final.map(({ name, type, final: sql }): Column => ({ name, type, sql, nullable: type !== "string" }));
  return { ...input, from: derived(scope.query, select), columns: withMade(node, input, made), rowNumber: undefined };
}

/** The step's columns: those it makes, and the input's others. */
export function withMade(node: SyntaxNode, input: Relation, made: readonly Column[]): Column[] {
  return resultColumns(node).map(
    ({ name }) =>
      made.find((column) => column.name === name) ??
      input.columns.find((column) => column.name === name) ??
      refuse(node, `The column '${name}' is lost`, "unknown"),
  );
}

/** SQL of a captured text in the column's type. */
export function capturedValue(text: string, type: KqlType, isMatch: string): string {
  if (type === "string") return `CASE WHEN ${isMatch} THEN ${text} ELSE '' END`;
  if (type === "dynamic") return `kql_parse_json(${text})`;
  return coerce({ sql: `to_json(${text})`, type: "dynamic", nullable: true }, type);
}

/** The pattern as one regular expression; every captured column is a group of its own. */
function patternOf(node: SyntaxNode, mode: string, flags: string): { pattern: string; captures: Capture[] } {
  const isRegex = mode === "regex";
  const captures: Capture[] = [];
  const items = parts(node, "Patterns");
  const pieces = items.map((item, index) => {
    const kind = kindOf(item);
    const isLast = index === items.length - 1;
    if (kind === "StarExpression") return isRegex ? ".*" : isLast ? ".*" : ".*?";
    if (kind === "StringLiteralExpression" || kind === "CompoundStringLiteralExpression") {
      const text = String(item.LiteralValue ?? "");
      return isRegex ? `(?:${withoutGroups(text)})` : escapeRegex(text);
    }
    const capture = captureOf(item, captures.length);
    captures.push(capture);
    if (isRegex) return regexGroup(capture.type);
    const next = items[index + 1];
    const isOpen = next !== undefined && kindOf(next) === "StarExpression";
    if (mode === "relaxed" && !isOpen) return isLast ? "(.*)" : "(.*?)";
    // Before a star only the value itself says where it ends.
    const value = plainGroup(capture.type, isOpen) ?? (isLast ? "(.*)" : "(.*?)");
    return mode === "relaxed" ? `${value}?` : value;
  });
  const modes = `s${isRegex ? flags.replace(/[^imsU]/g, "") : ""}`;
  return { pattern: `(?${[...new Set(modes)].join("")})^${pieces.join("")}$`, captures };
}

function plainGroup(type: KqlType, isOpen: boolean): string | null {
  if (type === "int" || type === "long") return String.raw`\s*([+-]?\d+)`;
  if (type === "real" || type === "decimal") return String.raw`\s*([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)`;
  if (!isOpen) return null;
  if (type === "bool") return "(true|false)";
  return type === "datetime" ? String.raw`(\d+[-/]\d+[-/]\d+(?:[T ][\d:.]+)?Z?)` : null;
}

/** A regular expression's own groups must not shift the numbers of ours. */
function withoutGroups(text: string): string {
  return text.replace(/\\.|\[(?:\\.|[^\]\\])*\]|\((?!\?)/gs, (piece) => (piece === "(" ? "(?:" : piece));
}

function regexGroup(type: KqlType): string {
  if (type === "int" || type === "long") return String.raw`\s*([+-]?\d+)\s*`;
  if (type === "real" || type === "decimal") return String.raw`\s*([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)\s*`;
  return "(.*)";
}

/** The column that a declaration names, with its type. */
export function captureOf(item: SyntaxNode, index: number): Capture {
  const field = `c${index}`;
  if (kindOf(item) === "NameDeclaration") return { name: item.SimpleName ?? textOf(item), type: "string", field };
  const name = need(item, "Name");
  const type = textOf(need(item, "Type"))
    .replace(/^double$/, "real")
    .replace(/^date$/, "datetime")
    .replace(/^time$/, "timespan");
  return { name: name.SimpleName ?? textOf(name), type: scalarType(type), field };
}

function scalarType(name: string): KqlType {
  return KQL_TYPES.find((type) => type === name) ?? "string";
}
