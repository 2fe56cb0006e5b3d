import { lookup, resolveCname } from "node:dns/promises";
import { request } from "node:https";
import type { TLSSocket } from "node:tls";
import { LogsQueryClient } from "@azure/monitor-query";
import { ENV_NAMES } from "../env.ts";
import { toServiceError, toUpstreamFailure } from "../upstream/upstream-failure.ts";
import type { AzureConnection } from "../wiring/azure-clients.ts";
import { judgeRights, parsePermissions } from "./account-rights.ts";
import { type Check, type DoctorSources, type Finding, resourceName, shortId } from "./check.ts";
import { readResourceManager } from "./resource-manager.ts";

const MINUTE_MS = 60_000;
/** Tokens carry times; Entra allows about five minutes, so two are the time to act. */
const LARGEST_SKEW_MS = 2 * MINUTE_MS;

/** From the configuration to the first answer of the workspace. */
export const CONNECTION_CHECKS: readonly Check[] = [
  { id: "D01", title: "Configuration", needs: [], run: async (sources) => configuration(sources) },
  { id: "D03", title: "Names of the hosts", needs: ["D01"], isConnectedOnly: true, run: namesResolve },
  {
    id: "D04",
    title: "Private or public address of the query host",
    needs: ["D03"],
    isConnectedOnly: true,
    run: privateLink,
  },
  { id: "D05", title: "Addresses of the accounts", needs: ["D01"], isConnectedOnly: true, run: accountAddresses },
  { id: "D06", title: "TLS to the query host", needs: ["D03"], isConnectedOnly: true, run: tlsWorks },
  { id: "D02", title: "Clock of this host", needs: ["D06"], isConnectedOnly: true, run: clockSkew },
  { id: "D07", title: "Token of the identity", needs: ["D06"], isConnectedOnly: true, run: tokens },
  { id: "D08", title: "A question to each workspace", needs: ["D07"], isConnectedOnly: true, run: printOne },
  { id: "D09", title: "Rights of the identity", needs: ["D07"], isConnectedOnly: true, run: rights },
];

/** Prefixes that only this product's variables have. */
const OUR_PREFIX = /^(LOG_ANALYTICS|AZURE_OPENAI|AZURE_RESOURCE_MANAGER|REPORT(ING)?|FISCAL)_/;

function configuration({ variables, env, mode }: DoctorSources): Finding {
  const unknown = Object.keys(variables)
    .filter((name) => !ENV_NAMES.includes(name) && (OUR_PREFIX.test(name) || nearest(name) !== undefined))
    .toSorted();
  if (unknown.length > 0)
    return {
      status: "warn",
      seen: unknown
        .map((name) => `${name} is unknown${nearest(name) ? `: did you mean ${nearest(name)}?` : "."}`)
        .join(" "),
      means: "A setting that somebody meant has no effect.",
      next: "Correct the name, or unset it.",
      command: `unset ${unknown.join(" ")}`,
    };
  if (mode === "connected" && env.AZURE_OPENAI_RESOURCE_IDS.length === 0)
    return {
      status: "warn",
      seen: "LOG_ANALYTICS_WORKSPACE_ID is set, AZURE_OPENAI_RESOURCE_IDS is not.",
      means: "Metrics are read only of the accounts in deployments.yaml.",
      next: "Name the accounts by their resource ids.",
      command: "az cognitiveservices account list --query \"[?kind=='OpenAI' || kind=='AIServices'].id\" --output tsv",
    };
  return {
    status: "ok",
    seen:
      mode === "connected"
        ? `${env.LOG_ANALYTICS_WORKSPACE_ID.length} workspace(s), ${env.AZURE_OPENAI_RESOURCE_IDS.length} account(s).`
        : "No workspace is configured; this data folder answers by itself.",
  };
}

function nearest(name: string): string | undefined {
  return name.length < 8 ? undefined : ENV_NAMES.find((known) => known !== name && distance(known, name) <= 2);
}

/** Levenshtein's distance, up to the length of environment names. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}

async function namesResolve({ azure, variables }: DoctorSources): Promise<Finding> {
  const { logs, resourceManager, authorityHost } = needed(azure);
  // A managed identity is asked on this machine, not at the sign-in host.
  const urls = [logs, resourceManager, ...(variables.IDENTITY_ENDPOINT ? [] : [authorityHost])];
  const hosts = [...new Set(urls.map((url) => new URL(url).hostname))];
  const broken = (
    await Promise.all(
      hosts.map(async (host) => ({
        host,
        code: await lookup(host).then(
          () => null,
          (error: unknown) => codeOf(error),
        ),
      })),
    )
  ).filter(({ code }) => code !== null);
  const [first] = broken;
  if (!first) return { status: "ok", seen: `${hosts.join(", ")} resolve.` };
  return {
    status: "fail",
    seen: broken
      .map(({ host, code }) => `${host} does not resolve (${code === "ENOTFOUND" ? "NXDOMAIN" : code}).`)
      .join(" "),
    means: "This host cannot find the service.",
    next: "Correct the DNS of this network; behind a private link scope, link the privatelink zones to it.",
    command: `nslookup ${first.host}`,
  };
}

async function privateLink({ azure }: DoctorSources): Promise<Finding> {
  const host = new URL(needed(azure).logs).hostname;
  const [{ address }, isLinked] = await Promise.all([lookup(host), isPrivateLinkName(host)]);
  if (isLinked && !isPrivate(address))
    return {
      status: "warn",
      seen: `${host} is a privatelink name and resolves to the public ${address}.`,
      means: "A private link scope exists, but this network does not see its private addresses.",
      next: "Link the zones privatelink.monitor.azure.com and privatelink.oms.opinsights.azure.com to this network.",
      command: `nslookup ${host}`,
    };
  return {
    status: "ok",
    seen: `${host} resolves to the ${isPrivate(address) ? "private" : "public"} ${address}.`,
    ...(isPrivate(address)
      ? {
          means: "One private link scope answers for all workspaces behind this DNS, whether they belong to it or not.",
        }
      : {}),
  };
}

async function accountAddresses({ env }: DoctorSources): Promise<Finding> {
  const hosts = env.AZURE_OPENAI_RESOURCE_IDS.map((id) => `${resourceName(id)}.openai.azure.com`);
  if (hosts.length === 0) return { status: "skipped", seen: "No account is configured." };
  const seen = await Promise.all(
    hosts.slice(0, 20).map(async (host) => {
      const found = await lookup(host).catch(() => null);
      return { host, address: found?.address ?? null, isLinked: found !== null && (await isPrivateLinkName(host)) };
    }),
  );
  const open = seen.filter(({ address, isLinked }) => isLinked && address !== null && !isPrivate(address));
  const text = seen.map(({ host, address }) => `${host}: ${address ?? "does not resolve from here"}`).join("; ");
  if (open.length === 0) return { status: "ok", seen: `${text}.`, means: "The dashboard itself never calls a model." };
  return {
    status: "warn",
    seen: `${open.map(({ host, address }) => `${host} has a private endpoint, but resolves to the public ${address}`).join("; ")}.`,
    means:
      "While public access is disabled, callers from this network get 403 “Public access is disabled. Please configure private endpoint.” The dashboard itself does not call the model endpoint.",
    next: "Link the zone privatelink.openai.azure.com to the callers' network.",
    command: `nslookup ${open[0]?.host ?? ""}`,
  };
}

async function tlsWorks({ azure }: DoctorSources, signal: AbortSignal): Promise<Finding> {
  const { logs, ca } = needed(azure);
  const host = new URL(logs).host;
  try {
    const { issuer } = await headOf(logs, ca, signal);
    return { status: "ok", seen: `${host} answers; its certificate is from ${issuer}.` };
  } catch (error) {
    if (signal.aborted) throw error;
    const code = codeOf(error);
    const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO|ISSUER/.test(code);
    return {
      status: "fail",
      seen: `${host}: ${code}.`,
      means: isCertificate
        ? "The certificate is not one that this host trusts: a proxy that intercepts, most often."
        : "Blocked at TCP.",
      next: isCertificate
        ? "Set NODE_EXTRA_CA_CERTS to the proxy's certificate authority in PEM and start again."
        : "Open port 443 from this host to that name.",
      command: `curl -sv https://${host}/ -o /dev/null`,
    };
  }
}

async function clockSkew({ azure, now }: DoctorSources, signal: AbortSignal): Promise<Finding> {
  const { logs, ca } = needed(azure);
  const { date } = await headOf(logs, ca, signal);
  if (date === null) return { status: "skipped", seen: "The answer carries no Date header to compare with." };
  const skew = now() - date;
  const text = `This host is ${Math.round(Math.abs(skew) / 1_000)} s ${skew < 0 ? "behind" : "ahead"}.`;
  if (Math.abs(skew) <= LARGEST_SKEW_MS) return { status: "ok", seen: text };
  return {
    status: "fail",
    seen: text,
    means: "Tokens may be refused, and the newest minutes are cut off.",
    next: "Let the host keep its time by NTP.",
    command: "timedatectl set-ntp true",
  };
}

async function tokens({ azure }: DoctorSources, signal: AbortSignal): Promise<Finding> {
  const { credential, logsAudience, resourceManagerAudience } = needed(azure);
  const seen: string[] = [];
  for (const audience of [logsAudience, resourceManagerAudience]) {
    try {
      const token = await credential.getToken(`${audience}/.default`, { abortSignal: signal });
      if (token) seen.push(`${new URL(audience).hostname}: ${describeToken(token.token, token.expiresOnTimestamp)}`);
    } catch (error) {
      if (signal.aborted) throw error;
      return tokenFailure(error, audience);
    }
  }
  return { status: "ok", seen: `${seen.join("; ")}. API keys are not used and not needed.` };
}

function describeToken(token: string, expires: number): string {
  const claims = claimsOf(token);
  const who = claims ? `tenant ${shortId(claims.tid)}, object ${shortId(claims.oid)}, ` : "";
  return `token, ${who}valid until ${new Date(expires).toISOString().slice(0, 16)}Z`;
}

function claimsOf(token: string): { tid: string; oid: string } | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    const claim = (name: string) =>
      typeof claims === "object" && claims !== null ? String(Reflect.get(claims, name) ?? "") : "";
    return { tid: claim("tid"), oid: claim("oid") };
  } catch {
    return null;
  }
}

function tokenFailure(error: unknown, audience: string): Finding {
  const text = error instanceof Error ? error.message : String(error);
  const of = `No token for ${new URL(audience).hostname}`;
  if (/AADSTS7000222|expired/i.test(text) && /secret/i.test(text))
    return {
      status: "fail",
      seen: `${of}: the client secret has expired.`,
      next: "Make a new secret, or use a managed identity.",
      command: "az ad app credential reset --id APP_ID",
    };
  if (
    /identity not found|no managed identity|ManagedIdentity.*400|invalid_request/i.test(text) &&
    process.env.AZURE_CLIENT_ID
  )
    return {
      status: "fail",
      seen: `${of}: identity not found: client id ${shortId(process.env.AZURE_CLIENT_ID)}.`,
      next: "Assign that identity to this host, or unset AZURE_CLIENT_ID.",
    };
  return {
    status: "fail",
    seen: `${of}: no managed identity endpoint answered with a token, and nobody is signed in.`,
    means: "This host has no identity towards Azure.",
    next: "Give the host a managed identity, set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or sign in on a workstation.",
    command: `az login && az account get-access-token --resource ${audience}`,
  };
}

async function printOne({ azure, env }: DoctorSources, signal: AbortSignal): Promise<Finding> {
  const { credential, logs, logsAudience, ca } = needed(azure);
  const client = new LogsQueryClient(credential, {
    endpoint: logs,
    audience: logsAudience,
    retryOptions: { maxRetries: 0 },
    ...(ca ? { tlsOptions: { ca } } : {}),
  });
  const isByResource = env.LOG_ANALYTICS_WORKSPACE_ID.length === 0;
  const asked = isByResource
    ? env.AZURE_OPENAI_RESOURCE_IDS.slice(0, ACCOUNTS_ASKED).map((id) => ({ name: resourceName(id), id }))
    : env.LOG_ANALYTICS_WORKSPACE_ID.map(({ workspaceId }) => ({
        name: `Workspace ${shortId(workspaceId)}`,
        id: workspaceId,
      }));
  const failures = await Promise.all(
    asked.map(async ({ name, id }) => {
      const [timespan, options] = [{ duration: "PT1H" }, { abortSignal: signal }];
      try {
        if (isByResource) await client.queryResource(id, "print 1", timespan, options);
        else await client.queryWorkspace(id, "print 1", timespan, options);
        return null;
      } catch (error) {
        if (signal.aborted) throw error;
        return explain(error, name);
      }
    }),
  );
  return (
    failures.find((failure) => failure !== null) ?? {
      status: "ok",
      seen: `${failures.length} ${isByResource ? "account" : "workspace"}(s) answered print 1.`,
    }
  );
}

/** Asking each of many accounts would take longer than a check may; the first ones tell how the role was given. */
const ACCOUNTS_ASKED = 5;

async function rights({ azure, env }: DoctorSources, signal: AbortSignal): Promise<Finding> {
  const accounts = env.AZURE_OPENAI_RESOURCE_IDS.slice(0, ACCOUNTS_ASKED);
  if (accounts.length === 0)
    return {
      status: "skipped",
      seen: "No account is configured whose rights could be asked.",
      next: "Name the accounts in AZURE_OPENAI_RESOURCE_IDS.",
    };
  const answers = await Promise.all(
    accounts.map(async (account) => ({
      account,
      answer: await readResourceManager(
        needed(azure),
        `${account}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`,
        signal,
      ),
    })),
  );
  const told = answers.flatMap(({ account, answer }) =>
    answer.ok ? [[account, parsePermissions(answer.body)] as const] : [],
  );
  if (told.length > 0) return judgeRights(new Map(told));
  const status = answers.map(({ answer }) => (answer.ok ? 200 : answer.status))[0];
  return {
    status: "skipped",
    seen: `Resource Manager does not tell this identity its own rights (HTTP ${status}).`,
    means: "With Log Analytics Reader alone that is as it should be; the rights below say what is lost.",
    next: "Look yourself that it holds no more than the rights table names.",
    command: "az role assignment list --assignee OBJECT_ID --all --output table",
  };
}

/** What an answer of the workspace other than 200 means (azure-telemetry reference, section 5). */
function explain(error: unknown, asked: string): Finding {
  const failed = toUpstreamFailure(error, Date.now());
  const service = failed.service.codes.length > 0 ? failed.service : toServiceError(error);
  const words = [...service.codes, ...service.messages].join(" ");
  const seen = `${asked}: ${failed.summary}${service.codes[0] ? ` ${service.codes[0]}` : ""}.`;
  const of = { status: "fail", seen } as const;
  switch (failed.kind) {
    case "unauthenticated":
      return {
        ...of,
        means: "The token was refused.",
        next: "Check the tenant of the identity and the clock of this host.",
        command: "az account show --query tenantId",
      };
    case "access_denied":
      if (/audience|wrong resource|InvalidTokenAudience/i.test(words))
        return {
          ...of,
          means: "The token is for the wrong resource.",
          next: "Set AZURE_CLOUD to the cloud of the workspace and unset LOG_ANALYTICS_ENDPOINT unless it is that cloud's.",
        };
      if (/public.*(access|network|quer)|private link|not allowed from|network/i.test(words))
        return {
          ...of,
          means: "The workspace refuses public queries (“Public access is disabled”).",
          next: "Run inside the network of its private link scope, or allow public queries on the workspace.",
          command:
            "az monitor log-analytics workspace update --resource-group RG --workspace-name NAME --query-access Enabled",
        };
      return {
        ...of,
        means: "The identity may not read the workspace.",
        next: "Grant Log Analytics Reader on it; a new grant can take up to 60 minutes.",
        command:
          "az role assignment create --assignee OBJECT_ID --role 'Log Analytics Reader' --scope WORKSPACE_RESOURCE_ID",
      };
    case "not_found":
      return {
        ...of,
        means: "There is no workspace of that id here.",
        next: "LOG_ANALYTICS_WORKSPACE_ID must be the workspace's GUID, not its name.",
        command:
          "az monitor log-analytics workspace show --resource-group RG --workspace-name NAME --query customerId --output tsv",
      };
    case "throttled":
      return {
        status: "warn",
        seen,
        means: "The workspace is busy.",
        next: "See whether other programs share this identity.",
      };
    default:
      return {
        ...of,
        means: "The workspace did not answer as its protocol says.",
        next: "Run the doctor again; when it stays, look at the service health of the workspace's region.",
      };
  }
}

/** The head of an answer; whatever status it has, it shows that the way is open. */
function headOf(
  url: string,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<{ date: number | null; issuer: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "HEAD", signal, agent: false, ...(ca ? { ca } : {}) }, (answer) => {
      const socket = answer.socket as TLSSocket;
      const issuer = socket.getPeerCertificate().issuer;
      const date = Date.parse(answer.headers.date ?? "");
      answer.resume();
      resolve({
        date: Number.isNaN(date) ? null : date,
        issuer: String(issuer?.O ?? issuer?.CN ?? "an unnamed authority"),
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}

async function isPrivateLinkName(host: string): Promise<boolean> {
  const names = await resolveCname(host).catch(() => []);
  return names.some((name) => name.includes("privatelink"));
}

/** Private, unique local and loopback ranges. */
function isPrivate(address: string): boolean {
  return /^(10\.|127\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd])/i.test(address);
}

function needed(azure: AzureConnection | undefined): AzureConnection {
  if (!azure) throw new Error("This check needs a connection to Azure.");
  return azure;
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
  return typeof code === "string" ? code : "no connection";
}
