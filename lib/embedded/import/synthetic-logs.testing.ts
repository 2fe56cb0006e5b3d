import { createHash } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A folder of logs as a storage account holds them; `records` are all distinct. */
export type SyntheticLogs = { readonly files: number; readonly records: number; readonly bytes: number };

const START_MS = Date.parse("2026-11-01T00:00:00Z");
const HOUR_MS = 3_600_000;
const SUBSCRIPTION = "/SUBSCRIPTIONS/9F0B5C1E-7D3E-4C57-8A53-0E5D1B7F6A21/RESOURCEGROUPS/RG-AI-PROD";
const ACCOUNTS = ["AOAI-PROD-EUS2", "AOAI-PROD-SWC", "AOAI-DEV-EUS2"] as const;
const METRICS = [
  "AzureOpenAIRequests",
  "ProcessedPromptTokens",
  "GeneratedTokens",
  "TokenTransaction",
  "ActiveTokens",
  "AzureOpenAITimeToResponse",
  "RAITotalRequests",
  "ModelRequests",
  "InputTokens",
  "OutputTokens",
] as const;
const MODELS = [
  ["chat-prod", "gpt-4o", "2024-11-20"],
  ["chat-mini", "gpt-4o-mini", "2024-07-18"],
  ["search-embed", "text-embedding-3-large", "1"],
] as const;

/**
 * Writes `records` distinct records below `folder`, one blob an hour, account and category: of each call two
 * `RequestResponse` rows (of 15 % one) and a usage row (of 3 % none), refused calls without model keys, and ten metrics of
 * every account and minute. `callsPerHour` is per account.
 */
export async function writeSyntheticLogs(
  folder: string,
  records: number,
  callsPerHour = 20_000,
): Promise<SyntheticLogs> {
  let written = 0;
  let files = 0;
  let bytes = 0;
  for (let hour = 0; written < records; hour++) {
    for (let account = 0; account < ACCOUNTS.length && written < records; account++) {
      for (const blob of blobsOf(hour, account, callsPerHour)) {
        if (written >= records) break;
        const path = join(folder, blobPath(blob.container, hour, account));
        const counts = await writeBlob(path, blob.lines, records - written);
        written += counts.lines;
        bytes += counts.bytes;
        files++;
      }
    }
  }
  return { files, records: written, bytes };
}

async function writeBlob(
  path: string,
  lines: Iterable<string>,
  most: number,
): Promise<{ lines: number; bytes: number }> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, "w");
  let text = "";
  let count = 0;
  let bytes = 0;
  for (const line of lines) {
    if (count >= most) break;
    text += `${line}\n`;
    count++;
    if (text.length < 1_000_000) continue;
    bytes += (await file.write(text)).bytesWritten;
    text = "";
  }
  bytes += (await file.write(text)).bytesWritten;
  await file.close();
  return { lines: count, bytes };
}

type Blob = { readonly container: string; readonly lines: Iterable<string> };

function blobsOf(hour: number, account: number, calls: number): Blob[] {
  return [
    { container: "insights-logs-azureopenairequestusage", lines: usageLines(hour, account, calls) },
    { container: "insights-logs-requestresponse", lines: requestLines(hour, account, calls) },
    { container: "insights-metrics-pt1m", lines: metricLines(hour, account) },
  ];
}

function blobPath(container: string, hour: number, account: number): string {
  const at = new Date(START_MS + hour * HOUR_MS).toISOString();
  const when = `y=${at.slice(0, 4)}/m=${at.slice(5, 7)}/d=${at.slice(8, 10)}/h=${at.slice(11, 13)}/m=00`;
  return `${container}/resourceId=${resourceOf(account)}/${when}/PT1H.json`;
}

function resourceOf(account: number): string {
  return `${SUBSCRIPTION}/PROVIDERS/MICROSOFT.COGNITIVESERVICES/ACCOUNTS/${ACCOUNTS[account]}`;
}

function* requestLines(hour: number, account: number, calls: number): Generator<string> {
  for (let call = 0; call < calls; call++) {
    const status = statusOf(call);
    yield record(hour, account, call, calls, status, requestProperties(call, status));
    if (status === "200" && call % 20 >= 3) yield record(hour, account, call, calls, status, twinProperties(call));
  }
}

function* usageLines(hour: number, account: number, calls: number): Generator<string> {
  for (let call = 0; call < calls; call++) {
    if (statusOf(call) !== "200" || call % 33 === 0) continue;
    yield record(hour, account, call, calls, "200", usageProperties(call), true);
  }
}

function* metricLines(hour: number, account: number): Generator<string> {
  for (let minute = 0; minute < 60; minute++) {
    const time = new Date(START_MS + hour * HOUR_MS + minute * 60_000).toISOString().replace(".000Z", ".0000000Z");
    for (const [index, metric] of METRICS.entries()) {
      const count = ((minute * 7 + index * 13 + hour) % 400) + 1;
      const total = count * (index * 311 + 17);
      yield `{"count":${count},"total":${total},"minimum":1,"maximum":${index * 700 + 9},"average":${total / count},"resourceId":"${resourceOf(account)}","time":"${time}","metricName":"${metric}","timeGrain":"PT1M"}`;
    }
  }
}

function statusOf(call: number): string {
  if (call % 40 === 11) return "429";
  return call % 200 === 77 ? "400" : "200";
}

function record(
  hour: number,
  account: number,
  call: number,
  calls: number,
  status: string,
  properties: string,
  isUsage = false,
): string {
  const ms = START_MS + hour * HOUR_MS + Math.floor((call * HOUR_MS) / calls);
  const time = new Date(ms).toISOString().replace("Z", `${String(call % 10_000).padStart(4, "0")}Z`);
  const hex = createHash("md5").update(`${hour} ${account} ${call}`).digest("hex");
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  const operation = call % 3 === 2 ? "Embeddings_Create" : "ChatCompletions_Create";
  const category = isUsage ? "AzureOpenAIRequestUsage" : "RequestResponse";
  const event = isUsage ? "ShoeboxAzureOpenAIRequestUsage" : "ShoeboxCallResult";
  const address = isUsage ? "" : `203.0.${call % 113}.***`;
  const duration = status === "429" ? 9 : 200 + (call % 9_000);
  return `{"time":"${time}","resourceId":"${resourceOf(account)}","category":"${category}","operationName":"${operation}","event":"${event}","location":"eastus2","Tenant":"eastus2","correlationId":"${id}","callerIpAddress":"${address}","durationMs":${duration},"resultSignature":"${status}","properties":${properties}}`;
}

function envelopeOf(call: number): string {
  const ticks = `63930590062${String(call % 10_000_000).padStart(7, "0")}`;
  return `"apiName":"Azure OpenAI API version 2024-10-21","requestTime":${ticks},"requestLength":${500 + (call % 70_000)},"responseTime":${ticks.slice(0, -1)}9,"responseLength":${300 + (call % 9_000)},"objectId":""`;
}

function modelOf(call: number): string {
  const [deployment, model, version] = MODELS[call % 3] ?? MODELS[0];
  return `"streamType":"${call % 5 === 0 ? "Streaming" : "Non-Streaming"}","modelDeploymentName":"${deployment}","modelName":"${model}","modelVersion":"${version}"`;
}

function requestProperties(call: number, status: string): string {
  if (status === "429") return `{${envelopeOf(call)},"streamType":"Non-Streaming"}`;
  const caller = call % 4 === 0 ? "" : `"callerObjectId":"7a4d2a4e-51ce-4f0e-8d1b-2d2f7f3a${1_000 + (call % 400)}",`;
  const tokens = status === "200" ? `,"promptTokens":${12 + (call % 4_000)},"completionTokens":${call % 700}` : "";
  return `{${envelopeOf(call)},${caller}${modelOf(call)}${tokens}}`;
}

function twinProperties(call: number): string {
  return `{${envelopeOf(call)},"streamType":"Non-Streaming"}`;
}

function usageProperties(call: number): string {
  return `{${modelOf(call)},"promptTokens":[${12 + (call % 4_000)}],"cachedTokens":[${call % 12}],"generatedTokens":[${call % 700}],"timeToFirstTokenMs":${(call % 900) + 0.5},"timeToLastTokenMs":${(call % 9_000) + 90.25}}`;
}
