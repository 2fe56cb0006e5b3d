import { expect, test } from "vitest";
import type { BillingStartDay } from "../../time/billing-period.ts";
import { billingStartNote } from "./billing-start-note.ts";

test.each<[string, string[], number, RegExp | null]>([
  ["an export that does not say", [], 15, null],
  ["calendar months", ["2026-10-01", "2026-11-01"], 1, null],
  ["the same day", ["2026-10-15"], 15, null],
  ["a day before", ["2026-10-14"], 15, /starts on 2026-10-14; here billing periods start on day 15\./],
  ["a day after", ["2026-10-16"], 15, /starts on 2026-10-16/],
  ["the second of two", ["2026-10-01", "2026-11-02"], 1, /starts on 2026-11-02; here billing periods start on day 1\./],
  ["the last day of February for the 31st", ["2026-02-28"], 31, null],
  ["the last day of February but one", ["2026-02-27"], 31, /starts on 2026-02-27/],
])("%s", (_name, starts, day, wanted) => {
  const note = billingStartNote(starts, day as BillingStartDay);
  if (wanted === null) expect(note).toBeNull();
  else expect(note).toMatch(wanted);
});
