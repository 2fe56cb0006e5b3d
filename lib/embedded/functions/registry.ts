import { aggregateFunctions } from "./aggregates.ts";
import { conditionalFunctions } from "./conditional.ts";
import { conversionFunctions } from "./conversion.ts";
import { datetimeFunctions } from "./datetime.ts";
import { dynamicFunctions } from "./dynamic.ts";
import type { AggregateFunction, ScalarFunction } from "./function-types.ts";
import { hashIpUrlFunctions } from "./hash-ip-url.ts";
import { mathFunctions } from "./math.ts";
import { seriesFunctions } from "./series.ts";
import { stringFunctions } from "./string.ts";

/** Every scalar function the engine runs, by family; docs/kql.md is generated from it. */
export const SCALAR_FAMILIES: Readonly<Record<string, readonly ScalarFunction[]>> = {
  String: stringFunctions,
  "Date and time": datetimeFunctions,
  Math: mathFunctions,
  "Dynamic values": dynamicFunctions,
  Conversion: conversionFunctions,
  Conditional: conditionalFunctions,
  "Hash, address, URL": hashIpUrlFunctions,
  Series: seriesFunctions,
};

export const SCALAR_FUNCTIONS: ReadonlyMap<string, ScalarFunction> = new Map(
  Object.values(SCALAR_FAMILIES)
    .flat()
    .map((row) => [row.name, row]),
);

export const AGGREGATE_FUNCTIONS: ReadonlyMap<string, AggregateFunction> = new Map(
  aggregateFunctions.map((row) => [row.name, row]),
);
