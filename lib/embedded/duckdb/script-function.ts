import { DuckDBScalarFunction, VARCHAR } from "@duckdb/node-api";
import { runScript } from "../functions/scripts/scripts.ts";

/**
 * `kql_script(name, arguments)` for SQL: functions over series and whole documents, for which SQL has no words. DuckDB calls
 * it on Node's own thread with about 2,000 rows at a time, so other work goes on between.
 */
export function scriptFunction(): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name: "kql_script",
    parameterTypes: [VARCHAR, VARCHAR],
    returnType: VARCHAR,
    mainFunction: (_info, input, output) => {
      const names = input.getColumnVector(0);
      const args = input.getColumnVector(1);
      for (let row = 0; row < input.rowCount; row += 1) {
        const [name, json] = [names.getItem(row), args.getItem(row)];
        output.setItem(row, typeof name === "string" && typeof json === "string" ? runScript(name, json) : null);
      }
      output.flush();
    },
  });
}
