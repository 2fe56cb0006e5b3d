import type { LogsQueryClient, LogsQueryOptions, LogsTable } from "@azure/monitor-query";
import { addMs, type Period, toInstant } from "../time/instant.ts";
import { toServiceError } from "../upstream/upstream-failure.ts";
import type { QueryPriority, TypedAnswer, TypedQuestion } from "./log-analytics.ts";
import { sdkCells, type WireAnswer, wireAnswerOf } from "./rows-aside.ts";

/** One column of an answer, with its KQL type. */
export type AnswerColumn = { readonly name: string; readonly type: string };

/** Who is asked: workspaces together, or one resource for the rows that it wrote itself. */
export type Asked = { readonly workspaceIds: readonly [string, ...string[]] } | { readonly resourceId: string };

export type WorkspaceQuestion = {
  readonly asked: Asked;
  readonly kql: string;
  readonly period: Period | null;
  readonly priority: QueryPriority;
  readonly serverWaitMs: number;
  readonly now: number;
  readonly signal: AbortSignal;
};

/** What came back once, before it means anything: `partial` carries the service's words when rows are missing. */
export type WorkspaceAnswer = {
  readonly columns: readonly AnswerColumn[];
  readonly rows: readonly (readonly unknown[])[];
  readonly partial: string | null;
  readonly body: string;
};

/** An answer that arrived with status 200 but is not an answer: no body, no table, a row of the wrong width. */
export class MalformedAnswer extends Error {
  override readonly name = "MalformedAnswer";
}

const DAY_MS = 86_400_000;

/**
 * One call of the SDK, one request on the wire. Throws what the SDK throws, or `MalformedAnswer`.
 * Without a period the span is everything since 2000, because the SDK would send an empty timespan.
 */
export async function askWorkspace(client: LogsQueryClient, question: WorkspaceQuestion): Promise<WorkspaceAnswer> {
  const { asked } = question;
  const span = question.period ?? everything(question.now);
  let body = "";
  let wire: WireAnswer | undefined;
  const timespan = { startTime: new Date(span.start), endTime: new Date(span.end) };
  const options = {
    serverTimeoutInSeconds: Math.ceil(question.serverWaitMs / 1_000),
    abortSignal: question.signal,
    // Scheduled questions must not be answered from the service's two-minute cache.
    ...(question.priority === "interactive"
      ? {}
      : { requestOptions: { customHeaders: { "Cache-Control": "no-cache" } } }),
    onResponse: (response: Parameters<NonNullable<LogsQueryOptions["onResponse"]>>[0]) => {
      wire = wireAnswerOf(response);
      body = wire?.text ?? response.bodyAsText ?? "";
    },
  } satisfies LogsQueryOptions;
  const result =
    "resourceId" in asked
      ? await client.queryResource(asked.resourceId, question.kql, timespan, options)
      : await client.queryWorkspace(asked.workspaceIds[0], question.kql, timespan, {
          ...options,
          ...(asked.workspaceIds.length > 1 ? { additionalWorkspaces: asked.workspaceIds.slice(1) } : {}),
        });
  const tables = result.status === "Success" ? result.tables : result.partialTables;
  const table = tables.find((candidate) => candidate.name === "PrimaryResult") ?? tables[0];
  if (!table) throw new MalformedAnswer("The answer holds no table.");
  const columns = columnsOf(table);
  const onWire = wire?.tables.find((candidate) => candidate.name === "PrimaryResult") ?? wire?.tables[0];
  return {
    columns,
    rows: rowsOf(onWire ? sdkCells(onWire) : table.rows, columns.length),
    partial: result.status === "Success" ? null : partialMessage(body, result.partialError.message),
    body,
  };
}

/** One call of the SDK that keeps the body as it came. An error with an HTTP answer is an answer, once its retries are used up. */
export async function askWorkspaceTyped(
  client: LogsQueryClient,
  question: TypedQuestion & { readonly workspaceIds: readonly [string, ...string[]]; readonly now: number },
  signal: AbortSignal,
): Promise<TypedAnswer> {
  const [first, ...others] = question.workspaceIds;
  const span = everything(question.now);
  let answer: TypedAnswer = { status: 200, body: "" };
  await client.queryWorkspace(
    first,
    question.text,
    // The SDK passes a duration on as it is, so an interval as text survives.
    question.timespan
      ? { duration: question.timespan }
      : { startTime: new Date(span.start), endTime: new Date(span.end) },
    {
      ...(others.length > 0 ? { additionalWorkspaces: others } : {}),
      ...(question.prefer ? { requestOptions: { customHeaders: { Prefer: question.prefer } } } : {}),
      abortSignal: signal,
      onResponse: (response) => {
        answer = { status: response.status, body: wireAnswerOf(response)?.text ?? response.bodyAsText ?? "" };
      },
    },
  );
  return answer;
}

function everything(now: number): Period {
  return { start: toInstant("2000-01-01"), end: addMs(toInstant(now), DAY_MS) };
}

function columnsOf(table: LogsTable): AnswerColumn[] {
  return table.columnDescriptors.map((column) => {
    if (!column.name || !column.type) throw new MalformedAnswer("A column of the answer has no name or type.");
    return { name: column.name, type: column.type };
  });
}

function rowsOf(rows: readonly unknown[], width: number): readonly (readonly unknown[])[] {
  const isRow = (row: unknown): row is readonly unknown[] => Array.isArray(row) && row.length === width;
  const odd = rows.findIndex((row) => !isRow(row));
  if (odd >= 0) throw new MalformedAnswer(`Row ${odd} of the answer does not have ${width} cells.`);
  return rows.filter(isRow);
}

function partialMessage(body: string, otherwise: string): string {
  const service = toServiceError(JSON.parse(body));
  return service.messages.at(-1) ?? otherwise;
}
