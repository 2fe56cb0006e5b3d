import { connection } from "next/server";
import { ForbiddenError } from "#lib/auth/authorise.ts";
import { currentPrincipal } from "#lib/auth/current-principal.ts";
import { loadDoctor } from "#lib/reports/load-doctor.ts";

/** The checks of `npm run doctor`, made now: administrators only. */
export async function GET(): Promise<Response> {
  await connection();
  try {
    return Response.json(await loadDoctor(await currentPrincipal()), {
      headers: { "cache-control": "private, no-store" },
    });
  } catch (error) {
    if (error instanceof ForbiddenError) return Response.json({ error: error.message }, { status: 403 });
    throw error;
  }
}
