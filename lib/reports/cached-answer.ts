import { createHash } from "node:crypto";
import type { Instant } from "../time/instant.ts";

type Kept = { readonly until: number; readonly bytes: Promise<{ readonly body: string; readonly etag: string }> };

const kept = new Map<string, Kept>();
const MOST = 200;

/**
 * The JSON of a report for everybody who asks with the same key within `maxAgeMs`: one loader run, one text, one ETag.
 * Answers 304 when the asker has these very bytes. The key must hold who asks.
 */
export async function cachedAnswer(
  request: Request,
  key: string,
  now: Instant,
  maxAgeMs: number,
  load: () => Promise<unknown>,
): Promise<Response> {
  for (const [name, entry] of kept) if (entry.until <= now || kept.size > MOST) kept.delete(name);
  const entry = kept.get(key) ?? { until: now + maxAgeMs, bytes: bytesOf(load) };
  if (!kept.has(key)) {
    kept.set(key, entry);
    entry.bytes.catch(() => kept.delete(key));
  }
  const { body, etag } = await entry.bytes;
  const headers = { etag, "cache-control": "private, no-cache", "content-type": "application/json; charset=utf-8" };
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  return new Response(body, { headers });
}

async function bytesOf(load: () => Promise<unknown>): Promise<{ readonly body: string; readonly etag: string }> {
  const body = JSON.stringify(await load());
  return { body, etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"` };
}
