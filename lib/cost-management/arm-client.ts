import type { TokenCredential } from "@azure/core-auth";
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createPipelineFromOptions,
  createPipelineRequest,
  type PipelineResponse,
  RestError,
} from "@azure/core-rest-pipeline";
import { callUpstream, UpstreamError } from "../upstream/call-upstream.ts";
import { createCircuitBreaker, DEFAULT_BREAKER } from "../upstream/circuit-breaker.ts";
import { createGovernor } from "../upstream/governor.ts";

/** Why Azure Resource Manager did not answer a question about money. `no_right`: the identity lacks a role on the scope. */
export class ArmError extends Error {
  override readonly name = "ArmError";
  readonly code: "no_right" | "throttled" | "not_found" | "refused" | "unavailable" | "malformed";

  constructor(code: ArmError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type ArmOptions = {
  readonly credential: TokenCredential;
  /** As `https://management.azure.com`; nothing else is ever asked, whatever an answer's `nextLink` says. */
  readonly endpoint: string;
  readonly audience: string;
  /** A certificate authority to trust besides the system's, in PEM. */
  readonly ca?: string;
  /** Milliseconds; the clock of `Retry-After` dates. */
  readonly now: () => number;
  readonly limits?: Partial<ArmLimits>;
};

/** Durations in ms. */
export type ArmLimits = {
  readonly maxAttempts: number;
  readonly retryBaseMs: number;
  readonly retryMaxMs: number;
  readonly retryAfterMaxMs: number;
  readonly attemptMs: number;
  readonly totalMs: number;
};

/** One question: a path below the endpoint or an answer's `nextLink`; with a body it is a POST. */
export type ArmCall = { readonly url: string; readonly body?: unknown; readonly signal?: AbortSignal };

export type ArmClient = {
  /** The parsed answer; numbers as the text that stood on the wire, so that no digit is lost. Throws an ArmError. */
  readonly ask: (call: ArmCall) => Promise<unknown>;
};

const DEFAULT_LIMITS: ArmLimits = {
  maxAttempts: 5,
  retryBaseMs: 1_000,
  retryMaxMs: 30_000,
  retryAfterMaxMs: 120_000,
  attemptMs: 60_000,
  totalMs: 600_000,
};

/** Below the quota of a tenant: 12 query units in 10 s, 60 in a minute, 600 in an hour (pricing reference, section 8). */
const GOVERNOR = {
  lanes: { costs: { concurrent: 1, calls: 8, windowMs: 10_000 } },
  concurrent: 1,
  reservedForFirst: 0,
  overall: { calls: 40, windowMs: 60_000 },
  queued: 500,
} as const;

/** Asks Azure Resource Manager with the product's own identity, slowly, and waits as long as the service's headers say. */
export function createArmClient(options: ArmOptions): ArmClient {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const governor = createGovernor<"costs">(GOVERNOR);
  const breaker = createCircuitBreaker(DEFAULT_BREAKER);
  const http = createDefaultHttpClient();
  const pipeline = createPipelineFromOptions({
    retryOptions: { maxRetries: 0 },
    ...(options.ca ? { tlsOptions: { ca: options.ca } } : {}),
  });
  pipeline.addPolicy(
    bearerTokenAuthenticationPolicy({ credential: options.credential, scopes: [`${options.audience}/.default`] }),
  );

  async function attempt(url: string, body: unknown, abortSignal: AbortSignal): Promise<unknown> {
    const request = createPipelineRequest({
      url,
      method: body === undefined ? "GET" : "POST",
      abortSignal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    request.headers.set("accept", "application/json");
    if (body !== undefined) request.headers.set("content-type", "application/json");
    const response = await pipeline.sendRequest(http, request);
    if (response.status < 200 || response.status >= 300) {
      tellRetryAfter(response);
      throw new RestError(`HTTP ${response.status}`, { statusCode: response.status, request, response });
    }
    return exactJson(response.bodyAsText ?? "");
  }

  return {
    async ask({ url: asked, body, signal }) {
      const url = absolute(asked, options.endpoint);
      try {
        return await callUpstream({
          lane: "costs",
          governor,
          breaker,
          policy: limits,
          now: options.now,
          attempt: (own) => attempt(url, body, signal ? AbortSignal.any([own, signal]) : own),
        });
      } catch (error) {
        if (error instanceof UpstreamError) throw armError(error, new URL(url).pathname);
        throw error;
      }
    },
  };
}

/** Refuses to send the identity's token anywhere but to the endpoint. */
function absolute(asked: string, endpoint: string): string {
  const url = new URL(asked, endpoint);
  if (url.origin !== new URL(endpoint).origin)
    throw new ArmError("malformed", `An answer pointed to ${url.origin} for its next page, which is not ${endpoint}.`);
  return url.href;
}

/** Cost Management says how long to stay away in headers of its own, in seconds; the longest counts. */
function tellRetryAfter({ headers }: PipelineResponse): void {
  const seconds = ["qpu", "entity", "tenant", "clienttype"]
    .map((kind) => Number(headers.get(`x-ms-ratelimit-microsoft.costmanagement-${kind}-retry-after`) ?? Number.NaN))
    .filter((value) => Number.isFinite(value) && value >= 0);
  if (seconds.length > 0) headers.set("retry-after", String(Math.max(...seconds)));
}

function armError({ failure }: UpstreamError, path: string): ArmError {
  const words = [failure.service.codes[0], failure.service.messages[0]].filter(Boolean).join(": ");
  const said = `${failure.summary}${words === "" ? "" : `, ${words}`}`;
  const options = { cause: failure.cause };
  switch (failure.kind) {
    case "access_denied":
      return new ArmError("no_right", `The identity may not read ${path} (${said}).`, options);
    case "unauthenticated":
      return new ArmError("no_right", `No token for Azure Resource Manager could be had (${said}).`, options);
    case "throttled":
      return new ArmError("throttled", `${path} asks to be left alone (${said}).`, options);
    case "not_found":
      return new ArmError("not_found", `${path} does not exist (${said}).`, options);
    case "bad_request":
      return new ArmError("refused", `${path} refused the question (${said}).`, options);
    case "malformed":
      return new ArmError("malformed", `${path} gave an answer that cannot be read (${said}).`, options);
    default:
      return new ArmError("unavailable", `${path} did not answer (${said}).`, options);
  }
}

/** JSON with every number as its own text: a cost of seventeen digits does not fit a double. */
function exactJson(text: string): unknown {
  const keepNumbers = (_name: string, value: unknown, context?: { readonly source?: string }): unknown =>
    typeof value === "number" ? (context?.source ?? String(value)) : value;
  try {
    return JSON.parse(text, keepNumbers);
  } catch (error) {
    throw new ArmError("malformed", "Azure Resource Manager gave an answer that is not JSON.", { cause: error });
  }
}
