import { connection, type NextRequest } from "next/server";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { cachedAnswer } from "#lib/reports/cached-answer.ts";
import { loadNow } from "#lib/reports/load-now.ts";
import { getRuntime } from "#lib/runtime.ts";
import { parseReportParams, toSearchParams } from "#lib/url/report-params.ts";

const MAX_AGE_MS = 5_000;

/** The report of Now, for the page that refreshes itself. */
export async function GET(request: NextRequest): Promise<Response> {
  await connection();
  const principal = await currentPrincipal();
  const params = parseReportParams(request.nextUrl.searchParams);
  const { now } = await getRuntime();
  return cachedAnswer(request, `now ${principal.id} ${toSearchParams(params)}`, now(), MAX_AGE_MS, () =>
    loadNow(principal, params),
  );
}
