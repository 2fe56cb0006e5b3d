import { applyOperators } from "./apply.ts";
import { columnOperators } from "./columns.ts";
import { evaluateOperators } from "./evaluate.ts";
import { expandOperators } from "./expand.ts";
import { joinOperators } from "./join.ts";
import { seriesOperators } from "./make-series.ts";
import { miscOperators } from "./misc.ts";
import type { TabularOperator } from "./operator-types.ts";
import { parseOperators } from "./parse.ts";
import { parseKvOperators } from "./parse-kv.ts";
import { rowOperators } from "./rows.ts";
import { searchOperators } from "./search.ts";
import { sourceOperators } from "./sources.ts";
import { summarizeOperators } from "./summarize.ts";
import { topNestedOperators } from "./top-nested.ts";
import { unionOperators } from "./union.ts";

/** Every tabular operator the engine runs; docs/kql.md is generated from it. */
export const TABULAR_OPERATORS = (): readonly TabularOperator[] => [
  ...sourceOperators,
  ...rowOperators,
  ...columnOperators,
  ...summarizeOperators,
  ...joinOperators,
  ...unionOperators,
  ...expandOperators,
  ...applyOperators,
  ...seriesOperators,
  ...parseOperators,
  ...parseKvOperators,
  ...searchOperators,
  ...evaluateOperators,
  ...topNestedOperators,
  ...miscOperators,
];

let byKind: ReadonlyMap<string, TabularOperator> | null = null;

/** By the grammar's kind. Built at the first use, because operators lower sub-queries and so import each other. */
export const OPERATORS = {
  get: (kind: string): TabularOperator | undefined => {
    byKind ??= new Map(TABULAR_OPERATORS().map((operator) => [operator.kind, operator]));
    return byKind.get(kind);
  },
};
