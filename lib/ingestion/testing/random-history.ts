import { type Random, randomOf } from "../../embedded/demo/random.ts";
import type { TableRecord } from "../../embedded/store/append-records.ts";
import { addMs, HOUR_MS, type Instant, MINUTE_MS, toInstant } from "../../time/instant.ts";

/** A record and when a question first sees it; it was ingested up to ten minutes before. */
export type Arrival = { readonly table: HistoryTable; readonly record: TableRecord; readonly visibleAt: Instant };

export type HistoryTable = "AzureDiagnostics" | "ApiManagementGatewayLogs";

/** What happened to a workspace and to the process that follows it; a pure function of the seed. */
export type RandomHistory = {
  readonly arrivals: readonly Arrival[];
  /** Ascending instants at which the process looks; the last is after the last arrival. */
  readonly looks: readonly Instant[];
  /** For each life of the process, the step before which it ends; null: it lives on. */
  readonly crashes: readonly (number | null)[];
};

const FIRST_DAY = toInstant("2026-11-10T00:00:00Z");
const RG = "/subscriptions/s/resourcegroups/rg/providers";
const ACCOUNTS = ["east", "west"].map((name) => `${RG}/microsoft.cognitiveservices/accounts/${name}`);
const GATEWAY = `${RG}/microsoft.apimanagement/service/gw`;
const MODELS = [
  { modelDeploymentName: "chat", modelName: "gpt-4o", modelVersion: "2024-11-20" },
  { modelDeploymentName: "mini", modelName: "gpt-4o-mini", modelVersion: "2024-07-18" },
  { modelDeploymentName: "embed", modelName: "text-embedding-3-large", modelVersion: "1" },
];
const LONGEST_DELAY_MS = 48 * HOUR_MS;
const MOST_CALLS = 60;

/**
 * Up to `mostCalls` calls of at most 36 hours. Every row has its own delay of up to 48 hours, so that rows of one call come in any
 * order; some come twice, some usage rows are followed by another one for the same call, some calls went through a gateway.
 */
export function randomHistory(seed: number, mostCalls = MOST_CALLS): RandomHistory {
  const random = randomOf(seed);
  const start = addMs(FIRST_DAY, Math.floor(random() * 24 * 60) * MINUTE_MS);
  const spanMs = HOUR_MS * (1 + random() ** 2 * 35);
  const count = Math.ceil(mostCalls * (0.1 + 0.9 * random()));
  const arrivals = Array.from({ length: count }, (_, index) =>
    callArrivals(random, `${seed}-${index}`, addMs(start, Math.floor(random() * spanMs))),
  ).flat();
  const last = arrivals.reduce((latest, { visibleAt }) => Math.max(latest, visibleAt), 0);
  const looks = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
    toInstant(Math.floor(start + random() * (last - start))),
  );
  return {
    arrivals: arrivals.toSorted((a, b) => a.visibleAt - b.visibleAt),
    looks: [...looks.toSorted((a, b) => a - b), toInstant(last + MINUTE_MS)],
    crashes: Array.from({ length: 5 }, () => (random() < 0.5 ? 1 + Math.floor(random() ** 2 * 60) : null)),
  };
}

function callArrivals(random: Random, id: string, at: Instant): Arrival[] {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const [account, model] = [pick(ACCOUNTS), pick(MODELS)];
  const prompt = 1 + Math.floor(random() * 5_000);
  const output = model.modelDeploymentName === "embed" ? 0 : Math.floor(random() * 900);
  const isAnswered = random() < 0.85;
  const hasUsage = isAnswered && random() < 0.8;
  const isThroughGateway = random() < 0.4;
  const durationMs = Math.floor(random() * 20_000);
  const arrive = (table: HistoryTable, record: TableRecord): Arrival[] => {
    const copies = random() < 0.15 ? 2 : 1;
    return Array.from({ length: copies }, () => {
      const received = addMs(toInstant(String(record.TimeGenerated)), delayOf(random));
      const visibleAt = addMs(received, Math.floor(random() ** 3 * 10 * MINUTE_MS));
      return { table, visibleAt, record: { ...record, _TimeReceived: new Date(received).toISOString() } };
    });
  };
  const logged = (category: string, seenAt: Instant, status: string, ms: number, properties: object): TableRecord => ({
    TimeGenerated: new Date(seenAt).toISOString(),
    ResourceProvider: "MICROSOFT.COGNITIVESERVICES",
    Category: category,
    OperationName: model.modelDeploymentName === "embed" ? "Embeddings_Create" : "ChatCompletions_Create",
    ResultSignature: status,
    DurationMs: ms,
    CorrelationId: id,
    location_s: "eastus2",
    _ResourceId: account,
    properties_s: JSON.stringify({ ...model, apiName: "Azure OpenAI 2024-10-21", ...properties }),
  });
  const arrivals: Arrival[] = [];
  const callerObjectId = isThroughGateway ? "gateway" : pick(["u1", "u2", "u3", ""]);
  if (random() < 0.95) {
    const scalars = isAnswered && random() < 0.6 ? { promptTokens: prompt, completionTokens: output } : {};
    const status = isAnswered ? "200" : pick(["429", "400", "500"]);
    arrivals.push(
      ...arrive(
        "AzureDiagnostics",
        logged("RequestResponse", at, status, durationMs, { callerObjectId, streamType: "Streaming", ...scalars }),
      ),
    );
  }
  const usage = (share: number) =>
    logged("AzureOpenAIRequestUsage", addMs(at, durationMs), "", 0, {
      promptTokens: [Math.ceil(prompt * share)],
      cachedTokens: [Math.floor(prompt * share * random())],
      generatedTokens: [Math.ceil(output * share)],
    });
  if (hasUsage) arrivals.push(...arrive("AzureDiagnostics", usage(1)));
  if (hasUsage && random() < 0.1) arrivals.push(...arrive("AzureDiagnostics", usage(0.25)));
  if (isThroughGateway) {
    const path = `openai/deployments/${model.modelDeploymentName}/chat/completions`;
    arrivals.push(
      ...arrive("ApiManagementGatewayLogs", {
        TimeGenerated: new Date(at).toISOString(),
        CorrelationId: `g-${id}`,
        TotalTime: durationMs + 20,
        ResponseCode: isAnswered ? 200 : 429,
        BackendResponseCode: isAnswered ? 200 : 429,
        ApimSubscriptionId: pick(["team-red", "team-blue"]),
        ProductId: "gold",
        ApiId: "openai",
        Url: `https://ai.example/openai/${path}`,
        BackendUrl: `https://${account.endsWith("east") ? "east" : "west"}.openai.azure.com/${path}`,
        ...(random() < 0.8 ? { BackendResponseHeaders: JSON.stringify({ "apim-request-id": id }) } : {}),
        _ResourceId: GATEWAY,
      }),
    );
  }
  return arrivals;
}

/** Minutes mostly, hours sometimes, two days at most. */
function delayOf(random: Random): number {
  const kind = random();
  const longest = kind < 0.6 ? 5 * MINUTE_MS : kind < 0.85 ? HOUR_MS : kind < 0.95 ? 6 * HOUR_MS : LONGEST_DELAY_MS;
  return Math.floor(random() * longest);
}
