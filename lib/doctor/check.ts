import type { Runtime } from "../runtime.ts";
import type { AzureConnection } from "../wiring/azure-clients.ts";

/** How a check came out; `skipped` says in `seen` why it was not made. */
export type CheckStatus = "ok" | "warn" | "fail" | "skipped";

/** What one check saw. No secrets; ids are shortened, so it may be pasted into a ticket. */
export type Finding = {
  readonly status: CheckStatus;
  readonly seen: string;
  readonly means?: string;
  readonly next?: string;
  /** A command to copy. */
  readonly command?: string;
};

export type CheckResult = Finding & { readonly id: string; readonly title: string };

/** What checks look at. `azure` is undefined where the workspace is inside this process. */
export type DoctorSources = Pick<
  Runtime,
  "env" | "mode" | "dataDir" | "now" | "logs" | "metrics" | "ledger" | "state" | "zones"
> & {
  readonly azure: AzureConnection | undefined;
  /** The environment as it was given, for names that nobody reads. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The folder with the product's package.json. */
  readonly productDir: string;
};

/** One check of the doctor (reliability reference, section 9). `needs` must not have failed before it is made. */
export type Check = {
  readonly id: string;
  readonly title: string;
  readonly needs: readonly string[];
  /** Only towards a real workspace; skipped with the reason otherwise. */
  readonly isConnectedOnly?: boolean;
  readonly run: (sources: DoctorSources, signal: AbortSignal) => Promise<Finding>;
};

/** The end of an id, enough to tell two apart. */
export function shortId(id: string): string {
  return id.length <= 8 ? id : `…${id.slice(-6)}`;
}

/** The last part of an ARM id. */
export function resourceName(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
