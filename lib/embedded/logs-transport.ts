import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import { z } from "zod";
import type { QueryEngine } from "./query-engine.ts";
import { parseRequestTimespan } from "./request-timespan.ts";
import { type EngineAnswer, errorAnswer } from "./service-error.ts";

const QUERY_PATH = /\/v1\/(workspaces\/[^/]+|subscriptions\/.+)\/(query|search)$/i;
const bodySchema = z.object({
  query: z.string(),
  timespan: z.string().nullish(),
  workspaces: z.array(z.string()).nullish(),
});

/** The HTTP client for `LogsQueryClient` that answers from the embedded engine instead of the network. */
export function createLogsHttpClient(engine: QueryEngine, now: () => number): HttpClient {
  return {
    sendRequest: async (request) => {
      const answer = await answerTo(request, engine, now);
      return responseOf(request, answer);
    },
  };
}

async function answerTo(request: PipelineRequest, engine: QueryEngine, now: () => number): Promise<EngineAnswer> {
  const { pathname } = new URL(request.url);
  if (request.method !== "POST" || !QUERY_PATH.test(pathname)) {
    return errorAnswer(404, {
      code: "PathNotFoundError",
      message: `The requested path does not exist: ${request.method} ${pathname}`,
    });
  }
  const body = bodySchema.safeParse(jsonOrNull(request.body));
  if (!body.success) {
    return badArgument("The body must be JSON with a query and, if wanted, a timespan.");
  }
  const { query, timespan } = body.data;
  const period = timespan === undefined || timespan === null ? undefined : parseRequestTimespan(timespan, now());
  if (period === null) return badArgument(`The timespan '${timespan}' is no ISO 8601 duration or interval.`);
  const prefer = (request.headers.get("prefer") ?? "").toLowerCase();
  const wait = /(?:^|[,\s])wait=(\d+)/.exec(prefer)?.[1];
  return engine.query({
    text: query,
    timespan: period,
    signal: asAbortSignal(request.abortSignal),
    timeoutMs: wait === undefined ? undefined : Number(wait) * 1_000,
    includeStatistics: prefer.includes("include-statistics=true"),
    includeRender: prefer.includes("include-render=true"),
  });
}

function badArgument(message: string): EngineAnswer {
  return errorAnswer(400, { code: "BadArgumentError", message });
}

function jsonOrNull(body: unknown): unknown {
  if (typeof body !== "string") return null;
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function asAbortSignal(like: PipelineRequest["abortSignal"]): AbortSignal | undefined {
  if (like === undefined || like === null || like instanceof AbortSignal) return like ?? undefined;
  const controller = new AbortController();
  if (like.aborted) controller.abort();
  else like.addEventListener("abort", () => controller.abort());
  return controller.signal;
}

function responseOf(request: PipelineRequest, { status, body }: EngineAnswer): PipelineResponse {
  return {
    request,
    status,
    headers: createHttpHeaders({ "content-type": "application/json; charset=utf-8" }),
    bodyAsText: body,
  };
}
