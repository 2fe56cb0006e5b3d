import { z } from "zod";
import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import { listClosedMonths } from "../db/closed-months.ts";
import { readSettings, type Settings, THEMES, writeSettings } from "../db/settings.ts";
import type { StateTransaction } from "../db/state.ts";
import { formatBillingPeriod } from "../format/format-time.ts";
import { FIRST_OF_MONTH, parseBillingStartDay } from "../time/billing-period.ts";
import { parseFiscalStart, parseZone } from "../time/zone.ts";
import { audit } from "./audit.ts";
import { type CommandContext, InputError } from "./command-context.ts";
import { parseInput } from "./parse-input.ts";

const CURRENCIES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/** Settings as a form or a client sends them; what is left out stays. */
export const settingsInputSchema = z.strictObject({
  zone: z
    .string()
    .transform((text, context) => {
      const zone = parseZone(text);
      if (zone !== undefined) return zone;
      context.issues.push({ code: "custom", message: "Write an IANA time zone such as Europe/Berlin.", input: text });
      return z.NEVER;
    })
    .optional(),
  fiscalStart: z
    .string()
    .transform((text, context) => {
      const start = parseFiscalStart(text);
      if (start !== undefined) return start;
      context.issues.push({
        code: "custom",
        message: "Write the first day of the fiscal year as MM-DD, such as 04-01.",
        input: text,
      });
      return z.NEVER;
    })
    .optional(),
  theme: z.enum(THEMES, "Choose system, light or dark.").optional(),
  currency: z
    .string()
    .refine((code) => CURRENCIES.has(code), "Write an ISO 4217 code such as EUR.")
    .optional(),
  billingStartDay: z
    .union([z.string(), z.number()])
    .transform((value, context) => {
      const day = parseBillingStartDay(value);
      if (day !== undefined) return day;
      const message = "Write the day of the month on which the billing period starts, from 1 to 31.";
      context.issues.push({ code: "custom", message, input: value });
      return z.NEVER;
    })
    .optional(),
});

/**
 * Changes what is set for the whole installation; returns the settings in force. Throws an InputError for another start day of
 * the billing period once a period is closed: the new ones would cut through it.
 */
export async function updateSettings(principal: Principal, context: CommandContext, input: unknown): Promise<Settings> {
  requireAdministrator(principal, "change the settings");
  const change = parseInput(settingsInputSchema, input);
  const { state, now, defaults } = context;
  return state.transaction(async (tx) => {
    const before = await readSettings(tx, defaults);
    const startDay = before.billingStartDay ?? FIRST_OF_MONTH;
    if ((change.billingStartDay ?? startDay) !== startDay) await requireNothingClosed(tx, startDay);
    await writeSettings(tx, change, now, principal.id);
    const after = await readSettings(tx, defaults);
    await audit(tx, principal, now, { action: "settings.update", id: "installation", before, after });
    return after;
  });
}

async function requireNothingClosed(tx: StateTransaction, startDay: number): Promise<void> {
  const closed = await listClosedMonths(tx);
  const last = closed.at(-1);
  if (!last) return;
  const periods = closed.length === 1 ? "1 period is closed" : `${closed.length} periods are closed`;
  throw new InputError({
    billingStartDay: `${periods}, the last ${formatBillingPeriod(last.period)}. A closed period keeps its days, and another start day would cut through it: it stays day ${startDay}.`,
  });
}
