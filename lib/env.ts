import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { parseFiscalStart, parseZone } from "./time/zone.ts";

/** A configuration that cannot be used; the message names the variable and what to write. Exit code 78. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** The environment, parsed once. `docs/operating.md` is its table. */
export type Env = z.infer<typeof schema> & { readonly dataDir: string };

/** A workspace and which sources it is asked for: `guid` or `guid=logs,gateway,spans`. */
export type WorkspaceSetting = { readonly workspaceId: string; readonly roles: readonly WorkspaceRole[] };
export const WORKSPACE_ROLES = ["logs", "gateway", "spans", "activity"] as const;
export type WorkspaceRole = (typeof WORKSPACE_ROLES)[number];

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ACCOUNT_ID =
  /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/microsoft\.cognitiveservices\/accounts\/[^/]+$/i;

const schema = z.object({
  HOST: z.string().min(1, "write a host name or address, such as 127.0.0.1").default("127.0.0.1"),
  PORT: z.coerce
    .number("write a port from 0 to 65535")
    .int()
    .min(0)
    .max(65_535, "write a port from 0 to 65535")
    .default(3000),
  APP_URL: z.url("write the public address, such as https://ledger.example.com").optional(),
  LOG_ANALYTICS_WORKSPACE_ID: z.string().default("").transform(parseWorkspaces),
  AZURE_OPENAI_RESOURCE_IDS: z.string().default("").transform(parseResourceIds),
  AZURE_CLOUD: z.enum(["public", "usgov", "china"], "write public, usgov or china").default("public"),
  LOG_ANALYTICS_ENDPOINT: z.url("write an https address").optional(),
  AZURE_RESOURCE_MANAGER_ENDPOINT: z.url("write an https address").optional(),
  AUTH: z.enum(["entra", "none"], "write entra or none").optional(),
  SECRETS_KEY: z.string().optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "write postgres://user:password@host:5432/database")
    .optional(),
  REPORT_TIME_ZONE: z
    .string()
    .default("UTC")
    .transform((text, context) => parseZone(text) ?? refuse(context, "write an IANA time zone such as Europe/Berlin")),
  FISCAL_YEAR_START: z
    .string()
    .default("01-01")
    .transform((text, context) => parseFiscalStart(text) ?? refuse(context, "write a month and day such as 04-01")),
  REPORTING_CURRENCY: z
    .string()
    .regex(/^[A-Z]{3}$/, "write an ISO 4217 code such as USD")
    .optional(),
  DEMO_NOW: z.iso.datetime("write an instant such as 2026-11-21T12:00:00Z").optional(),
  TEST_RECEIVERS: z
    .string()
    .default("")
    .transform((text) => text.split(",").filter(Boolean)),
  NODE_ENV: z.string().optional(),
});

/** The names of every variable that is read. */
export const ENV_NAMES: readonly string[] = [...Object.keys(schema.shape), "DATA_DIR"];

/**
 * Parses the environment. `cwd` is what a relative `DATA_DIR` starts from.
 * Throws a ConfigurationError with one sentence that names the first variable that cannot be used.
 */
export function parseEnv(variables: Readonly<Record<string, string | undefined>>, cwd: string): Env {
  const given = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigurationError(`The variable ${issue?.path.join(".")} cannot be used: ${issue?.message}.`);
  }
  const env = parsed.data;
  const folder = given.DATA_DIR ?? "data";
  if (env.DEMO_NOW && isConnected(env)) {
    throw new ConfigurationError(
      "The variable DEMO_NOW cannot be used with LOG_ANALYTICS_WORKSPACE_ID or AZURE_OPENAI_RESOURCE_IDS: a real workspace has a real clock. Unset one of them.",
    );
  }
  return { ...env, dataDir: isAbsolute(folder) ? folder : join(cwd, folder) };
}

/** Whether Azure is asked: through workspaces, or where none may be read through the accounts themselves. */
export function isConnected(env: Pick<Env, "LOG_ANALYTICS_WORKSPACE_ID" | "AZURE_OPENAI_RESOURCE_IDS">): boolean {
  return env.LOG_ANALYTICS_WORKSPACE_ID.length > 0 || env.AZURE_OPENAI_RESOURCE_IDS.length > 0;
}

/**
 * Refuses to serve real spend to a network before sign-in exists, and test receivers outside tests.
 * Throws a ConfigurationError; `AUTH=none` says aloud that everybody on the network may see everything.
 */
export function checkServing(env: Env): void {
  const isReal = isConnected(env);
  if (env.AUTH === "entra") {
    throw new ConfigurationError(
      "The variable AUTH cannot be entra yet: sign-in is not built. Serve on HOST=127.0.0.1, or write AUTH=none to let everybody who reaches the port see everything.",
    );
  }
  if (isReal && !isLoopback(env.HOST) && env.AUTH !== "none") {
    throw new ConfigurationError(
      `The variable HOST is ${env.HOST}: a real workspace is not served beyond this machine without sign-in. Write HOST=127.0.0.1, or AUTH=none to let everybody who reaches the port see everything.`,
    );
  }
  if (env.TEST_RECEIVERS.length > 0 && (isReal || !isLoopback(env.HOST))) {
    throw new ConfigurationError(
      "The variable TEST_RECEIVERS is for the product's own tests: unset it to serve a real workspace or a network.",
    );
  }
}

/** Whether a host name or literal address means this machine only. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function parseWorkspaces(text: string, context: z.RefinementCtx<string>): WorkspaceSetting[] {
  return text
    .split(/[;\s]+|,(?=[0-9a-f]{8}-)/i)
    .filter(Boolean)
    .map((item) => {
      const [workspaceId = "", roleText] = item.split("=");
      const roles = roleText ? roleText.split(/[,+]/) : [...WORKSPACE_ROLES];
      if (!GUID.test(workspaceId)) {
        return refuse(
          context,
          `"${workspaceId}" is not a workspace id; write the workspace's GUID (Overview page of the workspace), not its name`,
        );
      }
      const unknown = roles.find((role) => !WORKSPACE_ROLES.some((known) => known === role));
      if (unknown) return refuse(context, `"${unknown}" is not a role; write ${WORKSPACE_ROLES.join(", ")}`);
      return { workspaceId: workspaceId.toLowerCase(), roles: WORKSPACE_ROLES.filter((role) => roles.includes(role)) };
    });
}

function parseResourceIds(text: string, context: z.RefinementCtx<string>): string[] {
  return text
    .split(/[,;\s]+/)
    .filter(Boolean)
    .map((id) =>
      ACCOUNT_ID.test(id)
        ? id.toLowerCase()
        : refuse(
            context,
            `"${id}" is not the resource id of an account; write /subscriptions/…/resourceGroups/…/providers/Microsoft.CognitiveServices/accounts/NAME`,
          ),
    );
}

function refuse(context: z.RefinementCtx<string>, message: string): never {
  context.issues.push({ code: "custom", message, input: context.value });
  return z.NEVER;
}
