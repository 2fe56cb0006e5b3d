/** What the tabular operators need beside the functions. */
export const operatorMacros: readonly string[] = [
  "CREATE OR REPLACE MACRO kql_ticks(ts) AS epoch_us(ts) * 10 + 621355968000000000",
  "CREATE OR REPLACE MACRO kql_from_ticks(t) AS make_timestamp(((t) - 621355968000000000) // 10)",
  `CREATE OR REPLACE MACRO kql_series_length(n) AS
     CASE WHEN n > 1048576 THEN error('A series has more than 1,048,576 points: choose a longer step.')::BIGINT
          ELSE greatest(0, coalesce(n, 0))::BIGINT END`,
];
