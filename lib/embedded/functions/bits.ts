import type { ScalarFunction } from "./function-types.ts";
import { plain } from "./rows.ts";

/** Functions over the 64 bits of a long. */
export const bitFunctions: readonly ScalarFunction[] = [
  pair("binary_and", (a, b) => `((${a})::BIGINT & (${b})::BIGINT)`, "Bit by bit."),
  pair("binary_or", (a, b) => `((${a})::BIGINT | (${b})::BIGINT)`, "Bit by bit."),
  pair("binary_xor", (a, b) => `xor((${a})::BIGINT, (${b})::BIGINT)`, "Bit by bit."),
  pair(
    "binary_shift_left",
    (a, b) => `kql_bits_left((${a})::BIGINT, (${b})::BIGINT)`,
    "By n modulo 64; null for a negative n.",
  ),
  pair(
    "binary_shift_right",
    (a, b) => `kql_bits_right((${a})::BIGINT, (${b})::BIGINT)`,
    "Keeps the sign; by n modulo 64; null for a negative n.",
  ),
  plain({
    name: "binary_not",
    args: ["long"],
    gives: "long",
    sql: (a) => `(~(${a})::BIGINT)`,
    note: "Every bit turned.",
  }),
  plain({
    name: "bitset_count_ones",
    args: ["long"],
    gives: "long",
    sql: (a) => `bit_count((${a})::BIGINT)::BIGINT`,
    note: "How many bits are set.",
  }),
];

function pair(name: string, sql: (a: string, b: string) => string, note: string): ScalarFunction {
  return plain({ name, args: ["long", "long"], gives: "long", sql, note });
}
