import type { DuckDBConnection } from "@duckdb/node-api";
import { AZURE_DIAGNOSTICS } from "../../../kql/tables/azure-diagnostics.ts";
import { storedTable } from "../../store/create-tables.ts";
import { accountId, DEMO_ACCOUNTS } from "../accounts.ts";
import { literal } from "../stage-calls.ts";
import type { DemoTenant } from "../tenant.ts";
import { isReceived, type ReceivedWindow, standardColumns, timestamp } from "./window.ts";

/** How long a row of the background takes to reach the workspace. */
const LAG_MS = 118_000;

/**
 * Adds what the same tables also hold and what is not inference: list calls, polls of batch jobs, key listings, and the
 * calls of a Speech resource. One draw per account and minute, from a hash of the seed.
 */
export async function expandBackground(
  connection: DuckDBConnection,
  tenant: DemoTenant,
  window: ReceivedWindow,
): Promise<void> {
  const accounts = Object.values(DEMO_ACCOUNTS).map(
    (account) =>
      `(${[accountId(account), account.subscription, account.resourceGroup, account.name, account.region, account.kind].map(literal).join(", ")})`,
  );
  const first = (Math.floor(Math.max(window.from - LAG_MS - 60_000, tenant.start) / 60_000) + 1) * 60_000;
  const hole = tenant.incidents.log_hole;
  const isInHole =
    hole === undefined
      ? "false"
      : `account = ${literal(hole.account)} AND happened >= ${hole.start} AND happened < ${hole.end ?? hole.start}`;
  await connection.run(`
    INSERT INTO ${storedTable(AZURE_DIAGNOSTICS)} BY NAME
    SELECT ${standardColumns("AzureDiagnostics", "account_id", "subscription", `happened + ${LAG_MS}`, 610)},
      ${timestamp("happened")} AS "TimeGenerated", upper(account_id) AS "ResourceId", subscription AS "SubscriptionId",
      upper(resource_group) AS "ResourceGroup", upper(account) AS "Resource",
      'MICROSOFT.COGNITIVESERVICES' AS "ResourceProvider", 'ACCOUNTS' AS "ResourceType", region AS "location_s",
      region AS "Tenant_s", correlation AS "CorrelationId", operation AS "OperationName",
      CASE operation WHEN 'ListKey' THEN 'Audit' ELSE 'RequestResponse' END AS "Category",
      CASE operation WHEN 'ListKey' THEN '' ELSE 'ShoeboxCallResult' END AS "event_s",
      '200' AS "ResultSignature", (20 + draw % 180)::BIGINT AS "DurationMs", '198.51.100.***' AS "CallerIPAddress",
      CASE WHEN operation <> 'ListKey' THEN 'AIServices' END AS "~properties_s.apiName",
      CASE operation WHEN 'ListKey' THEN 'e40a7c19-5d63-4b82-9f0e-3c6d81b5a278' ELSE '' END AS "~properties_s.objectId",
      CASE WHEN operation <> 'ListKey' THEN 0::BIGINT END AS "~properties_s.requestLength",
      CASE WHEN operation <> 'ListKey' THEN (900 + draw % 4000)::BIGINT END AS "~properties_s.responseLength",
      CASE WHEN operation <> 'ListKey' THEN 'Non-Streaming' END AS "~properties_s.streamType"
    FROM (
      SELECT *, slot + draw % 60000 AS happened,
        CASE WHEN kind = 'SpeechServices' THEN CASE WHEN draw % 4 = 0 THEN 'SpeechToText_Transcribe' END
          WHEN draw % 360 = 17 THEN 'ListKey'
          WHEN draw % 10 = 1 THEN 'Models_List'
          WHEN draw % 14 = 3 AND account = 'aoai-data-eus' THEN 'Batches_Get'
          WHEN draw % 23 = 4 THEN 'Deployments_List' END AS operation,
        hash::UUID::VARCHAR AS correlation
      FROM (
        SELECT *, ('0x' || substr(hash, 1, 7))::BIGINT AS draw
        FROM (
          SELECT *, md5('${tenant.seed}:background:' || account || ':' || slot) AS hash
          FROM range(${first}, ${window.to}, 60000) AS slots(slot),
            (VALUES ${accounts.join(", ")}) AS a(account_id, subscription, resource_group, account, region, kind)
        )
      )
    )
    WHERE operation IS NOT NULL AND NOT (${isInHole}) AND ${isReceived(window, `happened + ${LAG_MS}`)}
    ORDER BY "TimeGenerated"`);
}
