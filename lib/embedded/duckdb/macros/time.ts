/** Date-times are TIMESTAMP, timespans are BIGINT ticks of 100 ns; KQL counts bins from 0001-01-01. */
export const timeMacros: readonly string[] = [
  "CREATE OR REPLACE MACRO kql_datetime_add(ts, ticks) AS ts + to_microseconds((ticks) // 10)",
  "CREATE OR REPLACE MACRO kql_floor_div(a, b) AS ((a) - ((((a) % (b)) + (b)) % (b))) // (b)",
  // 62135596800000000 microseconds lie between year 1 and 1970.
  `CREATE OR REPLACE MACRO kql_bin_datetime(ts, ticks) AS
     CASE WHEN ticks >= 10 THEN
       make_timestamp((epoch_us(ts) + 62135596800000000) // (ticks // 10) * (ticks // 10) - 62135596800000000) END`,
  // An offset in the text is converted to UTC; a plain cast to TIMESTAMP would drop it.
  "CREATE OR REPLACE MACRO kql_text_to_datetime(t) AS TRY_CAST(TRY_CAST(trim(t) AS TIMESTAMPTZ) AS TIMESTAMP)",
  `CREATE OR REPLACE MACRO kql_text_to_timespan(t) AS
     CASE WHEN regexp_full_match(trim(t), '-?(\\d+\\.)?\\d{1,2}:\\d{1,2}(:\\d{1,2}(\\.\\d{1,7})?)?') THEN
       CASE WHEN trim(t)[1] = '-' THEN -1 ELSE 1 END * (
         coalesce(TRY_CAST(regexp_extract(t, '(\\d+)\\.\\d{1,2}:', 1) AS BIGINT), 0) * 864000000000
         + TRY_CAST(regexp_extract(t, '(\\d{1,2}):', 1) AS BIGINT) * 36000000000
         + TRY_CAST(regexp_extract(t, ':(\\d{1,2})', 1) AS BIGINT) * 600000000
         + coalesce(TRY_CAST(regexp_extract(t, ':\\d{1,2}:(\\d{1,2})', 1) AS BIGINT), 0) * 10000000
         + coalesce(TRY_CAST(rpad(regexp_extract(t, ':\\d{1,2}\\.(\\d{1,7})', 1), 7, '0') AS BIGINT), 0))
       WHEN regexp_full_match(trim(t), '-?\\d+(\\.\\d+)?(d|h|m|s|ms|microsecond|tick)') THEN
         TRY_CAST(round(TRY_CAST(regexp_extract(trim(t), '-?\\d+(\\.\\d+)?') AS DOUBLE) * CASE regexp_extract(trim(t), '(ms|microsecond|tick|d|h|m|s)$', 1)
           WHEN 'd' THEN 864000000000 WHEN 'h' THEN 36000000000 WHEN 'm' THEN 600000000 WHEN 's' THEN 10000000
           WHEN 'ms' THEN 10000 WHEN 'microsecond' THEN 10 ELSE 1 END) AS BIGINT)
     END`,
];
