import { createHmac } from "node:crypto";
import { createServer } from "node:http";

/** A message as it came in: the bytes of its body and the headers of Standard Webhooks. */
export type Received = {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
};

/** The only address of this machine that the product under test may send to: see `TEST_RECEIVERS` in start-product.ts. */
export const RECEIVER = "127.0.0.1:3211";

/** Listens as a team's webhook receiver would, answers 204 to everything, and keeps what it got. */
export async function listenAsReceiver(): Promise<{ received: Received[]; close: () => Promise<void> }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const header = (name: string) => String(request.headers[name] ?? "");
      received.push({
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body,
      });
      response.writeHead(204).end();
    });
  });
  const [host, port] = RECEIVER.split(":");
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(Number(port), host, resolve);
  });
  return {
    received,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** The signature that Standard Webhooks asks for, worked out by its text: HMAC-SHA-256 of `id.timestamp.body`. */
export function signatureOf({ id, timestamp, body }: Received, secret: string): string {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}
