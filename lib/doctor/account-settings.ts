import { z } from "zod";
import { type Finding, resourceName } from "./check.ts";
import { diagnosticSetting } from "./remedies.ts";

const settingsSchema = z.object({
  value: z.array(
    z.object({
      name: z.string(),
      properties: z.object({
        workspaceId: z.string().nullish(),
        logs: z
          .array(
            z.object({ category: z.string().nullish(), categoryGroup: z.string().nullish(), enabled: z.boolean() }),
          )
          .nullish(),
      }),
    }),
  ),
});
/** The diagnostic settings of one account. */
export type DiagnosticSettings = z.infer<typeof settingsSchema>["value"];

/** Reads the answer of `Microsoft.Insights/diagnosticSettings`; throws when it is none. */
export function parseSettings(body: unknown): DiagnosticSettings {
  return settingsSchema.parse(body).value;
}

const CATEGORIES = ["RequestResponse", "AzureOpenAIRequestUsage"] as const;

/**
 * What accounts send, as their settings say, beside what was seen to arrive: a setting whose rows are not to be seen means
 * that the identity may not read them, because Log Analytics leaves out what it may not show.
 */
export function judgeSettings(
  settings: ReadonlyMap<string, DiagnosticSettings>,
  isSeen: (account: string, category: (typeof CATEGORIES)[number]) => boolean,
): Finding {
  const faults: string[] = [];
  const hidden: string[] = [];
  const doubled: string[] = [];
  let first: string | undefined;
  for (const [account, list] of settings) {
    const toWorkspaces = list.filter(({ properties }) => properties.workspaceId);
    const of = (category: string) => toWorkspaces.filter((setting) => sends(setting, category));
    const missing = CATEGORIES.filter((category) => of(category).length === 0);
    if (missing.length > 0) {
      first ??= account;
      faults.push(`${resourceName(account)} does not send ${missing.join(" and ")}`);
    }
    const unseen = CATEGORIES.filter((category) => of(category).length > 0 && !isSeen(account, category));
    if (unseen.length > 0) hidden.push(`${resourceName(account)} sends ${unseen.join(" and ")}, and no row is seen`);
    const twice = CATEGORIES.filter((category) => isDoubled(of(category)));
    if (twice.length > 0) doubled.push(`${resourceName(account)} sends ${twice.join(" and ")} twice`);
  }
  if (faults.length > 0)
    return {
      status: "warn",
      seen: `${[...faults, ...hidden, ...doubled].join("; ")}.`,
      means: "What these accounts cost is known from metrics alone, or not at all.",
      next: "Switch the categories on in a diagnostic setting.",
      command: diagnosticSetting(first ? { account: first } : {})[0]?.text ?? "",
    };
  if (hidden.length > 0)
    return {
      status: "warn",
      seen: `${[...hidden, ...doubled].join("; ")} (last 24 h).`,
      means:
        "Nobody called, the rows go to another workspace, or the identity may not read them: Log Analytics leaves such rows out without a word.",
      next: "Compare the setting's workspace with LOG_ANALYTICS_WORKSPACE_ID, and grant Log Analytics Reader on the whole workspace.",
      command:
        "az role assignment create --assignee OBJECT_ID --role 'Log Analytics Reader' --scope WORKSPACE_RESOURCE_ID",
    };
  if (doubled.length > 0)
    return {
      status: "warn",
      seen: `${doubled.join("; ")} to one workspace.`,
      means: "Nothing is counted twice, but its ingestion is paid twice.",
      next: "Delete one of the two settings.",
      command: `az monitor diagnostic-settings list --resource ${first ?? "ACCOUNT_RESOURCE_ID"} --output table`,
    };
  return { status: "ok", seen: `All ${settings.size} accounts send both categories, and rows of both are seen.` };
}

function sends(setting: DiagnosticSettings[number], category: string): boolean {
  return (setting.properties.logs ?? []).some(
    (log) => log.enabled && (log.category === category || log.categoryGroup?.toLowerCase() === "alllogs"),
  );
}

function isDoubled(settings: DiagnosticSettings): boolean {
  const targets = settings.map(({ properties }) => properties.workspaceId?.toLowerCase());
  return new Set(targets).size < targets.length;
}
