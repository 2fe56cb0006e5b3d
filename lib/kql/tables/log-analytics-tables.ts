import { API_MANAGEMENT_GATEWAY_LLM_LOG } from "./api-management-gateway-llm-log.ts";
import { API_MANAGEMENT_GATEWAY_LOGS } from "./api-management-gateway-logs.ts";
import { APP_DEPENDENCIES } from "./app-dependencies.ts";
import { APP_METRICS } from "./app-metrics.ts";
import { AZURE_ACTIVITY } from "./azure-activity.ts";
import { AZURE_DIAGNOSTICS } from "./azure-diagnostics.ts";
import { AZURE_METRICS } from "./azure-metrics.ts";
import type { TableSchema } from "./table-schema.ts";
import { TOKEN_LEDGER_SUMMARY } from "./token-ledger-summary.ts";

/** Every table of the embedded workspace, with the schemas that Log Analytics publishes (read 2026-11-20) and our own. */
export const LOG_ANALYTICS_TABLES: readonly TableSchema[] = [
  AZURE_DIAGNOSTICS,
  AZURE_METRICS,
  API_MANAGEMENT_GATEWAY_LLM_LOG,
  API_MANAGEMENT_GATEWAY_LOGS,
  APP_DEPENDENCIES,
  APP_METRICS,
  AZURE_ACTIVITY,
  TOKEN_LEDGER_SUMMARY,
];
