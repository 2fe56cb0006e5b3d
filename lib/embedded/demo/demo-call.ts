/** Why a call ended as it did; what the records tell about it is less. */
export type DemoOutcome =
  | "ok"
  | "output_filtered"
  | "prompt_filtered"
  | "throttled"
  | "client_error"
  | "unauthorized"
  | "endpoint_closed"
  | "deployment_missing"
  | "cancelled"
  | "timeout"
  | "server_error"
  | "gateway_limit";

/** Categories of the content filter, as the metrics name them. */
export const FILTER_CATEGORIES = ["Hate", "Sexual", "Violence", "SelfHarm", "Jailbreak"] as const;

/**
 * One attempt as it really happened, and which records of it exist. Times are epoch milliseconds; a time that ends in
 * `ReceivedAt` is when the workspace has the record. The truth is counted from these objects, and the tables are made
 * from them.
 */
export type DemoCall = {
  /** Unique and stable: quarter hour × 65,536 + position. */
  readonly id: number;
  readonly workload: number;
  readonly era: number;
  readonly status: number;
  readonly outcome: DemoOutcome;
  /** 0 for the first attempt. */
  readonly attempt: number;
  readonly isSpillover: boolean;
  readonly startedAt: number;
  /** When Azure OpenAI got it; `RequestResponse` rows carry this time. */
  readonly requestAt: number;
  /** When the answer was complete; usage rows and metrics carry this time. */
  readonly completedAt: number;
  readonly durationMs: number;
  readonly firstTokenMs: number;
  readonly promptTokens: number;
  /** Part of the prompt. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Part of the output. */
  readonly reasoningTokens: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Index into `FILTER_CATEGORIES`; means something only when a filter stopped the call. */
  readonly filterCategory: number;
  /** 0 to 3 `RequestResponse` rows. */
  readonly responseRows: number;
  readonly responseReceivedAt: number;
  /** Whether the rows say which deployment; rejected calls do not. */
  readonly responseHasDeployment: boolean;
  readonly responseHasTokens: boolean;
  readonly usesUnixTicks: boolean;
  /** 0, 1, or 2 usage rows whose tokens add up. */
  readonly usageRows: number;
  /** The same usage row delivered a second time. */
  readonly usageIsRepeated: boolean;
  /** The token arrays have two entries, which add up. */
  readonly usageHasPairs: boolean;
  readonly usageReceivedAt: number;
  readonly hasGateway: boolean;
  readonly gatewayReceivedAt: number;
  readonly hasSpan: boolean;
  readonly spanReceivedAt: number;
};
