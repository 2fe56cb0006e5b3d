import { connection, type NextRequest } from "next/server";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { CHARGE_DIMENSIONS } from "#lib/ledger/charge-query.ts";
import { loadDimensionValues } from "#lib/reports/load-dimension-values.ts";
import { parseReportParams } from "#lib/url/report-params.ts";

/** The values of a dimension in a period, dearest first, for pickers. */
export async function GET(request: NextRequest): Promise<Response> {
  await connection();
  const name = request.nextUrl.searchParams.get("dimension");
  const dimension = CHARGE_DIMENSIONS.find((known) => known === name);
  if (!dimension)
    return Response.json(
      { error: `There is no dimension ${JSON.stringify(name)}; there are ${CHARGE_DIMENSIONS.join(", ")}.` },
      { status: 400 },
    );
  const params = parseReportParams(request.nextUrl.searchParams);
  const values = await loadDimensionValues(await currentPrincipal(), params, dimension);
  return Response.json({ values }, { headers: { "cache-control": "no-store" } });
}
