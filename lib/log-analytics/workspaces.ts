/** What a workspace is asked for. */
export type WorkspaceRole = "logs" | "gateway" | "spans" | "activity";

/** A workspace by its GUID and the sources it holds. */
export type Workspace = { readonly workspaceId: string; readonly roles: readonly WorkspaceRole[] };

const ROLES_OF_TABLE: Readonly<Record<string, readonly WorkspaceRole[]>> = {
  AzureDiagnostics: ["logs"],
  AzureMetrics: ["logs"],
  ApiManagementGatewayLlmLog: ["gateway"],
  ApiManagementGatewayLogs: ["gateway"],
  AppMetrics: ["gateway", "spans"],
  AppDependencies: ["spans"],
  AppRequests: ["spans"],
  AzureActivity: ["activity"],
  TokenLedgerSummary_CL: ["logs"],
};
const TABLE_NAME = new RegExp(`\\b(${Object.keys(ROLES_OF_TABLE).join("|")})\\b`, "g");

/** The workspaces that hold a source of this query; all of them when it names no table that we know. */
export function workspacesFor(kql: string, workspaces: readonly Workspace[]): readonly Workspace[] {
  const tables = new Set(kql.match(TABLE_NAME));
  const roles = new Set([...tables].flatMap((table) => ROLES_OF_TABLE[table] ?? []));
  if (roles.size === 0) return workspaces;
  return workspaces.filter((workspace) => workspace.roles.some((role) => roles.has(role)));
}
