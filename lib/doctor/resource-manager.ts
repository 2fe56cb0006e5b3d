import { createDefaultHttpClient, createPipelineRequest } from "@azure/core-rest-pipeline";
import type { AzureConnection } from "../wiring/azure-clients.ts";

/** What Resource Manager answered to a read: the parsed body of a 200, or the status of a refusal. */
export type ResourceManagerAnswer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly status: number };

/**
 * One GET of Resource Manager, `path` with its api-version. Throws what the identity or the network throws. There is no way to
 * write with it.
 */
export async function readResourceManager(
  azure: AzureConnection,
  path: string,
  signal: AbortSignal,
): Promise<ResourceManagerAnswer> {
  const token = await azure.credential.getToken(`${azure.resourceManagerAudience}/.default`, { abortSignal: signal });
  const request = createPipelineRequest({
    url: new URL(path, azure.resourceManager).href,
    method: "GET",
    abortSignal: signal,
  });
  if (azure.ca) request.tlsSettings = { ca: azure.ca };
  request.headers.set("authorization", `Bearer ${token?.token ?? ""}`);
  request.headers.set("accept", "application/json");
  const response = await createDefaultHttpClient().sendRequest(request);
  if (response.status !== 200) return { ok: false, status: response.status };
  return { ok: true, body: JSON.parse(response.bodyAsText ?? "null") };
}
