import { columnsOfSymbol } from "../../kql/syntax.ts";
import { asDynamic } from "../lowering/coerce.ts";
import { sqlString } from "../lowering/sql-text.ts";
import type { ScalarFunction } from "./function-types.ts";
import { fit } from "./rows.ts";

/** The row of a function that runs as a script over its arguments' JSON. */
export function script(name: string, arity: readonly [number, number], note: string): ScalarFunction {
  return {
    name,
    arity,
    lower: (args, call) => {
      const json = `json_array(${args.map((arg) => `(${asDynamic(arg)})::JSON`).join(", ")})::VARCHAR`;
      const result = `kql_script(${sqlString(name)}, ${json})::JSON`;
      return columnsOfSymbol(call.node.ResultType).length > 0 ? result : fit(result, "dynamic", call.resultType);
    },
    note,
    test: name,
  };
}
