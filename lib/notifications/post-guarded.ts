import * as http from "node:http";
import * as https from "node:https";
import { isIPv6 } from "node:net";
import { SECOND_MS } from "../time/instant.ts";
import { checkTarget, type OutgoingPolicy } from "./outgoing-guard.ts";

/** How one POST ended. `failure` is a category for people; nothing that the other side wrote is kept. */
export type PostResult =
  | { readonly kind: "answered"; readonly status: number; readonly retryAfter: string | null }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "failed"; readonly failure: "name" | "connect" | "tls" | "timeout" | "connection_lost" };

export type PostLimits = { readonly connectMs: number; readonly wholeMs: number; readonly answerBytes: number };

const LIMITS: PostLimits = { connectMs: 5 * SECOND_MS, wholeMs: 10 * SECOND_MS, answerBytes: 65_536 };

/**
 * Posts `body` to an address that a person typed: checked first, connected to the checked address only, without following
 * redirects, without keeping the connection. `ca` are extra certificate authorities in PEM.
 */
export async function postGuarded(
  text: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  policy: OutgoingPolicy,
  { ca, limits = LIMITS }: { readonly ca?: string; readonly limits?: PostLimits } = {},
): Promise<PostResult> {
  const target = await checkTarget(text, policy);
  if (!target.ok)
    return target.reason === "unknown_name"
      ? { kind: "failed", failure: "name" }
      : { kind: "refused", message: target.message };
  return post(target.url, target.address, headers, body, ca, limits);
}

function post(
  url: URL,
  address: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  ca: string | undefined,
  limits: PostLimits,
): Promise<PostResult> {
  const { promise, resolve } = Promise.withResolvers<PostResult>();
  const isTls = url.protocol === "https:";
  const family = isIPv6(address) ? 6 : 4;
  const request = (isTls ? https : http).request(url, {
    method: "POST",
    agent: false,
    ...(ca === undefined ? {} : { ca }),
    headers: {
      ...headers,
      "content-length": Buffer.byteLength(body),
      "user-agent": "Token-Ledger",
      connection: "close",
    },
    // Node asks for one address or for all; the answer is the checked one either way.
    lookup: (_host, options, callback) =>
      options.all ? callback(null, [{ address, family }]) : callback(null, address, family),
  });
  let isConnected = false;
  const finish = (result: PostResult) => {
    clearTimeout(connecting);
    clearTimeout(whole);
    resolve(result);
    request.destroy();
  };
  const connecting = setTimeout(() => finish({ kind: "failed", failure: "timeout" }), limits.connectMs);
  const whole = setTimeout(() => finish({ kind: "failed", failure: "timeout" }), limits.wholeMs);
  request.on("socket", (socket) => {
    socket.once(isTls ? "secureConnect" : "connect", () => {
      isConnected = true;
      clearTimeout(connecting);
    });
  });
  request.on("error", (error) => finish({ kind: "failed", failure: failureOf(error, isConnected) }));
  request.on("response", (response) => {
    const status = response.statusCode ?? 0;
    const answered: PostResult = { kind: "answered", status, retryAfter: response.headers["retry-after"] ?? null };
    let read = 0;
    response.on("data", (chunk: Buffer) => {
      read += chunk.length;
      if (read > limits.answerBytes) finish(answered);
    });
    response.on("end", () => finish(answered));
    // The status line arrived, so the receiver has decided; a body that breaks off changes nothing.
    response.on("error", () => finish(answered));
  });
  request.end(body);
  return promise;
}

function failureOf(error: NodeJS.ErrnoException, isConnected: boolean): "connect" | "tls" | "connection_lost" {
  const code = error.code ?? "";
  if (/CERT|SSL|TLS|SIGNATURE|SELF_SIGNED|ISSUER|EPROTO/.test(code)) return "tls";
  return isConnected ? "connection_lost" : "connect";
}
