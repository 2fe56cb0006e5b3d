import { createHmac } from "node:crypto";
import * as http from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createSelfSignedCertificate } from "../log-analytics/testing/self-signed-certificate.ts";
import { toInstant } from "../time/instant.ts";
import type { Channel, ChannelId } from "./channel.ts";
import { type ClaimedItem, idempotencyKey } from "./outbox.ts";
import type { PostResult } from "./post-guarded.ts";
import { nextAttemptAt, RETRY_WAITS_MS } from "./retry-schedule.ts";
import { settlementOf, webhookSender } from "./send-webhook.ts";
import { newWebhookSecret, signatureHeaders } from "./sign-webhook.ts";

const NOW = toInstant("2026-11-21T09:00:00.900Z");

describe("signatureHeaders", () => {
  test("signs the published sample of Standard Webhooks", () => {
    // The sample of https://github.com/standard-webhooks/standard-webhooks, libraries/*/tests.
    const headers = signatureHeaders("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, '{"test": 2432232314}', [
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ]);
    expect(headers).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test("signs with both secrets while one is being replaced, the newest first", () => {
    const [a, b] = [newWebhookSecret(), newWebhookSecret()];
    const alone = (secret: string) => signatureHeaders("id", 1, "{}", [secret])["webhook-signature"];
    expect(signatureHeaders("id", 1, "{}", [a, b])["webhook-signature"]).toBe(`${alone(a)} ${alone(b)}`);
    expect(alone(a)).not.toBe(alone(b));
    expect(Buffer.from(a.slice("whsec_".length), "base64")).toHaveLength(32);
  });
});

describe("idempotencyKey", () => {
  const parts = { instanceKey: "budget/1", transition: "t", channelId: "c" as ChannelId, kind: "k" };
  test("is the same for the same parts and another for any other", () => {
    expect(idempotencyKey(parts)).toBe(idempotencyKey({ ...parts }));
    expect(idempotencyKey(parts)).toMatch(/^[\w-]{43}$/);
    const keys = [
      parts,
      { ...parts, instanceKey: "budget/1|t", transition: "" },
      { ...parts, kind: "k2" },
      { ...parts, channelId: "d" as ChannelId },
    ];
    expect(new Set(keys.map(idempotencyKey)).size).toBe(4);
  });
});

describe("nextAttemptAt", () => {
  test.each([
    ["the first wait in the middle", 1, 0.5, null, 10_000],
    ["20 % sooner", 1, 0, null, 8_000],
    ["20 % later", 2, 0.999_999_999, null, 36_000],
    ["the eleventh wait is a day", 11, 0.5, null, 86_400_000],
    ["Retry-After is honoured", 1, 0.5, 60_000, 60_000],
    ["an hour of Retry-After is honoured", 1, 0.5, 3_600_000, 3_600_000],
    ["more than an hour is not", 1, 0.5, 3_600_001, 3_600_000],
    ["Retry-After does not shorten a wait", 3, 0.5, 1_000, 120_000],
  ])("%s", (_name, attempt, random, retryAfterMs, wait) => {
    expect(nextAttemptAt(attempt, NOW, random, retryAfterMs)).toBe(NOW + wait);
  });

  test("gives up after twelve attempts, about 71 hours", () => {
    expect(nextAttemptAt(12, NOW, 0.5, null)).toBeNull();
    expect(RETRY_WAITS_MS.reduce((a, b) => a + b, 0) / 3_600_000).toBeCloseTo(70.7, 1);
  });
});

describe("settlementOf", () => {
  const answered = (status: number, retryAfter: string | null = null): PostResult => ({
    kind: "answered",
    status,
    retryAfter,
  });
  test.each([
    ["200 is delivered", answered(200), 1, "delivered"],
    ["204 is delivered", answered(204), 1, "delivered"],
    ["299 is delivered", answered(299), 1, "delivered"],
    ["199 is a wrong address", answered(199), 1, "dead"],
    ["301 is never followed", answered(301), 1, "dead"],
    ["307 is never followed", answered(307), 1, "dead"],
    ["400 is tried again", answered(400), 1, "retrying"],
    ["400 is tried a third time", answered(400), 2, "retrying"],
    ["400 is dead after the third", answered(400), 3, "dead"],
    ["408 goes on", answered(408), 3, "retrying"],
    ["410 is dead at once", answered(410), 1, "dead"],
    ["425 goes on", answered(425), 3, "retrying"],
    ["429 goes on", answered(429), 3, "retrying"],
    ["500 goes on", answered(500), 11, "retrying"],
    ["500 is dead after the twelfth", answered(500), 12, "dead"],
    ["a lost connection goes on", { kind: "failed", failure: "connection_lost" } as PostResult, 5, "retrying"],
    ["a refused address is dead", { kind: "refused", message: "no" } as PostResult, 1, "dead"],
  ])("%s", (_name, result, attempt, state) => {
    expect(settlementOf(result, attempt, NOW, 0.5).state).toBe(state);
  });

  test("only 410 switches the channel off", () => {
    expect(settlementOf(answered(410), 1, NOW, 0.5)).toMatchObject({ disablesChannel: true });
    expect(settlementOf(answered(404), 3, NOW, 0.5)).toMatchObject({ disablesChannel: false });
  });

  test.each([
    ["seconds", "30", 30_000],
    ["a date", "Sat, 21 Nov 2026 09:05:00 GMT", 299_100],
    ["neither", "soon", 10_000],
  ])("reads Retry-After as %s", (_name, header, wait) => {
    expect(settlementOf(answered(429, header), 1, NOW, 0.5)).toMatchObject({ nextAttemptAt: NOW + wait });
  });
});

describe("webhookSender", () => {
  const servers: (http.Server | https.Server)[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function listen<S extends http.Server | https.Server>(server: S): Promise<string> {
    servers.push(server);
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", resolve);
    await promise;
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const channel = (url: string): Channel => ({
    id: "c" as ChannelId,
    name: "Hook",
    kind: "webhook",
    url,
    secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    state: "active",
    disabledReason: null,
  });
  const item: ClaimedItem = {
    id: "1",
    idempotencyKey: "key-1",
    channelId: "c" as ChannelId,
    kind: "test",
    instanceKey: "i",
    sequence: 1,
    payload: '{"title":"80 % of Søk"}',
    attempt: 1,
    claim: "p/1",
  };
  const sender = (receiver: string, options: { ca?: string } = {}) =>
    webhookSender({
      policy: {
        resolve: async () => [],
        isAllowed: () => false,
        allowsHttp: false,
        ports: [443],
        testReceivers: [receiver],
      },
      random: () => 0.5,
      limits: { connectMs: 1_000, wholeMs: 1_000, answerBytes: 65_536 },
      ...options,
    });

  test("posts the frozen bytes over TLS with a signature that the receiver can check", async () => {
    const certificate = createSelfSignedCertificate(Date.now());
    const seen: { headers: http.IncomingHttpHeaders; body: string }[] = [];
    const receiver = await listen(
      https.createServer({ key: certificate.keyPem, cert: certificate.certPem }, async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk);
        seen.push({ headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
        response.end("thanks");
      }),
    );
    const target = channel(`https://${receiver}/hook`);
    expect(await sender(receiver, { ca: certificate.certPem })(target, item, NOW)).toEqual({ state: "delivered" });
    const [got] = seen;
    expect(got?.body).toBe(item.payload);
    expect(got?.headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "idempotency-key": "key-1",
      "webhook-id": "key-1",
      "webhook-timestamp": "1795251600",
      connection: "close",
    });
    expect(got?.headers.authorization).toBeUndefined();
    const key = Buffer.from("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "base64");
    const signature = createHmac("sha256", key).update(`key-1.1795251600.${item.payload}`).digest("base64");
    expect(got?.headers["webhook-signature"]).toBe(`v1,${signature}`);
    // Without the authority the certificate is not trusted, and nothing arrives.
    expect(await sender(receiver)(target, item, NOW)).toMatchObject({
      state: "retrying",
      error: expect.stringContaining("certificate"),
    });
    expect(seen).toHaveLength(1);
  });

  test("does not follow a redirect, reads at most 64 KiB, and gives a receiver that hangs up its retry", async () => {
    const paths: string[] = [];
    const receiver = await listen(
      http.createServer((request, response) => {
        paths.push(request.url ?? "");
        if (request.url === "/moved") response.writeHead(302, { location: "/elsewhere" }).end();
        if (request.url === "/long") response.end("x".repeat(1_000_000));
        if (request.url === "/drop") request.socket.destroy();
      }),
    );
    const send = sender(receiver);
    expect(await send(channel(`http://${receiver}/moved`), item, NOW)).toMatchObject({ state: "dead" });
    expect(await send(channel(`http://${receiver}/long`), item, NOW)).toEqual({ state: "delivered" });
    expect(await send(channel(`http://${receiver}/drop`), item, NOW)).toMatchObject({ state: "retrying" });
    expect(await send(channel(`http://${receiver}/hang`), item, NOW)).toMatchObject({
      state: "retrying",
      error: "The receiver did not answer in time.",
    });
    expect(paths).toEqual(["/moved", "/long", "/drop", "/hang"]);
  });
});
