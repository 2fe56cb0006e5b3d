import { ForbiddenError } from "../auth/authorise.ts";
import { isSameOrigin } from "../auth/same-origin.ts";
import { InputError, NotFoundError } from "./command-context.ts";

const LARGEST_BODY = 1_000_000;
/** As `next.config.js` lets through; a cost export of a month is a few. */
const LARGEST_UPLOAD = 64 * 1024 * 1024;

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
  return body instanceof Response ? body : answerWork(() => work(body.value));
}

/** The files of an upload as text, and the other fields of its form. */
export type Upload = {
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly fields: Readonly<Record<string, string>>;
};

/** Answers an upload as `answerCommand` does: a multipart form whose files are UTF-8 text under the name `files`. */
export async function answerUpload(
  request: Request,
  appUrl: string | undefined,
  work: (upload: Upload) => Promise<unknown>,
): Promise<Response> {
  if (!isSameOrigin(request, appUrl)) return failure(403, "This request came from another site and was refused.");
  if (Number(request.headers.get("content-length") ?? Number.NaN) > LARGEST_UPLOAD)
    return failure(413, "The files are larger than 64 MB. Load them with npm run reconcile -- load FILE.");
  if (!/^multipart\/form-data\b/.test(request.headers.get("content-type") ?? ""))
    return failure(415, "Send the files as multipart/form-data.");
  let form: FormData;
  try {
    form = await request.formData();
  } catch {
    return failure(400, "The upload was cut short or is no form. Try again.");
  }
  const files: { name: string; text: string }[] = [];
  const fields: Record<string, string> = {};
  for (const [name, value] of form) {
    if (typeof value === "string") fields[name] = value;
    else if (name === "files" && value.size > 0) files.push({ name: value.name, text: await value.text() });
  }
  return files.length === 0
    ? failure(400, "No file was sent.", { files: "Choose at least one file." })
    : answerWork(() => work({ files, fields }));
}

async function answerWork(work: () => Promise<unknown>): Promise<Response> {
  try {
    const result = await work();
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
