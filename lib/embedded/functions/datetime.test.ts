import { specify } from "./specify.testing.ts";

specify({
  now: [
    ["now() - ago(1h)", "01:00:00"],
    ["now()", "2026-03-10T12:34:56.789Z"],
    ["now(-1h)", "2026-03-10T11:34:56.789Z"],
  ],
  ago: [["ago(1d)", "2026-03-09T12:34:56.789Z"]],
  make_datetime: [
    ["make_datetime(2017,10,01,12,10)", "2017-10-01T12:10:00Z"],
    ["make_datetime(2017,10,01,12,11,0.1234567)", "2017-10-01T12:11:00.123457Z"],
    ["make_datetime(2017,2,30)", null],
  ],
  make_timespan: [
    ["make_timespan(1,12,30,55)", "1.12:30:55"],
    ["make_timespan(1,12,30,55.123)", "1.12:30:55.1230000"],
    ["make_timespan(toint('2'), min_of(3, 4), 1.5)", "02:03:01.5000000"],
    ["make_timespan(24,0)", null],
    ["make_timespan(12,55)", "12:55:00"],
  ],
  unixtime_seconds_todatetime: [["unixtime_seconds_todatetime(1546300800)", "2019-01-01T00:00:00Z"]],
  unixtime_milliseconds_todatetime: [["unixtime_milliseconds_todatetime(1546300800001)", "2019-01-01T00:00:00.001Z"]],
  unixtime_microseconds_todatetime: [
    ["unixtime_microseconds_todatetime(1546300800000001)", "2019-01-01T00:00:00.000001Z"],
  ],
  unixtime_nanoseconds_todatetime: [["unixtime_nanoseconds_todatetime(1546300800000000000)", "2019-01-01T00:00:00Z"]],
  datetime_utc_to_local: [
    ["datetime_utc_to_local(datetime(2020-02-02 20:02:20), 'US/Pacific')", "2020-02-02T12:02:20Z"],
  ],
  datetime_local_to_utc: [
    ["datetime_local_to_utc(datetime(2020-02-02 20:02:20), 'Europe/Paris')", "2020-02-02T19:02:20Z"],
  ],
  startofday: [["startofday(datetime(2017-01-01 10:10:17), -1)", "2016-12-31T00:00:00Z"]],
  startofweek: [
    ["startofweek(datetime(2017-01-01 10:10:17))", "2017-01-01T00:00:00Z"],
    ["startofweek(datetime(2017-01-07 10:10:17), 1)", "2017-01-08T00:00:00Z"],
  ],
  startofmonth: [["startofmonth(datetime(2017-01-31 10:10:17), 1)", "2017-02-01T00:00:00Z"]],
  startofyear: [["startofyear(datetime(2017-01-31 10:10:17), -1)", "2016-01-01T00:00:00Z"]],
  endofday: [["endofday(datetime(2017-01-01 10:10:17))", "2017-01-01T23:59:59.999999Z"]],
  endofweek: [["endofweek(datetime(2017-01-01 10:10:17))", "2017-01-07T23:59:59.999999Z"]],
  endofmonth: [["endofmonth(datetime(2017-01-01 10:10:17), 1)", "2017-02-28T23:59:59.999999Z"]],
  endofyear: [["endofyear(datetime(2017-01-01 10:10:17))", "2017-12-31T23:59:59.999999Z"]],
  dayofweek: [["dayofweek(datetime(2015-12-14))", "1.00:00:00"]],
  dayofmonth: [["dayofmonth(datetime(2015-12-14))", 14]],
  dayofyear: [["dayofyear(datetime(2015-12-14))", 348]],
  hourofday: [["hourofday(datetime(2015-12-14 18:54))", 18]],
  monthofyear: [['monthofyear(datetime("2015-12-14"))', 12]],
  getmonth: [["getmonth(datetime(2015-10-12))", 10]],
  getyear: [["getyear(datetime(2015-10-12))", 2015]],
  week_of_year: [["week_of_year(datetime(2020-12-31))", 53]],
  weekofyear: [["weekofyear(datetime(2020-01-05))", 1]],
  datetime_part: [
    ['datetime_part("week_of_year", datetime(2017-10-30 01:02:03.7654321))', 44],
    ['datetime_part("nanosecond", datetime(2017-10-30 01:02:03.7654320))', 765432000],
  ],
  datepart: [['datepart("hour", datetime(2015-12-14 18:54))', 18]],
  datetime_add: [
    ["datetime_add('year',1,datetime(2017-01-01))", "2018-01-01T00:00:00Z"],
    ["datetime_add('month',1,datetime(2017-01-31))", "2017-02-28T00:00:00Z"],
    ["datetime_add('week',-1,datetime(2017-01-08))", "2017-01-01T00:00:00Z"],
  ],
  datetime_diff: [
    ["datetime_diff('week',datetime(2017-10-29 00:00),datetime(2017-09-30 23:59))", 5],
    ["datetime_diff('year',datetime(2017-01-01),datetime(2000-12-31))", 17],
    ["datetime_diff('quarter',datetime(2017-07-01),datetime(2017-03-30))", 2],
    ["datetime_diff('hour',datetime(2017-10-31 01:00),datetime(2017-10-30 23:59))", 2],
    ["datetime_diff('millisecond',datetime(2017-10-30 23:00:10.100),datetime(2017-10-30 23:00:10.0000))", 100],
  ],
  format_datetime: [
    ["format_datetime(datetime(2017-01-29 09:00:05),'yy-MM-dd [HH:mm:ss]')", "17-01-29 [09:00:05]"],
    ["format_datetime(datetime(2017-01-29 09:00:05), 'yyyy-M-dd [H:mm:ss]')", "2017-1-29 [9:00:05]"],
    ["format_datetime(datetime(2017-01-29 09:00:05), 'yy-MM-dd [hh:mm:ss tt]')", "17-01-29 [09:00:05 AM]"],
  ],
  format_timespan: [
    ["format_timespan(time(29.09:00:05.12345), 'dd.hh:mm:ss:FF')", "29.09:00:05:12"],
    ["format_timespan(time(29.09:00:05.12345), 'ddd.h:mm:ss [fffffff]')", "029.9:00:05 [1234500]"],
  ],
});
