import type { HttpClient } from "@azure/core-rest-pipeline";
import { createHttpHeaders } from "@azure/core-rest-pipeline";
import type { EmbeddedDatabase } from "../duckdb/database.ts";
import type { QueryEngine } from "../query-engine.ts";
import { type EngineAnswer, errorAnswer } from "../service-error.ts";
import { readDemoState } from "./demo-state.ts";
import { readTelemetryVariant, type TelemetryVariant } from "./telemetry-variant.ts";

const GATEWAY = ["ApiManagementGatewayLogs", "ApiManagementGatewayLlmLog"];
const SPANS = ["AppDependencies", "AppMetrics"];

/** Tables that a poorer tenant's workspace never received, for which Log Analytics does not know the name. */
const ABSENT: Readonly<Partial<Record<TelemetryVariant, readonly string[]>>> = {
  "metrics-only": ["AzureDiagnostics", ...GATEWAY, ...SPANS],
  "request-response-only": [...GATEWAY, ...SPANS],
  "no-gateway": GATEWAY,
};
/** Tables on the Basic plan, which the query API refuses whole. */
const BASIC: Readonly<Partial<Record<TelemetryVariant, readonly string[]>>> = { "basic-gateway": GATEWAY };
const WITHOUT_METRIC_RIGHT: ReadonlySet<TelemetryVariant> = new Set(["logs-only", "request-response-only"]);

/** What a poorer tenant's Azure refuses; the two clients of an embedded workspace with those refusals in front. */
export function withTenantRefusals(
  database: EmbeddedDatabase,
  engine: QueryEngine,
  metricsHttpClient: HttpClient,
): { readonly engine: QueryEngine; readonly metricsHttpClient: HttpClient } {
  const variantOf = variantReader(database);
  return {
    engine: {
      ...engine,
      query: async (request) => refusalOf(await variantOf(), request.text) ?? engine.query(request),
    },
    metricsHttpClient: {
      async sendRequest(request) {
        const variant = await variantOf();
        if (variant === undefined || !WITHOUT_METRIC_RIGHT.has(variant)) return metricsHttpClient.sendRequest(request);
        return {
          request,
          status: 403,
          headers: createHttpHeaders({ "content-type": "application/json; charset=utf-8" }),
          bodyAsText: JSON.stringify({
            error: {
              code: "AuthorizationFailed",
              message:
                "The client does not have authorization to perform action 'Microsoft.Insights/metrics/read' over the scope or the scope is invalid.",
            },
          }),
        };
      },
    },
  };
}

/** What Log Analytics answers to a query of tables that this tenant does not have, or has on a plan that cannot be asked. */
export function refusalOf(variant: TelemetryVariant | undefined, text: string): EngineAnswer | null {
  if (variant === undefined) return null;
  const names = (tables: readonly string[] = []) => tables.find((table) => new RegExp(`\\b${table}\\b`).test(text));
  const absent = names(ABSENT[variant]);
  if (absent !== undefined) {
    return badArgument({
      code: "SemanticError",
      message: "A semantic error occurred.",
      innererror: { code: "SEM0100", message: `Failed to resolve table or column expression named '${absent}'` },
    });
  }
  if (names(BASIC[variant]) === undefined) return null;
  // The service's own words, which do not name the table.
  return badArgument({
    code: "UnsupportedApiQueryValidationError",
    message:
      "Query of Basic Logs table is not supported with the API 'https://api.loganalytics.io/v1/workspaces/{workspaceId}/query'.",
  });
}

function badArgument(innererror: object): EngineAnswer {
  return errorAnswer(400, {
    message: "The request had some invalid properties",
    code: "BadArgumentError",
    innererror,
  });
}

/** The stored demo's variant; it never changes once the demo is there. */
function variantReader(database: EmbeddedDatabase): () => Promise<TelemetryVariant | undefined> {
  let known: { readonly variant: TelemetryVariant | undefined } | undefined;
  return async () => {
    if (known) return known.variant;
    return database.withConnection(async (connection) => {
      if ((await readDemoState(connection)) === undefined) return undefined;
      known = { variant: await readTelemetryVariant(connection) };
      return known.variant;
    });
  };
}
