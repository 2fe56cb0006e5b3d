import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { z } from "zod";
import { newWebhookSecret, signatureHeaders } from "./sign-webhook.ts";

const sampleSchema = z.object({
  isGenuine: z.custom<(headers: object, body: string, secret: string, nowSeconds: number) => boolean>(
    (value) => typeof value === "function",
  ),
});

/** The function that docs/webhooks.md gives to receivers, as they would copy it. */
async function documentedSample() {
  const page = await readFile(new URL("../../docs/webhooks.md", import.meta.url), "utf8");
  const code = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  const module: unknown = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`);
  return sampleSchema.parse({ ...(module as object) }).isGenuine;
}

test("the sample of docs/webhooks.md accepts what is sent and refuses what was changed, is old or has another secret", async () => {
  const isGenuine = await documentedSample();
  const [secret, older] = [newWebhookSecret(), newWebhookSecret()];
  const body = '{"type":"test","data":{"title":"Søk: 80 %"}}';
  const sentAt = 1_795_251_600;
  const headers = signatureHeaders("key-1", sentAt, body, [secret, older]);
  expect(isGenuine(headers, body, secret, sentAt + 300)).toBe(true);
  expect(isGenuine(headers, body, older, sentAt)).toBe(true);
  expect(isGenuine(headers, body, secret, sentAt + 301)).toBe(false);
  expect(isGenuine(headers, body, secret, sentAt - 301)).toBe(false);
  expect(isGenuine(headers, body.replace("80", "81"), secret, sentAt)).toBe(false);
  expect(isGenuine({ ...headers, "webhook-id": "key-2" }, body, secret, sentAt)).toBe(false);
  expect(isGenuine(headers, body, newWebhookSecret(), sentAt)).toBe(false);
  expect(isGenuine({ ...headers, "webhook-timestamp": "soon" }, body, secret, sentAt)).toBe(false);
});
