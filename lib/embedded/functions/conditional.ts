import { MAX_CASE } from "../../kql/complexity.ts";
import { coerce } from "../lowering/coerce.ts";
import type { CallContext, Expr } from "../lowering/expression-types.ts";
import { SQL_TYPES, sqlNull } from "../lowering/sql-text.ts";
import type { ScalarFunction } from "./function-types.ts";
import { alias, nth } from "./rows.ts";

const iff: ScalarFunction = {
  name: "iff",
  arity: [3, 3],
  lower: (args, call) =>
    `CASE WHEN ${truth(nth(args, 0))} THEN ${coerce(nth(args, 1), call.resultType)} ELSE ${coerce(nth(args, 2), call.resultType)} END`,
  note: "A null condition takes the second value.",
  test: "iff",
};

const isNotNull: ScalarFunction = {
  name: "isnotnull",
  arity: [1, 1],
  lower: (args) => (nth(args, 0).type === "string" ? "true" : `((${presence(nth(args, 0))}) IS NOT NULL)`),
  isTotal: true,
  note: "Always true of a string.",
  test: "isnotnull",
};

const isNotEmpty: ScalarFunction = {
  name: "isnotempty",
  arity: [1, 1],
  lower: (args) => `(NOT ${emptiness(nth(args, 0))})`,
  isTotal: true,
  note: "False of the empty string and of null.",
  test: "isnotempty",
};

/** Functions that choose between values or ask whether there is one; a null condition counts as false. */
export const conditionalFunctions: readonly ScalarFunction[] = [
  iff,
  alias("iif", iff),
  {
    name: "case",
    arity: [3, MAX_CASE],
    lower: lowerCase,
    note: "The first condition that is true decides; a null condition counts as false.",
    test: "case",
  },
  {
    name: "coalesce",
    arity: [2, 64],
    lower: (args, { resultType }) => {
      const values = args.map((arg) => coerce(arg, resultType));
      if (resultType !== "string") return `coalesce(${values.join(", ")})`;
      return `coalesce(${values.map((value) => `nullif(${value}, '')`).join(", ")}, '')`;
    },
    note: "Of strings, the first that is not empty.",
    test: "coalesce",
  },
  {
    name: "isnull",
    arity: [1, 1],
    lower: (args) => (nth(args, 0).type === "string" ? "false" : `((${presence(nth(args, 0))}) IS NULL)`),
    isTotal: true,
    note: "Always false of a string; an empty string is no null.",
    test: "isnull",
  },
  isNotNull,
  alias("notnull", isNotNull),
  {
    name: "isempty",
    arity: [1, 1],
    lower: (args) => emptiness(nth(args, 0)),
    isTotal: true,
    note: "True of the empty string and of null.",
    test: "isempty",
  },
  isNotEmpty,
  alias("notempty", isNotEmpty),
  extreme("max_of", "greatest", "largest"),
  extreme("min_of", "least", "smallest"),
];

function truth(arg: Expr): string {
  return arg.type === "bool" ? arg.sql : coerce(arg, "bool");
}

function lowerCase(args: readonly Expr[], call: CallContext): string {
  if (args.length % 2 === 0) return call.refuse("needs pairs of a condition and a value, and a last value");
  const branches: string[] = [];
  for (let index = 0; index + 1 < args.length; index += 2) {
    branches.push(`WHEN ${truth(nth(args, index))} THEN ${coerce(nth(args, index + 1), call.resultType)}`);
  }
  return `CASE ${branches.join(" ")} ELSE ${coerce(nth(args, args.length - 1), call.resultType)} END`;
}

/** What is null exactly where the value is; the text of a dynamic is cheaper than its value. */
function presence(arg: Expr): string {
  return arg.text ?? arg.sql;
}

function emptiness(arg: Expr): string {
  if (arg.type === "string") return `(${arg.sql} = '')`;
  if (arg.type === "dynamic") return `(coalesce(${arg.text ?? `kql_dyn_text(${arg.sql})`}, '') = '')`;
  return `((${arg.sql}) IS NULL)`;
}

function extreme(name: string, sql: string, word: string): ScalarFunction {
  return {
    name,
    arity: [2, 64],
    lower: (args, call) => {
      const { resultType } = call;
      if (resultType === "dynamic") return call.refuse("compares values of one scalar type here");
      const values = args.map((arg) => (arg.literal?.kind === "null" ? sqlNull(resultType) : coerce(arg, resultType)));
      return resultType === "string"
        ? `${sql}(${values.join(", ")})`
        : `${sql}(${values.map((value) => `(${value})::${SQL_TYPES[resultType]}`).join(", ")})`;
    },
    note: `The ${word} value; a null is left out unless all are null.`,
    test: name,
  };
}
