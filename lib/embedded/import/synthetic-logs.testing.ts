import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

const RESOURCE =
  "/SUBSCRIPTIONS/9F0B5C1E-7D3E-4C57-8A53-0E5D1B7F6A21/RESOURCEGROUPS/RG-AI-PROD/PROVIDERS/MICROSOFT.COGNITIVESERVICES/ACCOUNTS/AOAI-PROD-EUS2";
const START_MS = Date.parse("2026-11-01T00:00:00Z");
const STEP_MS = 37;

/** Writes `count` distinct records as a storage account holds them: of each call a populated row, its twin and a usage row. */
export async function writeSyntheticLogs(path: string, count: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = createWriteStream(path);
  let text = "";
  for (let index = 0; index < count; index++) {
    text += `${syntheticRecord(index)}\n`;
    if (text.length < 1_000_000) continue;
    if (!file.write(text)) await once(file, "drain");
    text = "";
  }
  file.end(text);
  await once(file, "finish");
}

function syntheticRecord(index: number): string {
  const call = Math.floor(index / 3);
  const id = createHash("md5").update(String(call)).digest("hex");
  const isUsage = index % 3 === 2;
  const envelope = JSON.stringify({
    time: new Date(START_MS + call * STEP_MS).toISOString().replace("Z", "0000Z"),
    resourceId: RESOURCE,
    category: isUsage ? "AzureOpenAIRequestUsage" : "RequestResponse",
    operationName: "ChatCompletions_Create",
    event: isUsage ? "ShoeboxAzureOpenAIRequestUsage" : "ShoeboxCallResult",
    location: "eastus2",
    Tenant: "eastus2",
    correlationId: `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-8${id.slice(17, 20)}-${id.slice(20)}`,
    callerIpAddress: isUsage ? "" : "203.0.113.***",
    durationMs: call % 9_000,
    resultSignature: "200",
  });
  return `${envelope.slice(0, -1)},"properties":${propertiesOf(call, index % 3)}}`;
}

function propertiesOf(call: number, part: number): string {
  const model = `"streamType":"Non-Streaming","modelDeploymentName":"chat-prod","modelName":"gpt-4o","modelVersion":"2024-11-20"`;
  const envelope = `"apiName":"Azure OpenAI API version 2024-10-21","requestTime":6393059006211${String(call % 100_000).padStart(5, "0")},"requestLength":${call % 70_000},"objectId":""`;
  if (part === 0) return `{${envelope},${model},"promptTokens":${call % 4_000},"completionTokens":${call % 700}}`;
  if (part === 1) return `{${envelope},"streamType":"Non-Streaming"}`;
  return `{${model},"promptTokens":[${call % 4_000}],"cachedTokens":[${call % 1_000}],"generatedTokens":[${call % 700}],"timeToFirstTokenMs":${(call % 900) + 0.5}}`;
}
