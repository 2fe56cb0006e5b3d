import { connection } from "next/server";
import { getRuntime } from "#lib/runtime.ts";

/** How far the figures are: 200 when the first read-back is complete, 503 while it runs. */
export async function GET(): Promise<Response> {
  await connection();
  const runtime = await getRuntime();
  const readBack = await runtime.ledger.readBack();
  const isReady = readBack.state === "complete";
  return Response.json(
    { status: isReady ? "ready" : "reading back", daysDone: readBack.daysDone, daysTotal: readBack.daysTotal },
    { status: isReady ? 200 : 503, headers: { "cache-control": "no-store" } },
  );
}
