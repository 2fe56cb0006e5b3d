import { z } from "zod";
import { type BillingStartDay, FIRST_OF_MONTH, parseBillingStartDay } from "../time/billing-period.ts";
import { type Instant, toInstant } from "../time/instant.ts";
import { type FiscalStart, parseFiscalStart, parseZone, type ZoneId } from "../time/zone.ts";
import type { StateDb, StateTransaction } from "./state.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** What people set for the whole installation; where nothing was set, the environment's values hold. */
export type Settings = {
  readonly zone: ZoneId;
  readonly fiscalStart: FiscalStart;
  readonly theme: Theme;
  /** The currency that somebody chose for totals; left out where nobody did. */
  readonly currency?: string;
  /** On which day the billing account's periods start; left out where nobody said, which means the 1st. */
  readonly billingStartDay?: BillingStartDay;
};

const parsers = {
  zone: z.string().transform((text) => parseZone(text)),
  fiscalStart: z.string().transform((text) => parseFiscalStart(text)),
  theme: z.enum(THEMES),
  currency: z.string().regex(/^[A-Z]{3}$/),
  billingStartDay: z.string().transform((text) => parseBillingStartDay(text)),
} as const;

/** The settings in force: what people saved, over `defaults`. A saved value that no longer parses counts as not saved. */
export async function readSettings(db: StateDb, defaults: Settings): Promise<Settings> {
  const rows = await db.selectFrom("setting").select(["key", "value"]).execute();
  const saved = new Map(rows.map((row) => [row.key, row.value]));
  const currency = parsers.currency.safeParse(saved.get("currency")).data ?? defaults.currency;
  const billingStartDay =
    parsers.billingStartDay.safeParse(saved.get("billingStartDay")).data ?? defaults.billingStartDay;
  return {
    zone: parsers.zone.safeParse(saved.get("zone")).data ?? defaults.zone,
    fiscalStart: parsers.fiscalStart.safeParse(saved.get("fiscalStart")).data ?? defaults.fiscalStart,
    theme: parsers.theme.safeParse(saved.get("theme")).data ?? defaults.theme,
    ...(currency === undefined ? {} : { currency }),
    ...(billingStartDay === undefined ? {} : { billingStartDay }),
  };
}

/** The day of the month (UTC) on which billing periods start; the 1st where nobody said. */
export async function readBillingStartDay(db: StateDb): Promise<BillingStartDay> {
  const row = await db.selectFrom("setting").select("value").where("key", "=", "billingStartDay").executeTakeFirst();
  return parsers.billingStartDay.safeParse(row?.value).data ?? FIRST_OF_MONTH;
}

/** Saves the named settings and leaves the others. */
export async function writeSettings(
  tx: StateTransaction,
  change: Partial<Settings>,
  at: Instant,
  actorId: string,
): Promise<void> {
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) continue;
    const row = { value: String(value), updated_at: BigInt(at), updated_by: actorId };
    await tx
      .insertInto("setting")
      .values({ key, ...row })
      .onConflict((conflict) => conflict.column("key").doUpdateSet(row))
      .execute();
  }
}

/** When a setting was last saved; null when never. */
export async function settingsChangedAt(db: StateDb): Promise<Instant | null> {
  const row = await db
    .selectFrom("setting")
    .select("updated_at")
    .orderBy("updated_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return row ? toInstant(Number(row.updated_at)) : null;
}
