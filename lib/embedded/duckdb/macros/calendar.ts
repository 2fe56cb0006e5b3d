/** Calendar rules of KQL: weeks start on Sunday, everything is UTC, what is no date is null. */
export const calendarMacros: readonly string[] = [
  "CREATE OR REPLACE MACRO kql_start_of_week(ts, n) AS (date_trunc('day', ts) + to_days((n * 7 - dayofweek(ts))::INTEGER))::TIMESTAMP",
  `CREATE OR REPLACE MACRO kql_bin_datetime_at(ts, ticks, fixed) AS
     CASE WHEN ticks >= 10 THEN
       make_timestamp(epoch_us(fixed) + kql_floor_div(epoch_us(ts) - epoch_us(fixed), ticks // 10) * (ticks // 10)) END`,
  `CREATE OR REPLACE MACRO kql_make_datetime(y, mo, d, h, mi, s) AS
     CASE WHEN y BETWEEN 1 AND 9999 AND mo BETWEEN 1 AND 12 AND d >= 1 AND d <= day(last_day(make_date(y, mo, 1)))
            AND h BETWEEN 0 AND 23 AND mi BETWEEN 0 AND 59 AND s >= 0 AND s < 60
          THEN make_timestamp(y, mo, d, h, mi, 0) + to_microseconds(round(s * 1000000)::BIGINT) END`,
  `CREATE OR REPLACE MACRO kql_make_timespan(d, h, mi, s) AS
     CASE WHEN d >= 0 AND h BETWEEN 0 AND 23 AND mi BETWEEN 0 AND 59 AND s >= 0 AND s < 60
          THEN d * 864000000000 + h * 36000000000 + mi * 600000000 + round(s * 10000000)::BIGINT END`,
  "CREATE OR REPLACE MACRO kql_utc_to_local(ts, zone) AS timezone(zone, ts::TIMESTAMPTZ)",
  "CREATE OR REPLACE MACRO kql_local_to_utc(ts, zone) AS timezone(zone, ts)::TIMESTAMP",
];
