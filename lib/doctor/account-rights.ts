import { z } from "zod";
import { type Finding, resourceName } from "./check.ts";

const permissionsSchema = z.object({
  value: z.array(
    z.object({
      actions: z.array(z.string()).default([]),
      notActions: z.array(z.string()).default([]),
      dataActions: z.array(z.string()).default([]),
      notDataActions: z.array(z.string()).default([]),
    }),
  ),
});
/** What an identity may do on one resource, as Resource Manager tells it of itself. */
export type Permissions = z.infer<typeof permissionsSchema>["value"];

/** Reads the answer of `Microsoft.Authorization/permissions`; throws when it is none. */
export function parsePermissions(body: unknown): Permissions {
  return permissionsSchema.parse(body).value;
}

/** Rights that features need, in the words of the features. */
const NEEDED = [
  ["Microsoft.Insights/metrics/read", "platform metrics"],
  ["Microsoft.Insights/diagnosticSettings/read", "what the account sends"],
  ["Microsoft.CognitiveServices/accounts/deployments/read", "deployments with SKU and capacity"],
] as const;
/** Rights that a dashboard must not have. */
const TOO_MUCH = [
  ["Microsoft.CognitiveServices/accounts/write", "change accounts"],
  ["Microsoft.CognitiveServices/accounts/deployments/delete", "delete deployments"],
  ["Microsoft.Authorization/roleAssignments/write", "grant roles"],
] as const;
const CALLS_MODELS = "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action";

/** What an identity's rights on accounts mean: too little costs features, too much is a risk without a use. */
export function judgeRights(of: ReadonlyMap<string, Permissions>): Finding {
  const names = [...of.keys()].map(resourceName).join(", ");
  const list = [...of.values()];
  const excess = [
    ...TOO_MUCH.filter(([action]) => list.some((permissions) => isAllowed(permissions, action))).map(([, may]) => may),
    ...(list.some((permissions) => isDataAllowed(permissions, CALLS_MODELS)) ? ["call models"] : []),
  ];
  if (excess.length > 0)
    return {
      status: "warn",
      seen: `On ${names} this identity may ${excess.join(", ")}.`,
      means: "The product only reads; such rights help only somebody who takes the identity over.",
      next: "Give it Monitoring Reader and Reader there, and take the wider role away.",
      command: "az role assignment list --assignee OBJECT_ID --all --output table",
    };
  const lacking = NEEDED.filter(([action]) => list.some((permissions) => !isAllowed(permissions, action)));
  if (lacking.length > 0)
    return {
      status: "warn",
      seen: `On ${names} this identity may not read ${lacking.map(([, what]) => what).join(", ")}.`,
      means: "The features that need it say so; see the rights below.",
      next: "Grant Monitoring Reader, which has all three.",
      command: "az role assignment create --assignee OBJECT_ID --role 'Monitoring Reader' --scope ACCOUNT_RESOURCE_ID",
    };
  return { status: "ok", seen: `Reads what it needs on ${names}, and may change nothing.` };
}

function isAllowed(permissions: Permissions, action: string): boolean {
  return permissions.some(
    (one) => one.actions.some((p) => matches(p, action)) && !one.notActions.some((p) => matches(p, action)),
  );
}

function isDataAllowed(permissions: Permissions, action: string): boolean {
  return permissions.some(
    (one) => one.dataActions.some((p) => matches(p, action)) && !one.notDataActions.some((p) => matches(p, action)),
  );
}

/** Azure's patterns: `*` stands for any characters, and case does not matter. */
function matches(pattern: string, action: string): boolean {
  const source = pattern
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return new RegExp(`^${source}$`, "i").test(action);
}
