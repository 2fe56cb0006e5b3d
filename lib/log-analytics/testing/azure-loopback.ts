import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPipelineRequest, type HttpClient, type HttpMethods } from "@azure/core-rest-pipeline";
import type { WireAnswer } from "./scripted-wire.ts";
import { createSelfSignedCertificate } from "./self-signed-certificate.ts";

/** A request as it came over the network. */
export type SeenRequest = {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly at: number;
};

export type AzureLoopbackOptions = {
  /** Answers `POST /v1/workspaces/{id}/query` with the bytes of the Logs Query API. */
  readonly engine: HttpClient;
  /** Answers `GET …/providers/Microsoft.Insights/metrics`. */
  readonly metricsHttpClient: HttpClient;
  /** Answers questions about money: `Microsoft.CostManagement` and `Microsoft.Capacity`. */
  readonly billingHttpClient?: HttpClient;
  /** What goes wrong instead of an answer; null lets the request through. */
  readonly faults?: (request: SeenRequest, index: number) => WireAnswer | null;
};

export type AzureLoopback = {
  /** The environment that makes an unmodified product ask this server with a managed identity. */
  readonly env: Readonly<Record<string, string>>;
  /** Requests for data in order; those for tokens are in `tokenRequests`. */
  readonly requests: SeenRequest[];
  readonly tokenRequests: SeenRequest[];
  readonly close: () => Promise<void>;
};

/**
 * Azure on the loopback: an HTTPS server that speaks the Log Analytics and metrics protocols with answers from an embedded
 * engine, and a managed-identity endpoint in the manner of App Service. Requests without the token that the identity
 * endpoint gave are refused with 401, as Azure refuses them.
 */
export async function startAzureLoopback(options: AzureLoopbackOptions): Promise<AzureLoopback> {
  const folder = await mkdtemp(join(tmpdir(), "azure-loopback-"));
  const certificate = createSelfSignedCertificate(Date.now());
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, certificate.certPem);
  const token = randomUUID();
  const identityHeader = randomUUID();
  const requests: SeenRequest[] = [];
  const tokenRequests: SeenRequest[] = [];

  const azure = createHttpsServer({ cert: certificate.certPem, key: certificate.keyPem }, (incoming, outgoing) => {
    serveAzure(incoming, outgoing, { options, token, requests }).catch((error: unknown) => {
      outgoing.writeHead(500, { "content-type": "application/json" });
      outgoing.end(JSON.stringify({ error: { code: "InternalServerError", message: String(error) } }));
    });
  });
  const identity = createHttpServer((incoming, outgoing) => {
    tokenRequests.push({ method: incoming.method ?? "", path: incoming.url ?? "", body: "", at: Date.now() });
    serveIdentity(incoming, outgoing, token, identityHeader);
  });
  const azureUrl = `https://localhost:${await listen(azure)}`;
  const identityUrl = `http://127.0.0.1:${await listen(identity)}/msi/token`;

  return {
    env: {
      LOG_ANALYTICS_ENDPOINT: azureUrl,
      AZURE_RESOURCE_MANAGER_ENDPOINT: azureUrl,
      IDENTITY_ENDPOINT: identityUrl,
      IDENTITY_HEADER: identityHeader,
      NODE_EXTRA_CA_CERTS: caFile,
    },
    requests,
    tokenRequests,
    close: async () => {
      await Promise.all([stop(azure), stop(identity)]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function serveAzure(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  context: { options: AzureLoopbackOptions; token: string; requests: SeenRequest[] },
): Promise<void> {
  const seen = {
    method: incoming.method ?? "GET",
    path: incoming.url ?? "/",
    body: await textOf(incoming),
    at: Date.now(),
  };
  context.requests.push(seen);
  const fault = context.options.faults?.(seen, context.requests.length - 1) ?? null;
  if (fault) return doWrong(outgoing, fault);
  if (incoming.headers.authorization !== `Bearer ${context.token}`) {
    return reply(outgoing, 401, {
      error: { code: "AuthenticationFailed", message: "The token is missing or was not issued here." },
    });
  }
  const client = clientFor(seen.path, context.options);
  if (!client)
    return reply(outgoing, 404, { error: { code: "PathNotFoundError", message: `There is no ${seen.path} here.` } });
  const response = await client.sendRequest(
    createPipelineRequest({
      url: `https://localhost${seen.path}`,
      method: methodOf(seen.method),
      body: seen.body,
      headers: headersOf(incoming),
    }),
  );
  outgoing.writeHead(response.status, { ...response.headers.toJSON() });
  outgoing.end(response.bodyAsText ?? "");
}

function clientFor(path: string, options: AzureLoopbackOptions): HttpClient | null {
  if (/^\/v1\/workspaces\/[^/]+\/query/.test(path)) return options.engine;
  if (/\/providers\/microsoft\.insights\/metrics(\?|$)/i.test(path)) return options.metricsHttpClient;
  if (/\/providers\/microsoft\.(costmanagement|capacity)\//i.test(path)) return options.billingHttpClient ?? null;
  return null;
}

function headersOf(incoming: IncomingMessage) {
  const entries = Object.entries(incoming.headers).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value] as const] : [],
  );
  const headers = createPipelineRequest({ url: "https://localhost" }).headers;
  for (const [name, value] of entries) headers.set(name, value);
  return headers;
}

function methodOf(method: string): HttpMethods {
  return method === "POST" ? "POST" : "GET";
}

function doWrong(outgoing: ServerResponse, fault: WireAnswer): void {
  switch (fault.kind) {
    case "hang":
      return;
    case "network":
      outgoing.destroy();
      return;
    case "http":
      outgoing.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
      outgoing.end(fault.status === 204 ? "" : fault.body);
  }
}

function serveIdentity(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  token: string,
  identityHeader: string,
): void {
  const resource = new URL(incoming.url ?? "/", "http://127.0.0.1").searchParams.get("resource");
  if (incoming.headers["x-identity-header"] !== identityHeader || !resource) {
    reply(outgoing, 401, { statusCode: 401, message: "The identity header is wrong or no resource is named." });
    return;
  }
  const expiresOn = Math.floor(Date.now() / 1_000) + 86_400;
  reply(outgoing, 200, { access_token: token, expires_on: String(expiresOn), resource, token_type: "Bearer" });
}

function reply(outgoing: ServerResponse, status: number, body: object): void {
  outgoing.writeHead(status, { "content-type": "application/json; charset=utf-8" });
  outgoing.end(JSON.stringify(body));
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of incoming) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

function listen(server: Server | ReturnType<typeof createHttpsServer>): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(portOf(server.address())));
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("The loopback server has no port.");
  return address.port;
}

function stop(server: Server | ReturnType<typeof createHttpsServer>): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
