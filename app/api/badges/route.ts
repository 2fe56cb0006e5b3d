import { connection, type NextRequest } from "next/server";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { cachedAnswer } from "#lib/reports/cached-answer.ts";
import { loadBadges } from "#lib/reports/load-badges.ts";
import { getRuntime } from "#lib/runtime.ts";

const MAX_AGE_MS = 15_000;

/** What the navigation says beside Now and Alerts. */
export async function GET(request: NextRequest): Promise<Response> {
  await connection();
  const principal = await currentPrincipal();
  const { now } = await getRuntime();
  return cachedAnswer(request, `badges ${principal.id}`, now(), MAX_AGE_MS, () => loadBadges(principal));
}
