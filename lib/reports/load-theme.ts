import { readSettings, THEMES, type Theme } from "../db/settings.ts";
import { type ReportSources, sourcesOr } from "./page-context.ts";

/** The theme of a browser that chose one (its cookie), else the installation's. Never a reason for a page to fail. */
export async function loadTheme(chosen: string | undefined, given?: ReportSources): Promise<Theme> {
  const own = THEMES.find((theme) => theme === chosen);
  if (own) return own;
  const { state, env } = await sourcesOr(given);
  const settings = await readSettings(state.db, {
    zone: env.REPORT_TIME_ZONE,
    fiscalStart: env.FISCAL_YEAR_START,
    theme: "system",
  });
  return settings.theme;
}
