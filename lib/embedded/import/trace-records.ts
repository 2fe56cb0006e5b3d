import { createHash } from "node:crypto";
import type { TracePlacement } from "./import-summary.ts";

/** One row of a request trace: when, and how many tokens went in and came out. `at` is epoch ms, `below` the digits below it. */
export type TraceRow = {
  readonly at: number;
  readonly below: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
};

const HEADER = /^\uFEFF?"?timestamp"?,"?contexttokens"?,"?generatedtokens"?$/i;
const ROW =
  /^"?(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})?"?,(\d{1,15}),(\d{1,15})$/;

/** Whether a file's first line is the header of a request trace. */
export function isTraceHeader(line: string): boolean {
  return HEADER.test(line.trim());
}

/** Reads `TIMESTAMP,ContextTokens,GeneratedTokens`; the time is UTC unless it says otherwise. Null for any other line. */
export function parseTraceRow(line: string): TraceRow | null {
  const match = ROW.exec(line.trim());
  if (!match) return null;
  const [, day, clock, fraction = "", zone = "Z", input, output] = match;
  const digits = fraction.padEnd(7, "0");
  const at = Date.parse(`${day}T${clock}.${digits.slice(0, 3)}${zone}`);
  if (!Number.isFinite(at)) return null;
  return { at, below: digits.slice(3, 7), inputTokens: Number(input), outputTokens: Number(output) };
}

/**
 * The records that Azure would have written for one call: the populated `RequestResponse` row, its nearly empty twin, and
 * the `AzureOpenAIRequestUsage` row with tokens as arrays. What the trace does not tell (latency, cached share, caller,
 * streaming) is left out and stays unknown. `shiftMs` moves the whole trace.
 */
export function traceRecords(
  row: TraceRow,
  line: number,
  placement: TracePlacement,
  shiftMs: number,
): readonly [string, string, string] {
  const envelope = {
    time: new Date(row.at + shiftMs).toISOString().replace("Z", `${row.below}Z`),
    resourceId: placement.account.toUpperCase(),
    operationName: "ChatCompletions_Create",
    location: placement.region,
    Tenant: placement.region,
    correlationId: correlationIdOf(row, line, placement, shiftMs),
  };
  const model = {
    modelDeploymentName: placement.deployment,
    modelName: placement.model,
    modelVersion: placement.modelVersion,
  };
  const call = { ...envelope, category: "RequestResponse", event: "ShoeboxCallResult", resultSignature: "200" };
  return [
    JSON.stringify({
      ...call,
      properties: { ...model, promptTokens: row.inputTokens, completionTokens: row.outputTokens },
    }),
    JSON.stringify({ ...call, properties: {} }),
    JSON.stringify({
      ...envelope,
      category: "AzureOpenAIRequestUsage",
      event: "ShoeboxAzureOpenAIRequestUsage",
      properties: { ...model, promptTokens: [row.inputTokens], generatedTokens: [row.outputTokens] },
    }),
  ];
}

/** The same row of the same trace always gets the same id, so that importing it again adds nothing. */
function correlationIdOf(row: TraceRow, line: number, placement: TracePlacement, shiftMs: number): string {
  const parts = [
    placement.account,
    placement.deployment,
    line,
    row.at + shiftMs,
    row.below,
    row.inputTokens,
    row.outputTokens,
  ];
  const hex = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
