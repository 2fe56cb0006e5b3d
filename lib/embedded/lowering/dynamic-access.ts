import { TICKS } from "../../kql/read-datetime.ts";
import { need, part, parts, type SyntaxNode, textOf, typeOfSymbol } from "../../kql/syntax.ts";
import { kindOf } from "../../kql/syntax-kinds.ts";
import { timespanText } from "../encode/encode-cell.ts";
import { asDynamic } from "./coerce.ts";
import { lowerExpression } from "./expression.ts";
import type { Expr, JsonPath } from "./expression-types.ts";
import { literalExpr, readLiteral } from "./literal.ts";
import { columnExpr } from "./relation.ts";
import { refuse, type Scope } from "./scope.ts";
import { sqlString, UNIX_EPOCH_TICKS } from "./sql-text.ts";

/** `d.name`, and `$left.name` in a join's condition. */
export function lowerPath(node: SyntaxNode, scope: Scope): Expr {
  const owner = need(node, "Expression");
  const selector = need(node, "Selector");
  const side = scope.sides?.[textOf(owner) === "$left" ? "left" : "right"];
  if (side !== undefined && /^\$(left|right)$/.test(textOf(owner))) {
    const column = side.columns.find(({ name }) => name === (selector.SimpleName ?? textOf(selector)));
    return column === undefined
      ? refuse(selector, `There is no column '${textOf(selector)}' on this side`, "unknown")
      : columnExpr(column);
  }
  if (kindOf(selector) !== "NameReference")
    return refuse(selector, "This path is not supported by the embedded engine", "unknown");
  return member(lowerExpression(owner, scope), selector.SimpleName ?? textOf(selector));
}

/** `d["name"]`, `d[0]`, `d[-1]`, `d[expression]`. */
export function lowerElement(node: SyntaxNode, scope: Scope): Expr {
  const owner = lowerExpression(need(node, "Expression"), scope);
  const selector = need(node, "Selector");
  const index = lowerExpression(part(selector, "Expression") ?? selector, scope);
  if (index.literal?.kind === "string") return member(owner, index.literal.value);
  const source = jsonTextOf(owner);
  if (index.literal?.kind === "integer") {
    const place = index.literal.value < 0n ? `$[#-${-index.literal.value}]` : `$[${index.literal.value}]`;
    return extracted(source, `'${place}'`);
  }
  return dynamic(
    index.type === "string" ? `kql_dyn_member(${source}, ${index.sql})` : `kql_dyn_at(${source}, ${asIndex(index)})`,
  );
}

function asIndex(index: Expr): string {
  return index.type === "dynamic" ? `kql_text_to_long(kql_dyn_text(${index.sql}))` : `(${index.sql})::BIGINT`;
}

/** One step into a bag; a path that the store keeps as a column of its own is read from there. */
export function member(owner: Expr, name: string): Expr {
  const path: JsonPath | undefined =
    owner.jsonPath === undefined || name === ""
      ? undefined
      : { ...owner.jsonPath, path: [...owner.jsonPath.path, name] };
  const shred = path?.shreds.find((candidate) => samePath(candidate.path, path.path));
  // DuckDB has no path to an empty name, but a JSON pointer to one.
  const pointer = name === "" ? "/" : `$.${JSON.stringify(name)}`;
  if (shred !== undefined && path !== undefined) {
    const { sql, kind, given } = shred;
    if (kind === "json") return { ...dynamic(`(${sql})::JSON`), shred: { sql, kind } };
    return {
      ...dynamic(`kql_dyn(json_extract(${asDynamic(owner)}, ${sqlString(pointer)}))`),
      jsonPath: path,
      shred: { sql, kind, given: given === undefined ? undefined : valueInText(given, pointer) },
    };
  }
  const value = extracted(jsonTextOf(owner), sqlString(pointer));
  return path === undefined ? value : { ...value, text: readTogether(path), jsonPath: path };
}

/** The text at a path, out of the list that is read for all paths of the column at once. */
function readTogether({ path, reader }: JsonPath): string {
  const pointer = `$${path.map((step) => `.${JSON.stringify(step)}`).join("")}`;
  const known = reader.pointers.indexOf(pointer);
  const place = known < 0 ? reader.pointers.push(pointer) : known + 1;
  return `${reader.sql}[${place}]`;
}

/** The text at a path of a stored text that may be null or no JSON. */
function valueInText(text: string, pointer: string): string {
  return `CASE WHEN json_valid(${text}) THEN json_extract_string(${text}, ${sqlString(pointer)}) END`;
}

export function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index]);
}

/** `dynamic(…)`: the literal's value written out as JSON. */
export function lowerDynamicLiteral(node: SyntaxNode): Expr {
  const json = jsonOf(need(node, "Expression"));
  return json === "null" ? literalExpr({ kind: "null" }, "dynamic") : literalExpr({ kind: "dynamic", json }, "dynamic");
}

function jsonOf(node: SyntaxNode): string {
  const kind = kindOf(node);
  if (kind === "JsonObjectExpression") {
    const pairs = parts(node, "Pairs").map((pair) => {
      const name = part(pair, "Name");
      const key = String(name?.LiteralValue ?? name?.ValueText ?? (name === null ? "" : textOf(name)));
      return `${JSON.stringify(key)}:${jsonOf(need(pair, "Value"))}`;
    });
    return `{${pairs.join(",")}}`;
  }
  if (kind === "JsonArrayExpression") return `[${parts(node, "Values").map(jsonOf).join(",")}]`;
  if (kind === "NullLiteralExpression") return "null";
  if (kind === "DynamicExpression" || kind === "ParenthesizedExpression") return jsonOf(need(node, "Expression"));
  if (kind === "UnaryMinusExpression") return `-${jsonOf(need(node, "Expression"))}`;
  if (kind === "CompoundStringLiteralExpression") return JSON.stringify(String(node.LiteralValue ?? ""));
  const literal = readLiteral(node, typeOfSymbol(node.ResultType))?.literal;
  switch (literal?.kind) {
    case "null":
      return "null";
    case "bool":
      return String(literal.value);
    case "integer":
      return String(literal.value);
    case "number":
      return Number.isFinite(literal.value) ? literal.text : JSON.stringify(literal.text);
    case "string":
      return JSON.stringify(literal.value);
    case "datetime":
      return JSON.stringify(datetimeText(literal.ticks));
    case "timespan":
      return JSON.stringify(timespanText(literal.ticks));
    default:
      return refuse(node, `'${textOf(node)}' inside dynamic() is not supported by the embedded engine`, "unknown");
  }
}

/** A date-time inside a dynamic is written with all seven digits of its fraction. */
function datetimeText(ticks: bigint): string {
  const seconds = (ticks - UNIX_EPOCH_TICKS - (ticks % TICKS.second)) / TICKS.second;
  const clock = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return `${clock}.${String(ticks % TICKS.second).padStart(7, "0")}Z`;
}

/** What JSON functions may read: a stored JSON text needs no cast, which would parse it once more. */
function jsonTextOf(owner: Expr): string {
  return owner.shred?.kind === "json" ? owner.shred.sql : asDynamic(owner);
}

function extracted(source: string, path: string): Expr {
  return { ...dynamic(`kql_dyn(json_extract(${source}, ${path}))`), text: `json_extract_string(${source}, ${path})` };
}

function dynamic(sql: string): Expr {
  return { sql, type: "dynamic", nullable: true };
}
