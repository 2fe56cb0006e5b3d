import { connection } from "next/server";

/** Whether the process answers; says nothing of its sources. */
export async function GET(): Promise<Response> {
  await connection();
  return Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } });
}
