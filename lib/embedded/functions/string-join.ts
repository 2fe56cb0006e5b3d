import { asText, coerce } from "../lowering/coerce.ts";
import type { CallContext, Expr } from "../lowering/expression-types.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";
import { alias, argument, nth, plain } from "./rows.ts";

const strcatArray = plain({
  name: "strcat_array",
  args: ["dynamic", "string"],
  gives: "string",
  sql: (array, delimiter) => `coalesce(array_to_string(kql_texts(${array}), ${delimiter}), '')`,
  note: "A null element is written as nothing.",
});

const makeString: ScalarFunction = {
  name: "unicode_codepoints_to_string",
  arity: [1, 64],
  lower: (args) => {
    const lists = args.map((arg) =>
      arg.type === "dynamic" ? `kql_whole_numbers(${arg.sql})` : `[${argument(arg, "long")}]`,
    );
    return lists.length === 1
      ? `kql_text_of_points(${lists[0]})`
      : `kql_text_of_points(flatten([${lists.join(", ")}]))`;
  },
  isTotal: true,
  note: "Numbers or arrays of numbers; what is no code point gives the empty string.",
  test: "unicode_codepoints_to_string",
};

/** Functions that put texts together and take them apart at a delimiter. */
export const joinFunctions: readonly ScalarFunction[] = [
  {
    name: "strcat",
    arity: [1, 64],
    lower: (args) => `(${args.map((arg) => text(arg)).join(" || ")})`,
    isTotal: true,
    note: "Anything that is no text is written as `tostring` writes it; null adds nothing.",
    test: "strcat",
  },
  {
    name: "strcat_delim",
    arity: [3, 65],
    lower: ([delimiter, ...values]) => {
      const separator = delimiter === undefined ? "''" : text(delimiter);
      return `(${values.map((value) => text(value)).join(` || ${separator} || `)})`;
    },
    isTotal: true,
    note: "The delimiter stands between empty values too.",
    test: "strcat_delim",
  },
  strcatArray,
  alias("array_strcat", strcatArray),
  {
    name: "split",
    arity: [2, 3],
    lower: splitText,
    isTotal: true,
    note: "An array of strings; with an index, an array of that one piece, or of none.",
    test: "split",
  },
  makeString,
  alias("make_string", makeString),
];

function text(arg: Expr): string {
  return `(${arg.type === "string" ? arg.sql : arg.type === "dynamic" ? coerce(arg, "string") : asText(arg)})`;
}

function splitText(args: readonly Expr[], _call: CallContext): string {
  const index = args[2];
  const place = index === undefined ? "0" : argument(index, "long");
  return once([argument(nth(args, 0), "string"), argument(nth(args, 1), "string"), place], (source, delimiter, at) => {
    const pieces = `kql_split(${source}, ${delimiter})`;
    if (index === undefined) return `to_json(${pieces})`;
    return `to_json(CASE WHEN ${at} < 0 THEN [] ELSE list_slice(${pieces}, ${at} + 1, ${at} + 1) END)`;
  });
}
