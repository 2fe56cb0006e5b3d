import { isSameOrigin } from "../auth/same-origin.ts";

/**
 * Answers a request that starts something long with lines of JSON as it goes: `{"progress":…}`, then `{"done":…}` or
 * `{"error":"…"}`. The work goes on to its end when the reader leaves. Other sites are refused with 403.
 */
export function answerProgress(
  request: Request,
  appUrl: string | undefined,
  work: (tell: (progress: unknown) => void) => Promise<unknown>,
): Response {
  if (!isSameOrigin(request, appUrl)) {
    return Response.json(
      { error: "This request came from another site and was refused.", fields: {} },
      { status: 403 },
    );
  }
  let isOpen = true;
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const encoder = new TextEncoder();
      const say = (line: unknown) => {
        if (isOpen) controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      };
      try {
        say({ done: await work((progress) => say({ progress })) });
      } catch (error) {
        say({ error: error instanceof Error ? error.message : String(error) });
      }
      if (isOpen) controller.close();
    },
    cancel() {
      isOpen = false;
    },
  });
  return new Response(body, {
    headers: { "content-type": "application/x-ndjson; charset=utf-8", "cache-control": "no-store" },
  });
}
