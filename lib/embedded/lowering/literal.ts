import { readDatetime } from "../../kql/read-datetime.ts";
import { readTimespan } from "../../kql/read-timespan.ts";
import { part, type SyntaxNode, textOf } from "../../kql/syntax.ts";
import type { KqlType } from "../../kql/tables/table-schema.ts";
import type { Expr, LiteralValue } from "./expression-types.ts";
import { sqlNull, sqlString, sqlTimestamp } from "./sql-text.ts";

/**
 * A literal from its own text: the language service's values are wrong for hexadecimal numbers, `real(nan)` and timespans.
 * Returns null for a text that is no value of the type.
 */
export function readLiteral(node: SyntaxNode, type: KqlType): Expr | null {
  if (type === "string") return literalExpr({ kind: "string", value: String(node.LiteralValue ?? "") }, "string");
  // The token's own text: the node's is put together by walking the whole tree.
  const text = unwrap(part(node, "Token")?.Text ?? textOf(node));
  if (text === "null" || text === "") return literalExpr({ kind: "null" }, type);
  const value = VALUE_READERS[type]?.(text) ?? null;
  return value === null ? null : literalExpr(value, type);
}

/** The SQL of a constant. */
export function literalExpr(value: LiteralValue, type: KqlType): Expr {
  return { sql: literalSql(value, type), type, nullable: value.kind === "null" && type !== "string", literal: value };
}

/** `long(5)` → `5`, `datetime("2026-01-01")` → `2026-01-01`. */
function unwrap(text: string): string {
  const call = /^[a-z_]\w*\s*\(([\s\S]*)\)$/i.exec(text);
  const inner = (call?.[1] ?? text).trim();
  const quoted = /^@?(["'])([\s\S]*)\1$/.exec(inner);
  return quoted?.[2] ?? inner;
}

const integer = (text: string): LiteralValue | null => {
  const match = /^([+-])?\s*(0x[\da-f]+|\d+)$/i.exec(text);
  if (match?.[2] === undefined) return null;
  const size = BigInt.asIntN(64, BigInt(match[2]));
  return { kind: "integer", value: match[1] === "-" ? -size : size };
};

const real = (text: string): LiteralValue | null => {
  const special = /^([+-])?(inf|infinity|nan)$/i.exec(text);
  if (special !== null) {
    const value = special[2]?.toLowerCase() === "nan" ? Number.NaN : special[1] === "-" ? -Infinity : Infinity;
    return { kind: "number", value, text };
  }
  const value = Number(text.replace(/\s/g, ""));
  return Number.isNaN(value) ? null : { kind: "number", value, text: text.replace(/\s/g, "") };
};

const VALUE_READERS: Partial<Record<KqlType, (text: string) => LiteralValue | null>> = {
  bool: (text) =>
    /^(true|1)$/i.test(text)
      ? { kind: "bool", value: true }
      : /^(false|0)$/i.test(text)
        ? { kind: "bool", value: false }
        : null,
  int: integer,
  long: integer,
  real,
  decimal: real,
  datetime: (text) => {
    const ticks = readDatetime(text);
    return ticks === null ? null : { kind: "datetime", ticks };
  },
  timespan: (text) => {
    const ticks = readTimespan(text);
    return ticks === null ? null : { kind: "timespan", ticks };
  },
  guid: (text) => (/^[\da-f-]{32,36}$/i.test(text) ? { kind: "string", value: text.toLowerCase() } : null),
};

function literalSql(value: LiteralValue, type: KqlType): string {
  switch (value.kind) {
    case "null":
      return sqlNull(type);
    case "bool":
      return String(value.value);
    case "integer":
      if (type === "real") return `${value.value}::DOUBLE`;
      if (type === "decimal") return `${value.value}::DECIMAL(38,18)`;
      return type === "int" ? `(${value.value})::INTEGER` : bigint(value.value);
    case "number":
      if (type === "decimal") return `'${value.text}'::DECIMAL(38,18)`;
      return Number.isFinite(value.value) ? `'${value.text}'::DOUBLE` : `'${value.value}'::DOUBLE`;
    case "string":
      return type === "guid" ? `${sqlString(value.value)}::UUID` : sqlString(value.value);
    case "datetime":
      return sqlTimestamp(value.ticks);
    case "timespan":
      return bigint(value.ticks);
    case "dynamic":
      return `${sqlString(value.json)}::JSON`;
  }
}

/** The smallest BIGINT has no literal of its own: 9223372036854775808 does not fit before the sign is read. */
function bigint(value: bigint): string {
  return value < 0n ? `('${value}'::BIGINT)` : `${value}::BIGINT`;
}
