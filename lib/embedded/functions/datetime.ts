import type { ScalarFunction } from "./function-types.ts";

/** Functions over date-times and timespans; `now` is one instant per query. */
export const datetimeFunctions: readonly ScalarFunction[] = [
  {
    name: "now",
    arity: [0, 1],
    lower: ([offset], { now }) => (offset === undefined ? now : `kql_datetime_add(${now}, ${offset.sql})`),
    isTotal: true,
    note: "The same instant throughout one query.",
    test: "now",
  },
  {
    name: "ago",
    arity: [1, 1],
    lower: ([span], { now }) => `kql_datetime_add(${now}, -(${span?.sql}))`,
    note: "`now()` minus a timespan.",
    test: "ago",
  },
  {
    name: "startofday",
    arity: [1, 2],
    lower: ([at, offset]) =>
      offset === undefined
        ? `date_trunc('day', ${at?.sql})::TIMESTAMP`
        : `(date_trunc('day', ${at?.sql}) + to_days((${offset.sql})::INTEGER))::TIMESTAMP`,
    note: "UTC.",
    test: "startofday",
  },
];
