import { type BillingStartDay, billingPeriodContaining } from "../../time/billing-period.ts";
import { type LocalDay, startOfDay, UTC } from "../../time/zone.ts";

/** What to do where an export tells billing periods that start on other days than ours do; null where it tells none. */
export function billingStartNote(starts: readonly string[], startDay: BillingStartDay): string | null {
  const other = starts.find((day) => {
    const at = startOfDay(day as LocalDay, UTC);
    return billingPeriodContaining(at, startDay).start !== at;
  });
  return other === undefined
    ? null
    : `The export says that its billing period starts on ${other}; here billing periods start on day ${startDay}. Settings has the day.`;
}
