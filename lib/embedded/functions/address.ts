import { asDynamic } from "../lowering/coerce.ts";
import type { CallContext, Expr } from "../lowering/expression-types.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";
import { argument, nth, plain } from "./rows.ts";
import { script } from "./script-rows.ts";

/** Functions over IPv4 and IPv6 addresses as texts, with or without a prefix length. */
export const ipFunctions: readonly ScalarFunction[] = [
  plain({
    name: "parse_ipv4",
    args: ["string"],
    gives: "long",
    sql: (t) => `(kql_ipv4(${t})).v`,
    note: "The network's address where a prefix is given; null for what is no address.",
  }),
  plain({
    name: "parse_ipv4_mask",
    args: ["string", "long"],
    gives: "long",
    sql: (t, p) => `CASE WHEN ${p} BETWEEN 0 AND 32 THEN kql_mask4((kql_ipv4(${t})).v, ${p}) END`,
    note: "The shorter of the two prefixes counts.",
  }),
  compare("ipv4_compare", (sql) => sql, "0, 1 or -1 under the shortest of the prefixes; null for what is no address."),
  compare("ipv4_is_match", (sql) => `(${sql} = 0)`, "Under the shortest of the prefixes; null for what is no address."),
  plain({
    name: "ipv4_is_private",
    args: ["string"],
    gives: "bool",
    sql: (t) => `kql_ipv4_private(kql_ipv4(${t}))`,
    note: "10/8, 172.16/12 and 192.168/16; null for what is no address.",
  }),
  plain({
    name: "ipv4_is_in_range",
    args: ["string", "string"],
    gives: "bool",
    sql: (t, range) => `(kql_ipv4_compare(kql_ipv4(${t}), kql_ipv4(${range}), 32) = 0)`,
    note: "Null for what is no address.",
  }),
  inAnyRange("ipv4_is_in_any_range", (t, range) => `(kql_ipv4_compare(kql_ipv4(${t}), kql_ipv4(${range}), 32) = 0)`),
  plain({
    name: "ipv4_netmask_suffix",
    args: ["string"],
    gives: "long",
    sql: (t) => `(kql_ipv4(${t})).p`,
    note: "32 without a prefix; null for what is no address.",
  }),
  format("format_ipv4", (value) => `kql_ipv4_text(${value}.v)`, "The empty string for what is no address."),
  format(
    "format_ipv4_mask",
    (value) => `kql_ipv4_text(${value}.v) || '/' || ${value}.p`,
    "With the prefix; the empty string for what is no address.",
  ),
  search("has_ipv4", "string", (found, wanted) => `list_contains(${found}, ${wanted})`),
  search(
    "has_ipv4_prefix",
    "string",
    (found, wanted) => `(len(list_filter(${found}, lambda t_prefix: ${startsAddress("t_prefix", wanted)})) > 0)`,
  ),
  search("has_any_ipv4", "list", (found, wanted) => `list_has_any(${found}, ${wanted})`),
  search("has_any_ipv4_prefix", "list", (found, wanted) => {
    const matches = `len(list_filter(${wanted}, lambda w_prefix: ${startsAddress("t_prefix", "w_prefix")})) > 0`;
    return `(len(list_filter(${found}, lambda t_prefix: ${matches})) > 0)`;
  }),
  {
    ...script(
      "parse_ipv6",
      [1, 1],
      "All eight groups of four digits; an IPv4 address as ::ffff:a.b.c.d; the empty string for what is no address.",
    ),
    isTotal: true,
  },
  script("ipv6_compare", [2, 2], "Without the third argument; IPv4 addresses count as ::ffff:a.b.c.d."),
  script("ipv6_is_match", [2, 2], "Without the third argument; IPv4 addresses count as ::ffff:a.b.c.d."),
  script("ipv6_is_in_range", [2, 2], "Null for what is no address."),
  script("ipv6_is_in_any_range", [2, 64], "Ranges one by one or as an array; a range that is none is left out."),
];

function compare(name: string, wrap: (sql: string) => string, note: string): ScalarFunction {
  return plain({
    name,
    args: ["string", "string", "long"],
    defaults: ["32"],
    gives: name === "ipv4_compare" ? "long" : "bool",
    sql: (a, b, prefix) => wrap(`kql_ipv4_compare(kql_ipv4(${a}), kql_ipv4(${b}), ${prefix})`),
    note,
  });
}

function inAnyRange(name: string, test: (address: string, range: string) => string): ScalarFunction {
  return {
    name,
    arity: [2, 64],
    lower: (args) =>
      once(
        [argument(nth(args, 0), "string"), textList(args.slice(1))],
        (address, ranges) =>
          `coalesce(list_bool_or(list_transform(${ranges}, lambda r_any: ${test(address, "r_any")})), false)`,
      ),
    note: "Ranges one by one or as an array; a range that is none is left out.",
    test: name,
  };
}

function format(name: string, write: (value: string) => string, note: string): ScalarFunction {
  return {
    name,
    arity: [1, 2],
    lower: (args) => {
      const value = nth(args, 0);
      const isText = value.type === "string" || value.type === "dynamic";
      const address = isText
        ? `kql_ipv4(${argument(value, "string")})`
        : `CASE WHEN (${argument(value, "long")}) BETWEEN 0 AND 4294967295 THEN {'v': (${argument(value, "long")})::BIGINT, 'p': 32} END`;
      const prefix = args[1] === undefined ? "32" : argument(args[1], "long");
      const masked = `list_transform([${address}], lambda a_format: CASE WHEN a_format IS NOT NULL AND ${prefix} BETWEEN 0 AND 32
        THEN {'v': kql_mask4(a_format.v, least(a_format.p, ${prefix})::BIGINT), 'p': least(a_format.p, ${prefix})} END)`;
      return `coalesce(list_transform(${masked}, lambda m_format: ${write("m_format")})[1], '')`;
    },
    isTotal: true,
    note,
    test: name,
  };
}

function search(
  name: string,
  kind: "string" | "list",
  test: (found: string, wanted: string) => string,
): ScalarFunction {
  return {
    name,
    arity: kind === "string" ? [2, 2] : [2, 64],
    lower: (args: readonly Expr[], _call: CallContext) => {
      const wanted = kind === "string" ? argument(nth(args, 1), "string") : textList(args.slice(1));
      return once(
        [`kql_ipv4s_in(${argument(nth(args, 0), "string")})`, wanted],
        (found, what) => `coalesce(${test(found, what)}, false)`,
      );
    },
    isTotal: true,
    note: "The address must stand alone: no letter or digit touches it.",
    test: name,
  };
}

/** A prefix is whole octets with a dot at its end, or a whole address. */
function startsAddress(address: string, prefix: string): string {
  return `starts_with(${address}, ${prefix}) AND (ends_with(${prefix}, '.') OR ${address} = ${prefix})`;
}

function textList(args: readonly Expr[]): string {
  const lists = args.map((arg) =>
    arg.type === "dynamic" ? `coalesce(kql_texts(${asDynamic(arg)}), [])` : `[${argument(arg, "string")}]`,
  );
  return lists.length === 1 ? (lists[0] ?? "[]") : `list_concat(${lists.join(", ")})`;
}
