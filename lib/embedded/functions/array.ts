import { asDynamic } from "../lowering/coerce.ts";
import type { CallContext, Expr } from "../lowering/expression-types.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";
import { alias, argument, nth, plain } from "./rows.ts";

const arrayLength = plain({
  name: "array_length",
  args: ["dynamic"],
  gives: "long",
  sql: (j) => `kql_array_length(${j})`,
  note: "Of anything but an array: null.",
});

const arrayIff: ScalarFunction = {
  name: "array_iff",
  arity: [3, 3],
  lower: (args) => {
    const [yes, no] = [nth(args, 1), nth(args, 2)];
    return once([asDynamic(nth(args, 0)), asDynamic(yes), asDynamic(no)], (condition, whenTrue, whenFalse) => {
      const pick = (value: string) =>
        `CASE WHEN json_type(${value}) = 'ARRAY' THEN kql_items(${value})[i_iff] ELSE ${value} END`;
      const chosen = `CASE kql_choose(e_iff) WHEN true THEN ${pick(whenTrue)} WHEN false THEN ${pick(whenFalse)} END`;
      return `to_json(list_transform(kql_items(${condition}), lambda e_iff, i_iff: ${chosen}))`;
    });
  },
  note: "As long as the conditions; a condition that is neither a boolean nor a number gives null.",
  test: "array_iff",
};

/** Functions that make arrays and cut them. */
export const arrayFunctions: readonly ScalarFunction[] = [
  {
    name: "pack_array",
    arity: [1, 1000],
    lower: (args) => `to_json([${args.map((arg) => `(${asDynamic(arg)})::JSON`).join(", ")}])`,
    isTotal: true,
    note: "Nulls stay in.",
    test: "pack_array",
  },
  arrayLength,
  alias("arraylength", arrayLength),
  {
    name: "array_concat",
    arity: [1, 64],
    lower: (args) => `to_json(list_concat(${args.map((arg) => `kql_items(${asDynamic(arg)})`).join(", ")}))`,
    note: "What is no array adds nothing.",
    test: "array_concat",
  },
  plain({
    name: "array_slice",
    args: ["dynamic", "long", "long"],
    gives: "dynamic",
    sql: (j, first, last) =>
      `to_json(list_transform([kql_items(${j})], lambda l_slice: kql_array_slice(l_slice, ${first}, ${last}))[1])`,
    note: "Both ends included, counted from 0 or, below 0, from the end.",
  }),
  {
    name: "array_split",
    arity: [2, 2],
    lower: (args) => {
      const places = nth(args, 1);
      const list =
        places.type === "dynamic"
          ? `coalesce(kql_whole_numbers(${places.sql}), [(${places.sql} ->> '$')::BIGINT])`
          : `[${argument(places, "long")}]`;
      return once([`kql_items(${asDynamic(nth(args, 0))})`, list], (items, at) => {
        const cuts = `list_concat([0], list_transform(${at}, lambda p_split: kql_place(p_split, len(${items}))), [len(${items})])`;
        return `CASE WHEN ${items} IS NOT NULL THEN to_json(kql_split_at(${items}, ${cuts})) END`;
      });
    },
    note: "Cuts before each place, counted from 0 or, below 0, from the end.",
    test: "array_split",
  },
  {
    name: "array_index_of",
    arity: [2, 5],
    lower: indexOf,
    note: "Counts from 0; -1 where it is not found.",
    test: "array_index_of",
  },
  plain({
    name: "array_reverse",
    args: ["dynamic"],
    gives: "dynamic",
    sql: (j) => `to_json(list_reverse(kql_items(${j})))`,
    note: "Of anything but an array: null.",
  }),
  rotation("array_rotate_left", (n) => n),
  rotation("array_rotate_right", (n) => `-(${n})`),
  shift("array_shift_left", (n) => n),
  shift("array_shift_right", (n) => `-(${n})`),
  arrayIff,
  alias("array_iif", arrayIff),
  plain({
    name: "array_sum",
    args: ["dynamic"],
    gives: "real",
    sql: (j) => `kql_sum_of_numbers(${j})`,
    note: "Null when an element is no number.",
  }),
  {
    name: "zip",
    arity: [2, 64],
    lower: (args) =>
      once(
        args.map((arg) => `kql_items(${asDynamic(arg)})`),
        (...lists) => {
          const size = `greatest(${lists.map((list) => `len(${list})`).join(", ")})`;
          return `to_json(list_transform(range(${size}), lambda i_zip: [${lists.map((list) => `${list}[i_zip + 1]`).join(", ")}]))`;
        },
      ),
    note: "As long as the longest; the shorter ones are filled with nulls.",
    test: "zip",
  },
  {
    name: "repeat",
    arity: [2, 2],
    lower: (args) => {
      const count = argument(nth(args, 1), "long");
      return once(
        [asDynamic(nth(args, 0)), count],
        (value, n) =>
          `CASE WHEN ${n} >= 0 THEN to_json(list_transform(range(least(${n}, 1048576)), lambda i_repeat: ${value})) END`,
      );
    },
    note: "Null for a count below 0; at most 1,048,576 elements.",
    test: "repeat",
  },
  {
    name: "range",
    arity: [2, 3],
    lower: range,
    note: "At most 1,048,576 values. The step of date-times and timespans is an hour unless given.",
    test: "range",
  },
];

function indexOf(args: readonly Expr[], call: CallContext): string {
  const numbers = [args[2], args[3], args[4]].map((arg, index) =>
    arg === undefined ? (["0", "-1", "1"][index] ?? "0") : argument(arg, "long"),
  );
  const value = nth(args, 1);
  if (value.literal?.kind === "null") return call.refuse("needs a value to look for");
  return once(
    [`kql_items(${asDynamic(nth(args, 0))})`, asDynamic(value), ...numbers],
    (items, wanted, start, length, turn) => {
      const first = `CASE WHEN ${start} < 0 THEN greatest(len(${items}) + ${start}, 0) ELSE ${start} END`;
      const past = `CASE WHEN ${length} = -1 THEN len(${items}) ELSE least(len(${items}), ${first} + ${length}) END`;
      const found = `list_filter(range(${first}, greatest(${past}, ${first})), lambda i_of: ${items}[i_of + 1] = ${wanted})`;
      return `CASE WHEN ${items} IS NULL OR ${length} < -1 OR ${turn} < 1 THEN NULL ELSE coalesce(${found}[${turn}], -1) END`;
    },
  );
}

function rotation(name: string, toLeft: (n: string) => string): ScalarFunction {
  return {
    name,
    arity: [2, 2],
    lower: (args) =>
      once(
        [`kql_items(${asDynamic(nth(args, 0))})`, argument(nth(args, 1), "long")],
        (items, n) => `to_json(kql_rotate_left(${items}, ${toLeft(n)}))`,
      ),
    note: "A negative count turns the other way.",
    test: name,
  };
}

function shift(name: string, toLeft: (n: string) => string): ScalarFunction {
  return {
    name,
    arity: [2, 3],
    lower: (args) => {
      const fill = args[2] === undefined ? "NULL::JSON" : `(${asDynamic(args[2])})::JSON`;
      return once(
        [`kql_items(${asDynamic(nth(args, 0))})`, argument(nth(args, 1), "long"), fill],
        (items, n, filler) => `to_json(kql_shift_left(${items}, ${toLeft(n)}, ${filler}))`,
      );
    },
    note: "What moves in is null or the value given.",
    test: name,
  };
}

function range(args: readonly Expr[], call: CallContext): string {
  const [first, last] = [nth(args, 0), nth(args, 1)];
  const isDatetime = first.type === "datetime";
  const isTimespan = first.type === "timespan";
  if (isDatetime || isTimespan) {
    const step = args[2] === undefined ? "36000000000" : argument(args[2], "timespan");
    const type = first.type;
    return once([argument(first, type), argument(last, type), step], (from, to, by) => {
      const [a, b, s] = isDatetime ? [`epoch_us(${from})`, `epoch_us(${to})`, `(${by}) // 10`] : [from, to, by];
      const value = isDatetime
        ? `kql_datetime_text(make_timestamp(${a} + i_range * (${s})))`
        : `kql_timespan_text(${a} + i_range * ${s})`;
      return `CASE WHEN ${by} <> 0 THEN to_json(list_transform(range(kql_range_size(${a}, ${b}, ${s})), lambda i_range: ${value})) END`;
    });
  }
  const isReal = [first, last, args[2]].some((arg) => arg?.type === "real" || arg?.type === "decimal");
  const type = isReal ? "real" : "long";
  const step = args[2] === undefined ? "1" : argument(args[2], type);
  if ([first, last].some((arg) => arg.type === "string" || arg.type === "bool"))
    return call.refuse("counts numbers, date-times and timespans");
  return once([argument(first, type), argument(last, type), step], (from, to, by) => {
    const value = `${from} + i_range * ${by}`;
    return `CASE WHEN ${by} <> 0 THEN to_json(list_transform(range(kql_range_size(${from}, ${to}, ${by})), lambda i_range: ${value})) END`;
  });
}
