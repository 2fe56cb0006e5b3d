import type { KqlType } from "../../kql/tables/table-schema.ts";
import { coerce } from "../lowering/coerce.ts";
import type { CallContext, Expr } from "../lowering/expression-types.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";
import { textAs } from "./text-as.ts";

/** A function that brings its arguments to fixed types and is one SQL expression over them. */
export type PlainRow = {
  readonly name: string;
  /** The KQL type each argument is brought to. */
  readonly args: readonly KqlType[];
  /** SQL of the arguments that may be left out, for the last ones of `args`. */
  readonly defaults?: readonly string[];
  /** The type of `sql`'s value; it is brought to the binder's result type where that differs. */
  readonly gives: KqlType;
  readonly sql: (...args: string[]) => string;
  readonly isTotal?: boolean;
  readonly isVolatile?: boolean;
  readonly note: string;
};

/** Makes the registry row of a plain function. Its test bears the function's name. */
export function plain(row: PlainRow): ScalarFunction {
  const { name, args: types, defaults = [], gives, sql, note, isTotal, isVolatile } = row;
  return {
    name,
    arity: [types.length - defaults.length, types.length],
    lower: (args, { resultType }) => {
      const texts = types.map((type, index) => {
        const given = args[index];
        return given === undefined
          ? (defaults[index - types.length + defaults.length] ?? "NULL")
          : argument(given, type);
      });
      return fit(once(texts, sql), gives, resultType);
    },
    ...(isTotal === true || gives === "string" ? { isTotal: true } : {}),
    ...(isVolatile === true ? { isVolatile } : {}),
    note,
    test: name,
  };
}

/** The same function under another name that Kusto also knows. */
export function alias(name: string, row: ScalarFunction): ScalarFunction {
  return { ...row, name, note: `The same as \`${row.name}\`.` };
}

/** An argument's SQL in the form of a type; a real given for a whole number loses its fraction, what does not fit is null. */
export function argument(expr: Expr, type: KqlType): string {
  const isReal = expr.type === "real" || expr.type === "decimal";
  if ((type === "long" || type === "int") && isReal) return `kql_real_to_long((${expr.sql})::DOUBLE)`;
  if (type === "int" && expr.type === "long") return `TRY_CAST((${expr.sql}) AS INTEGER)`;
  const isStored = expr.shred !== undefined || expr.text !== undefined || expr.literal !== undefined;
  if (expr.type === "dynamic" && type !== "dynamic" && type !== "string" && !isStored) {
    return once([`kql_dyn_text(${expr.sql})`], (text) => textAs(text, type));
  }
  return coerce(expr, type);
}

/** SQL of one type in the form of the binder's result type. */
export function fit(sql: string, from: KqlType, to: KqlType): string {
  return from === to ? sql : argument({ sql, type: from, nullable: true }, to);
}

/** The text of an argument that must be a string literal, else a refusal. */
export function literalText(expr: Expr | undefined, what: string, { refuse }: CallContext): string {
  return expr?.literal?.kind === "string" ? expr.literal.value : refuse(`needs ${what} written as a text in the query`);
}

/** The nth argument; arity was checked before. */
export function nth(args: readonly Expr[], index: number): Expr {
  const found = args[index];
  if (found === undefined) throw new Error(`The call has no argument ${index + 1}; its arity was not checked.`);
  return found;
}
