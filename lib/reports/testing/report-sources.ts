import { openState } from "../../db/state.ts";
import { parseEnv } from "../../env.ts";
import type { LedgerReads } from "../../ledger/ledger.ts";
import { reportingIn } from "../../money/exchange-rates.ts";
import type { Instant } from "../../time/instant.ts";
import { UTC } from "../../time/zone.ts";
import type { ReportSources } from "../page-context.ts";

/** What a loader reads from in its tests: a ledger in memory, an empty state, a clock that stands still. */
export async function reportSources(
  ledger: LedgerReads,
  now: Instant,
  variables: Readonly<Record<string, string>> = {},
): Promise<ReportSources & { readonly close: () => Promise<void> }> {
  const state = await openState({ sqlitePath: ":memory:" });
  return {
    ledger,
    state,
    now: () => now,
    mode: "demo",
    env: parseEnv(variables, "/data"),
    zones: () => [UTC],
    reporting: async () => reportingIn(null, "USD", [], null),
    close: state.close,
  };
}
