import type { DuckDBConnection } from "@duckdb/node-api";
import { AZURE_ACTIVITY } from "../../../kql/tables/azure-activity.ts";
import { appendRecords, type TableRecord } from "../../store/append-records.ts";
import { accountId, DEMO_ACCOUNTS, DEMO_WORKSPACE_ID, type DemoAccountName } from "../accounts.ts";
import { DEPLOYMENT_ERAS, eraEnd, eraStart } from "../deployments.ts";
import type { DemoTenant } from "../tenant.ts";
import type { ReceivedWindow } from "./window.ts";

const LAG_MS = 120_000;

/** Adds the control-plane events behind the incidents: writes and deletes of deployments, the closed public endpoint. */
export async function expandActivity(
  connection: DuckDBConnection,
  tenant: DemoTenant,
  window: ReceivedWindow,
): Promise<void> {
  const events = eventsOf(tenant).filter(
    (event) => event.at >= tenant.start && event.at + LAG_MS > window.from && event.at + LAG_MS <= window.to,
  );
  await appendRecords(connection, AZURE_ACTIVITY, events.map(recordOf));
}

type ActivityEvent = {
  readonly at: number;
  readonly account: DemoAccountName;
  readonly operation: string;
  readonly target: string;
};

function eventsOf(tenant: DemoTenant): ActivityEvent[] {
  const deployments = DEPLOYMENT_ERAS.flatMap((era): ActivityEvent[] => {
    const target = `/deployments/${era.deployment}`;
    const made = { account: era.account, operation: "Microsoft.CognitiveServices/accounts/deployments/write", target };
    const isDeleted = era.toDaysAgo !== null && tenant.incidents.deployment_recreated?.deployment === era.deployment;
    return [
      ...(era.fromDaysAgo === null ? [] : [{ ...made, at: eraStart(era, tenant.createdAt) }]),
      ...(isDeleted
        ? [
            {
              ...made,
              operation: "Microsoft.CognitiveServices/accounts/deployments/delete",
              at: eraEnd(era, tenant.createdAt),
            },
          ]
        : []),
    ];
  });
  const closed = tenant.incidents.endpoint_closed;
  const endpoint = {
    account: "aoai-data-eus" as const,
    operation: "Microsoft.CognitiveServices/accounts/write",
    target: "",
  };
  const edges =
    closed === undefined ? [] : [closed.start, closed.end ?? closed.start].map((at) => ({ ...endpoint, at }));
  return [...deployments, ...edges].sort((a, b) => a.at - b.at);
}

function recordOf(event: ActivityEvent): TableRecord {
  const account = DEMO_ACCOUNTS[event.account];
  const id = accountId(account);
  return {
    TenantId: DEMO_WORKSPACE_ID,
    TimeGenerated: new Date(event.at).toISOString(),
    EventSubmissionTimestamp: new Date(event.at + LAG_MS).toISOString(),
    _TimeReceived: new Date(event.at + LAG_MS).toISOString(),
    OperationNameValue: event.operation.toUpperCase(),
    OperationName: event.operation,
    CategoryValue: "Administrative",
    Category: "Administrative",
    Level: "Informational",
    ActivityStatusValue: "Success",
    ActivityStatus: "Succeeded",
    ActivitySubstatusValue: "OK",
    Caller: "e40a7c19-5d63-4b82-9f0e-3c6d81b5a278",
    CallerIpAddress: "198.51.100.24",
    ResourceGroup: account.resourceGroup,
    ResourceProviderValue: "MICROSOFT.COGNITIVESERVICES",
    ResourceProvider: "Microsoft.CognitiveServices",
    ResourceId: `${id}${event.target}`,
    Resource: account.name,
    SubscriptionId: account.subscription,
    Properties: JSON.stringify({ entity: `${id}${event.target}`, message: event.operation }),
    SourceSystem: "Azure",
    Type: AZURE_ACTIVITY.name,
    _ResourceId: id,
    _SubscriptionId: account.subscription,
    _BilledSize: 0,
    _IsBillable: "False",
  };
}
