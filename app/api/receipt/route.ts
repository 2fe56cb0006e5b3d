import { connection, type NextRequest } from "next/server";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { loadReceipt } from "#lib/reports/load-receipt.ts";
import { parseReceiptParam } from "#lib/url/figure-ref.ts";

/** The receipt of the figure that the query string names. */
export async function GET(request: NextRequest): Promise<Response> {
  await connection();
  const figure = parseReceiptParam(request.nextUrl.search);
  if (!figure)
    return Response.json(
      { error: "The link names no figure: it needs start, end (ISO 8601, UTC) and in (a time zone)." },
      { status: 400 },
    );
  const receipt = await loadReceipt(await currentPrincipal(), figure);
  return Response.json({ receipt }, { headers: { "cache-control": "no-store" } });
}
