import type { KqlType } from "../../kql/tables/table-schema.ts";
import type { CallContext, Expr } from "../lowering/expression-types.ts";
import type { ScalarFunction } from "./function-types.ts";
import { once } from "./once.ts";
import { alias, argument, nth } from "./rows.ts";

const bin: ScalarFunction = {
  name: "bin",
  arity: [2, 2],
  lower: lowerBin,
  note: "Floors, negative values too; null for a size that is not positive. Date-times are counted from 0001-01-01, so weeks start on Monday.",
  test: "bin",
};

/** Functions that round down to a multiple. */
export const binFunctions: readonly ScalarFunction[] = [
  bin,
  alias("floor", bin),
  {
    name: "bin_at",
    arity: [3, 3],
    lower: lowerBinAt,
    note: "Like `bin`, with bins that begin at the fixed point.",
    test: "bin_at",
  },
];

function lowerBin(args: readonly Expr[], call: CallContext): string {
  const [value, size] = [nth(args, 0), nth(args, 1)];
  if (call.resultType === "datetime") {
    return `kql_bin_datetime(${argument(value, "datetime")}, ${argument(size, "timespan")})`;
  }
  const type = binType(call.resultType);
  return once([argument(value, type), argument(size, type)], (x, width) => {
    if (type === "real") return `kql_bin_real(${x}, ${width})`;
    if (type === "decimal") return `kql_bin_decimal(${x}, ${width})`;
    const binned = `kql_bin_long((${x})::BIGINT, (${width})::BIGINT)`;
    return call.resultType === "int" ? `(${binned})::INTEGER` : binned;
  });
}

function lowerBinAt(args: readonly Expr[], call: CallContext): string {
  const [value, size, fixed] = [nth(args, 0), nth(args, 1), nth(args, 2)];
  if (call.resultType === "datetime") {
    const at = argument(fixed, "datetime");
    return once(
      [argument(value, "datetime"), argument(size, "timespan"), at],
      (x, width, point) => `kql_bin_datetime_at(${x}, ${width}, ${point})`,
    );
  }
  const type = binType(call.resultType);
  return once([argument(value, type), argument(size, type), argument(fixed, type)], (x, width, point) => {
    if (type === "real") return `(${point} + kql_bin_real(${x} - ${point}, ${width}))`;
    if (type === "decimal") return `(${point} + kql_bin_decimal(${x} - ${point}, ${width}))`;
    const binned = `((${point})::BIGINT + kql_bin_long((${x})::BIGINT - (${point})::BIGINT, (${width})::BIGINT))`;
    return call.resultType === "int" ? `${binned}::INTEGER` : binned;
  });
}

function binType(resultType: KqlType): "real" | "decimal" | "timespan" | "long" {
  return resultType === "real" || resultType === "decimal" || resultType === "timespan" ? resultType : "long";
}
