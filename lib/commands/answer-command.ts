import { ForbiddenError } from "../auth/authorise.ts";
import { isSameOrigin } from "../auth/same-origin.ts";
import { InputError, NotFoundError } from "./command-context.ts";

const LARGEST_BODY = 1_000_000;

/**
 * Answers a request that changes something: refuses other sites, reads the JSON body (undefined for none), runs `work` and
 * answers its result as JSON, or what was wrong: 400 with a message per field, 403, 404, 413, 415.
 */
export async function answerCommand(
  request: Request,
  appUrl: string | undefined,
  work: (body: unknown) => Promise<unknown>,
): Promise<Response> {
  if (!isSameOrigin(request, appUrl)) return failure(403, "This request came from another site and was refused.");
  const body = await readJson(request);
  if (body instanceof Response) return body;
  try {
    const result = await work(body.value);
    return Response.json(result ?? { done: true }, { headers: { "cache-control": "no-store" } });
  } catch (error) {
    if (error instanceof InputError) return failure(400, error.message, error.fields);
    if (error instanceof ForbiddenError) return failure(403, error.message);
    if (error instanceof NotFoundError) return failure(404, error.message);
    throw error;
  }
}

async function readJson(request: Request): Promise<{ readonly value: unknown } | Response> {
  const text = await request.text();
  if (text === "") return { value: undefined };
  if (text.length > LARGEST_BODY) return failure(413, "The request is too large.");
  if (!/^application\/json\b/.test(request.headers.get("content-type") ?? ""))
    return failure(415, "Send JSON with Content-Type: application/json.");
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return failure(400, "The body is not JSON.");
  }
}

function failure(status: number, error: string, fields: Readonly<Record<string, string>> = {}): Response {
  return Response.json({ error, fields }, { status, headers: { "cache-control": "no-store" } });
}
