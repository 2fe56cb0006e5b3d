import { z } from "zod";
import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import { readSettings, type Settings, THEMES, writeSettings } from "../db/settings.ts";
import { parseFiscalStart, parseZone } from "../time/zone.ts";
import { audit } from "./audit.ts";
import type { CommandContext } from "./command-context.ts";
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
});

/** Changes the reporting zone, the fiscal start or the theme of the installation; returns the settings in force. */
export async function updateSettings(principal: Principal, context: CommandContext, input: unknown): Promise<Settings> {
  requireAdministrator(principal, "change the settings");
  const change = parseInput(settingsInputSchema, input);
  const { state, now, defaults } = context;
  return state.transaction(async (tx) => {
    const before = await readSettings(tx, defaults);
    await writeSettings(tx, change, now, principal.id);
    const after = await readSettings(tx, defaults);
    await audit(tx, principal, now, { action: "settings.update", id: "installation", before, after });
    return after;
  });
}
