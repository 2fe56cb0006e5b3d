import { createHmac, randomBytes } from "node:crypto";

/** A new signing secret as Standard Webhooks writes it: `whsec_` and base64 of 32 random bytes. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/**
 * The signature headers of Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA-256 of `id.timestamp.body` under
 * each secret, newest first. `timestampS` is in whole seconds.
 */
export function signatureHeaders(
  id: string,
  timestampS: number,
  body: string,
  secrets: readonly string[],
): Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>> {
  const content = `${id}.${timestampS}.${body}`;
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestampS),
    "webhook-signature": secrets.map((secret) => `v1,${sign(content, secret)}`).join(" "),
  };
}

function sign(content: string, secret: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return createHmac("sha256", key).update(content).digest("base64");
}
