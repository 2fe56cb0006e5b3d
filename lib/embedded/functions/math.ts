import type { CallContext, Expr } from "../lowering/expression-types.ts";
import { SQL_TYPES } from "../lowering/sql-text.ts";
import { binFunctions } from "./bin.ts";
import { bitFunctions } from "./bits.ts";
import type { ScalarFunction } from "./function-types.ts";
import { argument, fit, nth, plain } from "./rows.ts";

/** Arithmetic functions; what has no value (logarithm of a negative number) is null or NaN as in KQL. */
export const mathFunctions: readonly ScalarFunction[] = [
  {
    name: "abs",
    arity: [1, 1],
    lower: (args, { resultType }) => `abs((${argument(nth(args, 0), resultType)})::${SQL_TYPES[resultType]})`,
    note: "Of a number or a timespan.",
    test: "abs",
  },
  real("sqrt", (x) => `kql_sqrt(${x})`, "Of a negative number: null."),
  real("exp", (x) => `exp(${x})`, "e to the power."),
  real("exp2", (x) => `pow(2.0::DOUBLE, ${x})`, "2 to the power."),
  real("exp10", (x) => `pow(10.0::DOUBLE, ${x})`, "10 to the power."),
  real("log", (x) => `kql_ln(${x})`, "Natural; of zero -Infinity, of a negative number null."),
  real("log2", (x) => `kql_log2(${x})`, "Of zero -Infinity, of a negative number null."),
  real("log10", (x) => `kql_log10(${x})`, "Of zero -Infinity, of a negative number null."),
  real("sin", (x) => `kql_of_finite(${x}, sin(${x}))`, "Radians."),
  real("cos", (x) => `kql_of_finite(${x}, cos(${x}))`, "Radians."),
  real("tan", (x) => `kql_of_finite(${x}, tan(${x}))`, "Radians."),
  real("cot", (x) => `kql_of_finite(${x}, 1 / tan(${x}))`, "Radians."),
  real("asin", (x) => `CASE WHEN abs(${x}) <= 1 THEN asin(${x}) END`, "Outside -1 to 1: null."),
  real("acos", (x) => `CASE WHEN abs(${x}) <= 1 THEN acos(${x}) END`, "Outside -1 to 1: null."),
  real("atan", (x) => `atan(${x})`, "Radians."),
  plain({
    name: "atan2",
    args: ["real", "real"],
    gives: "real",
    sql: (y, x) => `atan2(${y}, ${x})`,
    note: "The angle of (x, y); y comes first.",
  }),
  real("degrees", (x) => `(${x} * (180 / pi()))`, "From radians."),
  real("radians", (x) => `(${x} * (pi() / 180))`, "From degrees."),
  plain({ name: "pi", args: [], gives: "real", sql: () => "pi()", isTotal: true, note: "3.141592653589793." }),
  plain({
    name: "pow",
    args: ["real", "real"],
    gives: "real",
    sql: (x, y) => `pow(${x}, ${y})`,
    note: "A fraction of a negative number is NaN.",
  }),
  real("gamma", (x) => `gamma(${x})`, "The gamma function."),
  real("loggamma", (x) => `CASE WHEN ${x} > 0 THEN lgamma(${x}) END`, "Of zero and below: null."),
  {
    name: "sign",
    arity: [1, 1],
    lower: (args, { resultType }) => fit(`(sign(${nth(args, 0).sql}))::BIGINT`, "long", resultType),
    note: "-1, 0 or 1.",
    test: "sign",
  },
  {
    name: "round",
    arity: [1, 2],
    lower: lowerRound,
    note: "Halves away from zero; a negative precision rounds before the point.",
    test: "round",
  },
  {
    name: "ceiling",
    arity: [1, 1],
    lower: (args, { resultType }) =>
      nth(args, 0).type === "decimal"
        ? fit(`ceil(${nth(args, 0).sql})::DECIMAL(38,18)`, "decimal", resultType)
        : fit(`ceil(${argument(nth(args, 0), "real")})`, "real", resultType),
    note: "The smallest whole number that is not below.",
    test: "ceiling",
  },
  {
    name: "isnan",
    arity: [1, 1],
    lower: (args) => `coalesce(isnan(${argument(nth(args, 0), "real")}), false)`,
    isTotal: true,
    note: "False of null.",
    test: "isnan",
  },
  {
    name: "isinf",
    arity: [1, 1],
    lower: (args) => `coalesce(isinf(${argument(nth(args, 0), "real")}), false)`,
    isTotal: true,
    note: "Positive or negative; false of null.",
    test: "isinf",
  },
  {
    name: "isfinite",
    arity: [1, 1],
    lower: (args) => `coalesce(isfinite(${argument(nth(args, 0), "real")}), false)`,
    isTotal: true,
    note: "Neither infinite nor NaN; false of null.",
    test: "isfinite",
  },
  {
    name: "rand",
    arity: [0, 1],
    lower: (args, { resultType }) =>
      args.length === 0 ? "random()" : fit(`floor(random() * ${argument(nth(args, 0), "real")})`, "real", resultType),
    isVolatile: true,
    note: "From 0 up to 1; with a number n, a whole number from 0 to n - 1.",
    test: "rand",
  },
  plain({
    name: "beta_pdf",
    args: ["real", "real", "real"],
    gives: "real",
    sql: (x, a, b) => `kql_beta_pdf(${x}, ${a}, ${b})`,
    note: "NaN outside 0 to 1 and for a parameter that is not positive.",
  }),
  ...binFunctions,
  ...bitFunctions,
];

function real(name: string, sql: (x: string) => string, note: string): ScalarFunction {
  return plain({ name, args: ["real"], gives: "real", sql, note });
}

function lowerRound(args: readonly Expr[], { resultType }: CallContext): string {
  const value = nth(args, 0);
  const precision = args[1] === undefined ? "0" : `(${argument(args[1], "long")})::INTEGER`;
  const isDecimal = value.type === "decimal" && args[1]?.literal !== undefined;
  const rounded = isDecimal
    ? `round(${value.sql}, ${precision})::DECIMAL(38,18)`
    : `round(${argument(value, "real")}, ${precision})`;
  return fit(rounded, isDecimal ? "decimal" : "real", resultType);
}
