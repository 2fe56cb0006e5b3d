import type { ScalarFunction } from "./function-types.ts";

/** Functions over numeric arrays such as make-series returns; DuckDB calls JavaScript where SQL has no words for it. */
export const seriesFunctions: readonly ScalarFunction[] = [];
