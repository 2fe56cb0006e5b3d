import type { Principal } from "../auth/principal.ts";
import { readSettings } from "../db/settings.ts";
import { formatMoneyShort } from "../format/format-money.ts";
import type { ChargeDimension } from "../ledger/charge-query.ts";
import { periodOf, type ReportParams } from "../url/report-params.ts";
import { type ReportSources, sourcesOr } from "./page-context.ts";

/** More entries than this nobody scrolls through; typing narrows them in the picker. */
const MOST = 500;

/** The values that a picker offers for a dimension in a period, dearest first, with their cost. */
export async function loadDimensionValues(
  principal: Principal,
  params: ReportParams,
  dimension: ChargeDimension,
  given?: ReportSources,
): Promise<{ readonly value: string; readonly cost: string }[]> {
  const { ledger, state, env, now, stated } = await sourcesOr(given);
  const settings = await readSettings(state.db, {
    zone: env.REPORT_TIME_ZONE,
    fiscalStart: env.FISCAL_YEAR_START,
    theme: "system",
  });
  const period = periodOf(params.period, now(), params.zone ?? settings.zone);
  const values = await ledger.listValues({ sees: principal.sees, period, dimension });
  return values
    .slice(0, MOST)
    .map(({ value, contractedCost }) => ({ value, cost: formatMoneyShort(contractedCost, stated.currency) }));
}
