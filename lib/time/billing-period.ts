import { type Instant, type Period, toIso } from "./instant.ts";
import { addDays, addMonths, dayOf, firstOfMonth, type LocalDay, parseLocalDay, periodOfDays, UTC } from "./zone.ts";

/** The day of the month on which a billing account's periods start, 1 to 31; past the month's end it means its last day. */
export type BillingStartDay = number & { readonly __brand: "BillingStartDay" };

/** Calendar months: what a billing account has unless somebody says otherwise. */
export const FIRST_OF_MONTH = 1 as BillingStartDay;

/** A start day out of 1 to 31 or its text, or undefined for anything else. */
export function parseBillingStartDay(value: string | number): BillingStartDay | undefined {
  return /^(?:[1-9]|[12]\d|3[01])$/.test(String(value)) ? (Number(value) as BillingStartDay) : undefined;
}

/** The billing period (UTC) that holds `at`. */
export function billingPeriodContaining(at: Instant, startDay: BillingStartDay): Period {
  const day = dayOf(at, UTC);
  const month = firstOfMonth(day);
  const start = startIn(month, startDay);
  return day < start
    ? periodOfDays(startIn(addMonths(month, -1), startDay), start, UTC)
    : periodOfDays(start, startIn(addMonths(month, 1), startDay), UTC);
}

/** The billing period (UTC) that a name as 2026-10 means, the one that starts in that month; undefined for anything else. */
export function billingPeriodNamed(name: string, startDay: BillingStartDay): Period | undefined {
  const month = /^\d{4}-\d{2}$/.test(name) ? parseLocalDay(`${name}-01`) : undefined;
  return month && periodOfDays(startIn(month, startDay), startIn(addMonths(month, 1), startDay), UTC);
}

/** A billing period's name: the month that it starts in, as 2026-10. Every month has exactly one. */
export function billingPeriodName({ start }: Period): string {
  return toIso(start).slice(0, 7);
}

/** The billing periods (UTC) that the days from `first` to `last`, both inside, touch; oldest first. */
export function billingPeriodsOf(first: LocalDay, last: LocalDay, startDay: BillingStartDay): Period[] {
  const periods: Period[] = [];
  for (let day = first; day <= last; ) {
    const period = billingPeriodContaining(periodOfDays(day, addDays(day, 1), UTC).start, startDay);
    periods.push(period);
    day = dayOf(period.end, UTC);
  }
  return periods;
}

function startIn(month: LocalDay, startDay: BillingStartDay): LocalDay {
  const daysInMonth = Number(addDays(addMonths(month, 1), -1).slice(8));
  return addDays(month, Math.min(startDay, daysInMonth) - 1);
}
