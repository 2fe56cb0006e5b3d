import { part, parts, type SyntaxNode, textOf } from "../../kql/syntax.ts";
import { asDynamic } from "../lowering/coerce.ts";
import type { CallContext } from "../lowering/expression-types.ts";
import { sqlString } from "../lowering/sql-text.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";
import { alias, argument, nth, plain } from "./rows.ts";

const bagPack: ScalarFunction = {
  name: "bag_pack",
  arity: [2, 2000],
  lower: (args, call) => {
    if (args.length % 2 !== 0) return call.refuse("needs pairs of a key and a value");
    const entries: string[] = [];
    for (let index = 0; index < args.length; index += 2) {
      entries.push(`${argument(nth(args, index), "string")}, (${asDynamic(nth(args, index + 1))})::JSON`);
    }
    return `json_object(${entries.join(", ")})`;
  },
  isTotal: true,
  note: "Keys in their order; a null value stays as null.",
  test: "bag_pack",
};

/** Functions over property bags. A key that begins with `$.` is a path into bags inside the bag. */
export const bagFunctions: readonly ScalarFunction[] = [
  bagPack,
  alias("pack", bagPack),
  alias("pack_dictionary", bagPack),
  {
    name: "bag_pack_columns",
    arity: [1, 1000],
    lower: (args, call) => {
      const nodes = callArgumentNodes(call.node);
      const entries = args.map((arg, index) => {
        const node = nodes[index];
        return `${sqlString(node?.SimpleName ?? (node === undefined ? "" : textOf(node)))}, (${asDynamic(arg)})::JSON`;
      });
      return `json_object(${entries.join(", ")})`;
    },
    isTotal: true,
    note: "Keys are the columns' names.",
    test: "bag_pack_columns",
  },
  plain({
    name: "bag_keys",
    args: ["dynamic"],
    gives: "dynamic",
    sql: (j) => `CASE WHEN json_type(${j}) = 'OBJECT' THEN to_json(json_keys(${j})) END`,
    note: "Of anything but a bag: null.",
  }),
  {
    name: "bag_merge",
    arity: [2, 64],
    lower: (args) =>
      once(
        [`list_concat(${args.map((arg) => `kql_entries(${asDynamic(arg)})`).join(", ")})`],
        (all) => `CASE WHEN ${all} IS NOT NULL THEN kql_bag_of(kql_first_of_key(${all})) END`,
      ),
    note: "The leftmost value of a key stays; what is no bag adds nothing.",
    test: "bag_merge",
  },
  {
    name: "bag_has_key",
    arity: [2, 2],
    lower: (args, call) => {
      const key = nth(args, 1);
      const bag = asDynamic(nth(args, 0));
      if (key.literal?.kind !== "string")
        return `coalesce(list_contains(json_keys(${bag}), ${argument(key, "string")}), false)`;
      const pointer = pathOf(key.literal.value, call)
        .map((step) => `.${JSON.stringify(step)}`)
        .join("");
      return `coalesce(json_exists(${bag}, ${sqlString(`$${pointer}`)}), false)`;
    },
    isTotal: true,
    note: "A key whose value is null counts.",
    test: "bag_has_key",
  },
  {
    name: "bag_remove_keys",
    arity: [2, 2],
    lower: (args, call) => {
      const keys = nth(args, 1);
      const bag = asDynamic(nth(args, 0));
      const parsed: unknown = keys.literal?.kind === "dynamic" ? JSON.parse(keys.literal.json) : null;
      if (!Array.isArray(parsed))
        return once(
          [bag],
          (j) =>
            `CASE WHEN json_type(${j}) = 'OBJECT' THEN kql_bag_of(kql_without_keys(kql_entries(${j}), kql_texts(${asDynamic(keys)}))) END`,
        );
      return parsed.reduce((sql: string, key: unknown) => without(sql, pathOf(String(key), call)), bag);
    },
    note: "Keys that are not there change nothing.",
    test: "bag_remove_keys",
  },
  {
    name: "bag_set_key",
    arity: [3, 3],
    lower: (args, call) => {
      const key = nth(args, 1);
      const bag = asDynamic(nth(args, 0));
      const value = `(${asDynamic(nth(args, 2))})::JSON`;
      if (key.literal?.kind === "string") return put(bag, pathOf(key.literal.value, call), value);
      return once(
        [bag, argument(key, "string"), value],
        (j, k, v) => `CASE WHEN json_type(${j}) = 'OBJECT' THEN kql_bag_of(kql_put(kql_entries(${j}), ${k}, ${v})) END`,
      );
    },
    note: "Bags missing on the path are made.",
    test: "bag_set_key",
  },
  plain({
    name: "bag_zip",
    args: ["dynamic", "dynamic"],
    gives: "dynamic",
    sql: (keys, values) =>
      `kql_bag_of(kql_first_of_key(list_transform(list_filter(list_transform(kql_items(${keys}), lambda k_zip, i_zip: {'k': k_zip, 'v': kql_items(${values})[i_zip]}),
         lambda p_zip: json_type(p_zip.k) = 'VARCHAR'), lambda q_zip: {'k': q_zip.k ->> '$', 'v': q_zip.v})))`,
    note: "A key without a value gets null; a value without a key and a key that is no text are left out.",
  }),
];

function callArgumentNodes(call: SyntaxNode): SyntaxNode[] {
  const list = part(call, "ArgumentList");
  return list === null ? [] : parts(list, "Expressions");
}

/** `key`, `$.a.b`, `$['a'].b` as the names on the way. */
function pathOf(key: string, call: CallContext): string[] {
  if (!/^\$[.[]/.test(key)) return [key];
  const steps: string[] = [];
  let rest = key.slice(1);
  while (rest !== "") {
    const step = /^\.([A-Za-z_][\w-]*)|^\[(?:'([^']*)'|"([^"]*)")\]/.exec(rest);
    if (step === null) return call.refuse(`cannot read the path '${key}'`);
    steps.push(step[1] ?? step[2] ?? step[3] ?? "");
    rest = rest.slice(step[0].length);
  }
  return steps;
}

function without(bag: string, path: readonly string[]): string {
  const [step = "", ...rest] = path;
  return once([bag], (j) => {
    if (rest.length === 0)
      return `CASE WHEN json_type(${j}) = 'OBJECT' THEN kql_bag_of(kql_without_keys(kql_entries(${j}), [${sqlString(step)}])) ELSE ${j} END`;
    const inner = member(j, step);
    return `CASE WHEN json_type(${inner}) = 'OBJECT' THEN kql_bag_of(kql_put(kql_entries(${j}), ${sqlString(step)}, ${without(inner, rest)})) ELSE ${j} END`;
  });
}

function put(bag: string, path: readonly string[], value: string): string {
  const [step = "", ...rest] = path;
  return once([bag, value], (j, v) => {
    const inside =
      rest.length === 0
        ? v
        : put(
            `CASE WHEN json_type(${member(j, step)}) = 'OBJECT' THEN ${member(j, step)} ELSE '{}'::JSON END`,
            rest,
            v,
          );
    return `CASE WHEN json_type(${j}) = 'OBJECT' THEN kql_bag_of(kql_put(kql_entries(${j}), ${sqlString(step)}, ${inside})) END`;
  });
}

function member(bag: string, name: string): string {
  return `json_extract(${bag}, ${sqlString(`$.${JSON.stringify(name)}`)})`;
}
