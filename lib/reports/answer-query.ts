import { z } from "zod";
import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import { getRuntime, type Runtime } from "../runtime.ts";
import type { ChartModel } from "./chart-model.ts";
import { type RenderProperties, renderedChart } from "./rendered-chart.ts";

/** What the Query page shows of an answer. Cells are text as the service prints them; `isNumeric` columns align right. */
export type QueryAnswer =
  | {
      readonly kind: "rows";
      readonly columns: readonly { readonly name: string; readonly type: string; readonly isNumeric: boolean }[];
      readonly rows: readonly (readonly string[])[];
      /** Rows of the whole answer; more than `rows` when the page was not sent all of them. */
      readonly total: number;
      readonly chart: ChartModel | null;
      readonly chartKind: "bars" | "areas" | "lines";
      readonly chartTitle: string;
      readonly partial: string | null;
      readonly elapsedMs: number;
    }
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly message: string;
      readonly line: number | null;
      readonly column: number | null;
      readonly elapsedMs: number;
    };

/** As many rows as the Azure portal shows of one answer. */
const ROWS_SENT = 30_000;

export const queryInputSchema = z.object({
  text: z.string().max(131_072, "A query has at most 131,072 characters."),
  timespan: z.string().max(100).optional(),
});

const bodySchema = z.object({
  tables: z.array(
    z.object({
      columns: z.array(z.object({ name: z.string(), type: z.string() })),
      rows: z.array(z.array(z.unknown())),
    }),
  ),
  render: z.record(z.string(), z.unknown()).optional(),
  error: z.unknown().optional(),
});
const errorSchema = z.object({ error: z.unknown() });

type QuerySources = Pick<Runtime, "askKql">;

/** Runs KQL that an administrator typed and prepares its answer for the page; a refusal of the workspace is an answer too. */
export async function answerQuery(
  principal: Principal,
  input: unknown,
  given?: QuerySources,
  signal?: AbortSignal,
): Promise<QueryAnswer> {
  requireAdministrator(principal, "type KQL");
  const { text, timespan } = queryInputSchema.parse(input);
  const { askKql } = given ?? (await getRuntime());
  const started = performance.now();
  const { status, body } = await askKql({ text, timespan, prefer: "include-render=true", signal });
  const elapsedMs = Math.round(performance.now() - started);
  if (status !== 200) return { kind: "refused", status, ...innermost(body), elapsedMs };
  const parsed = bodySchema.parse(JSON.parse(body));
  const table = parsed.tables[0] ?? { columns: [], rows: [] };
  const columns = table.columns.map(({ name, type }) => ({ name, type, isNumeric: NUMERIC.has(type) }));
  const render: RenderProperties = parsed.render ?? {};
  const chart = renderedChart(table, render);
  return {
    kind: "rows",
    columns,
    rows: table.rows.slice(0, ROWS_SENT).map((row) => row.map(cellText)),
    total: table.rows.length,
    chart: chart?.model ?? null,
    chartKind: chart?.kind ?? "lines",
    chartTitle: typeof render.title === "string" && render.title ? render.title : "Result",
    partial: parsed.error === undefined ? null : innermost(body).message,
    elapsedMs,
  };
}

const NUMERIC = new Set(["int", "long", "real", "decimal"]);

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  return typeof cell === "object" ? JSON.stringify(cell) : String(cell);
}

/** The message and place of the innermost error of the service's nested shape. */
function innermost(body: string): { message: string; line: number | null; column: number | null } {
  const outer = errorSchema.safeParse(safeJson(body));
  let error: unknown = outer.success ? outer.data.error : undefined;
  let found = {
    message: "The workspace refused the query without saying why.",
    line: null as number | null,
    column: null as number | null,
  };
  while (typeof error === "object" && error !== null) {
    const { message, line, pos, innererror, details } = error as Record<string, unknown>;
    if (typeof message === "string") found = { ...found, message };
    if (typeof line === "number") found = { ...found, line, column: typeof pos === "number" ? pos : null };
    error = innererror ?? (Array.isArray(details) ? details[0] : undefined);
  }
  return found;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
