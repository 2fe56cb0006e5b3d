/** Where the demo company runs Azure OpenAI: four accounts in three regions and two subscriptions. */
export type DemoAccount = {
  readonly name: string;
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly region: string;
  /** A Speech resource writes into the same tables and is not Azure OpenAI. */
  readonly kind: "OpenAI" | "SpeechServices";
};

const PLATFORM_SUBSCRIPTION = "4d2c7e5a-91b3-4f08-8c6d-2a7f1e0b9c34";
const PRODUCT_SUBSCRIPTION = "b8e1f6d0-3a5c-4e72-9d14-7c0a5f2e6b81";

export const DEMO_ACCOUNTS = {
  "aoai-prod-eus2": openAi("aoai-prod-eus2", PLATFORM_SUBSCRIPTION, "rg-ai-prod", "eastus2"),
  "aoai-prod-swc": openAi("aoai-prod-swc", PLATFORM_SUBSCRIPTION, "rg-ai-prod-eu", "swedencentral"),
  "aoai-data-eus": openAi("aoai-data-eus", PRODUCT_SUBSCRIPTION, "rg-data", "eastus"),
  "aoai-labs-eus2": openAi("aoai-labs-eus2", PRODUCT_SUBSCRIPTION, "rg-labs", "eastus2"),
  "speech-contact-eus2": {
    ...openAi("speech-contact-eus2", PRODUCT_SUBSCRIPTION, "rg-contact", "eastus2"),
    kind: "SpeechServices",
  },
} as const satisfies Record<string, DemoAccount>;

export type DemoAccountName = keyof typeof DEMO_ACCOUNTS;

/** The workspace that all of them write to; `TenantId` of every row. */
export const DEMO_WORKSPACE_ID = "6c1f0a52-3a0e-4a55-9a1c-2f5f3d9b7e10";

/** The gateway in front of most calls, and the Application Insights component of the applications. */
export const DEMO_GATEWAY = {
  name: "apim-ai-hub",
  subscription: PLATFORM_SUBSCRIPTION,
  resourceGroup: "rg-apim",
  region: "East US 2",
};
export const DEMO_APP_INSIGHTS = {
  name: "appi-products",
  subscription: PRODUCT_SUBSCRIPTION,
  resourceGroup: "rg-apps",
};

/** The Entra object id of the gateway's managed identity: what Azure OpenAI sees of every gateway call. */
export const DEMO_GATEWAY_OBJECT_ID = "0c9d41b7-62e8-4a3f-b5d0-8e17f4a26c53";

/** The ARM id of an account, in the case that Azure Monitor writes into `_ResourceId`. */
export function accountId(account: DemoAccount): string {
  return `/subscriptions/${account.subscription}/resourcegroups/${account.resourceGroup}/providers/microsoft.cognitiveservices/accounts/${account.name}`;
}

/** The ARM id of the gateway. */
export function gatewayId(): string {
  const { subscription, resourceGroup, name } = DEMO_GATEWAY;
  return `/subscriptions/${subscription}/resourcegroups/${resourceGroup}/providers/microsoft.apimanagement/service/${name}`;
}

/** The ARM id of the Application Insights component. */
export function appInsightsId(): string {
  const { subscription, resourceGroup, name } = DEMO_APP_INSIGHTS;
  return `/subscriptions/${subscription}/resourcegroups/${resourceGroup}/providers/microsoft.insights/components/${name}`;
}

function openAi(name: string, subscription: string, resourceGroup: string, region: string): DemoAccount {
  return { name, subscription, resourceGroup, region, kind: "OpenAI" };
}
