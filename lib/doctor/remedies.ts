/** Text to copy that mends something, with the tool that reads it. */
export type Remedy = {
  readonly tool: "Azure CLI" | "Bicep" | "API Management policy" | "Shell";
  readonly text: string;
};

/** What a remedy needs to know; what is unknown stays as a word in capitals to be replaced. */
export type RemedyNames = {
  /** ARM id of the account; a placeholder without one. */
  readonly account?: string;
  /** GUID of the workspace; its ARM id is looked up by the command itself. */
  readonly workspaceId?: string;
};

const ACCOUNT = "ACCOUNT_RESOURCE_ID";
const CATEGORIES = ["RequestResponse", "AzureOpenAIRequestUsage"] as const;

/** The diagnostic setting that sends an account's requests and usage to the workspace. */
export function diagnosticSetting({ account, workspaceId }: RemedyNames): readonly Remedy[] {
  const logs = JSON.stringify(CATEGORIES.map((category) => ({ category, enabled: true })));
  return [
    {
      tool: "Azure CLI",
      text: `az monitor diagnostic-settings create --name token-ledger --resource ${account ?? ACCOUNT} --workspace ${workspaceOf(workspaceId)} --logs '${logs}'`,
    },
    {
      tool: "Bicep",
      text: `param workspaceResourceId string

resource account 'Microsoft.CognitiveServices/accounts@2024-10-01' existing = {
  name: '${nameOf(account)}'
}

resource tokenLedger 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'token-ledger'
  scope: account
  properties: {
    workspaceId: workspaceResourceId
    logs: [
${CATEGORIES.map((category) => `      { category: '${category}', enabled: true }`).join("\n")}
    ]
  }
}
`,
    },
  ];
}

/** The diagnostic setting of API Management that sends its gateway and language-model logs to tables of their own. */
export function gatewaySetting({ workspaceId }: RemedyNames): readonly Remedy[] {
  const logs = JSON.stringify(["GatewayLogs", "GatewayLlmLogs"].map((category) => ({ category, enabled: true })));
  return [
    {
      tool: "Azure CLI",
      text: `az monitor diagnostic-settings create --name token-ledger --resource API_MANAGEMENT_RESOURCE_ID --export-to-resource-specific true --workspace ${workspaceOf(workspaceId)} --logs '${logs}'`,
    },
  ];
}

/**
 * Lets the gateway's log carry Azure OpenAI's own request id, so that a call at the gateway and its row at the account are
 * one; message logging stays off.
 */
export function gatewayRequestId(): readonly Remedy[] {
  return [
    {
      tool: "Bicep",
      text: `param apiManagementName string
param apiName string

resource api 'Microsoft.ApiManagement/service/apis@2024-05-01' existing = {
  name: '\${apiManagementName}/\${apiName}'
}

resource azureMonitor 'Microsoft.ApiManagement/service/apis/diagnostics@2024-05-01' = {
  parent: api
  name: 'azuremonitor'
  properties: {
    loggerId: resourceId('Microsoft.ApiManagement/service/loggers', apiManagementName, 'azuremonitor')
    sampling: { samplingType: 'fixed', percentage: 100 }
    backend: {
      response: { headers: [ 'apim-request-id', 'x-ms-deployment-name' ] }
    }
  }
}
`,
    },
    {
      tool: "API Management policy",
      text: `<!-- inbound: token metrics per subscription, for teams that share a deployment -->
<llm-emit-token-metric namespace="API Management">
  <dimension name="Subscription ID" />
  <dimension name="API ID" />
</llm-emit-token-metric>
`,
    },
  ];
}

/** Puts the gateway's tables back on the plan that the query API answers. */
export function analyticsPlan(): readonly Remedy[] {
  return ["ApiManagementGatewayLogs", "ApiManagementGatewayLlmLog"].map((table) => ({
    tool: "Azure CLI",
    text: `az monitor log-analytics workspace table update --resource-group RESOURCE_GROUP --workspace-name WORKSPACE_NAME --name ${table} --plan Analytics`,
  }));
}

/** A role for the product's identity on one scope. */
export function roleAssignment(role: string, scope: string): readonly Remedy[] {
  return [
    { tool: "Azure CLI", text: `az role assignment create --assignee OBJECT_ID --role '${role}' --scope ${scope}` },
  ];
}

/** Keeps the accounts' rows for longer; what was deleted does not come back. */
export function longerRetention(days: number): readonly Remedy[] {
  return [
    {
      tool: "Azure CLI",
      text: `az monitor log-analytics workspace table update --resource-group RESOURCE_GROUP --workspace-name WORKSPACE_NAME --name AzureDiagnostics --retention-time ${days}`,
    },
  ];
}

/** The settings of an account, to see which of them send the same rows twice. */
export function listSettings({ account }: RemedyNames): readonly Remedy[] {
  return [
    {
      tool: "Azure CLI",
      text: `az monitor diagnostic-settings list --resource ${account ?? ACCOUNT} --query "[].{name:name, workspace:workspaceId, logs:logs[?enabled].category}" --output table`,
    },
  ];
}

function workspaceOf(workspaceId: string | undefined): string {
  return workspaceId === undefined
    ? "WORKSPACE_RESOURCE_ID"
    : `$(az monitor log-analytics workspace list --query "[?customerId=='${workspaceId}'].id" --output tsv)`;
}

function nameOf(account: string | undefined): string {
  return account === undefined ? "ACCOUNT_NAME" : account.slice(account.lastIndexOf("/") + 1);
}
