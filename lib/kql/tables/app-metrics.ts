import { shredsOf, tableOf } from "./table.ts";

/** `AppMetrics`: custom metrics, among them those of the gateway's token-metric policy; `Sum` is the value. */
export const APP_METRICS = tableOf(
  "AppMetrics",
  `
  TenantId string
  TimeGenerated datetime
  Name string
  ItemCount int
  Sum real
  Min real
  Max real
  Properties dynamic
  OperationName string
  OperationId string
  ParentId string
  SyntheticSource string
  SessionId string
  UserId string
  UserAuthenticatedId string
  UserAccountId string
  AppVersion string
  AppRoleName string
  AppRoleInstance string
  ClientType string
  ClientModel string
  ClientOS string
  ClientIP string
  ClientCity string
  ClientStateOrProvince string
  ClientCountryOrRegion string
  ClientBrowser string
  ResourceGUID string
  IKey string
  SDKVersion string
  `,
  shredsOf("Properties", {
    "API ID": "string",
    "Operation ID": "string",
    "Product ID": "string",
    "User ID": "string",
    "Subscription ID": "string",
    Location: "string",
    "Gateway ID": "string",
    "Backend ID": "string",
    "Client IP": "string",
    "_MS.MetricId": "string",
  }),
);
