import { createHttpHeaders, type HttpClient, type PipelineRequest, RestError } from "@azure/core-rest-pipeline";

/** One thing that a wire can do to a request. `hang` never answers by itself; `network` fails before any answer. */
export type WireAnswer =
  | { readonly kind: "http"; readonly status: number; readonly body: string; readonly headers?: Record<string, string> }
  | { readonly kind: "network"; readonly code: string }
  | { readonly kind: "hang" };

export type ScriptedWire = {
  readonly httpClient: HttpClient;
  /** The requests that arrived, in order. */
  readonly requests: PipelineRequest[];
};

/** An HTTP client that answers from a script: a function of the request and how many came before it. */
export function createScriptedWire(
  answer: (request: PipelineRequest, index: number) => WireAnswer | Promise<WireAnswer>,
): ScriptedWire {
  const requests: PipelineRequest[] = [];
  const httpClient: HttpClient = {
    async sendRequest(request) {
      requests.push(request);
      const answered = await answer(request, requests.length - 1);
      if (answered.kind === "network")
        throw new RestError(`connect ${answered.code}`, { code: answered.code, request });
      if (answered.kind === "hang") return untilAborted(request);
      const headers = createHttpHeaders({ "content-type": "application/json", ...answered.headers });
      return { request, status: answered.status, headers, bodyAsText: answered.body };
    },
  };
  return { httpClient, requests };
}

/** A credential that needs no one. */
export const STATIC_CREDENTIAL = {
  getToken: async () => ({ token: "test", expiresOnTimestamp: Date.now() + 3_600_000 }),
};

/** The body of a successful query with one table. */
export function tableBody(
  columns: readonly (readonly [string, string])[],
  rows: readonly (readonly unknown[])[],
): string {
  return JSON.stringify({
    tables: [{ name: "PrimaryResult", columns: columns.map(([name, type]) => ({ name, type })), rows }],
  });
}

export const ok = (body: string): WireAnswer => ({ kind: "http", status: 200, body });

/** An error as the service words it, with inner errors outermost first. */
export function serviceError(
  status: number,
  levels: readonly { readonly code: string; readonly message: string }[],
  headers?: Record<string, string>,
): WireAnswer {
  const error = levels.reduceRight<object | undefined>(
    (inner, level) => ({ ...level, ...(inner ? { innererror: inner } : {}) }),
    undefined,
  );
  return { kind: "http", status, body: JSON.stringify({ error }), ...(headers ? { headers } : {}) };
}

function untilAborted(request: PipelineRequest): Promise<never> {
  return new Promise((_resolve, reject) => {
    request.abortSignal?.addEventListener("abort", () => {
      const error = new Error("The operation was aborted.");
      error.name = "AbortError";
      reject(error);
    });
  });
}
