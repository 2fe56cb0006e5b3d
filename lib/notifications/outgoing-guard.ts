import { isIP } from "node:net";
import { classifyAddress, isLoopbackLiteral } from "./ip-address.ts";

/**
 * What requests to addresses that people typed may reach. `resolve` gives every address of a name; `isAllowed` says whether an
 * administrator allows a private address (link-local, loopback and Azure's platform address are never asked about).
 * `testReceivers` are exact loopback `host:port` pairs, empty outside the tests.
 */
export type OutgoingPolicy = {
  readonly resolve: (host: string) => Promise<readonly string[]>;
  readonly isAllowed: (address: string) => boolean;
  readonly allowsHttp: boolean;
  readonly ports: readonly number[];
  readonly testReceivers: readonly string[];
};

/** Why an address is refused; shown to people instead of anything that the other side said. */
export type RefusalReason = "not_a_url" | "scheme" | "credentials" | "port" | "length" | "unknown_name" | "address";

/** A target that may be connected to, at exactly `address`, or the reason why not. */
export type CheckedTarget =
  | { readonly ok: true; readonly url: URL; readonly address: string }
  | { readonly ok: false; readonly reason: RefusalReason; readonly message: string };

const LONGEST_URL = 2_048;

/**
 * Checks an address before every connection: its text, and every address that its name has now. The caller must connect to
 * the returned `address`, so that a second look-up cannot answer something else.
 */
export async function checkTarget(text: string, policy: OutgoingPolicy): Promise<CheckedTarget> {
  const parsed = checkUrl(text, policy);
  if (!parsed.ok) return parsed;
  const { url } = parsed;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isTestReceiver(url, host, policy)) return { ok: true, url, address: host };
  const addresses = isIP(host) ? [host] : await policy.resolve(host).catch(() => []);
  const first = addresses[0];
  if (first === undefined) return refuse("unknown_name", `The name ${url.hostname} does not resolve.`);
  if (!addresses.every((address) => mayReach(address, policy)))
    return refuse("address", "The address points into a network that this server does not send to.");
  return { ok: true, url, address: first };
}

/** Checks only the text of an address, for a form; the addresses behind its name are checked at every sending. */
export function checkUrl(
  text: string,
  policy: Pick<OutgoingPolicy, "allowsHttp" | "ports" | "testReceivers">,
): { readonly ok: true; readonly url: URL } | Extract<CheckedTarget, { ok: false }> {
  if (text.length > LONGEST_URL) return refuse("length", `Write an address of at most ${LONGEST_URL} characters.`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) return refuse("not_a_url", "Write a full address such as https://hooks.example.com/token-ledger.");
  if (url.username !== "" || url.password !== "")
    return refuse("credentials", "Write the address without a user name and password.");
  if (isTestReceiver(url, url.hostname.replace(/^\[|\]$/g, ""), policy)) return { ok: true, url };
  if (url.protocol !== "https:" && !(policy.allowsHttp && url.protocol === "http:"))
    return refuse("scheme", "Write an address that begins with https://.");
  if (!policy.ports.includes(portOf(url)))
    return refuse("port", `Port ${portOf(url)} is not allowed; use ${policy.ports.join(" or ")}.`);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) && classifyAddress(host) === "forbidden")
    return refuse("address", "The address points into a network that this server does not send to.");
  return { ok: true, url };
}

function isTestReceiver(url: URL, host: string, policy: Pick<OutgoingPolicy, "testReceivers">): boolean {
  if (!["http:", "https:"].includes(url.protocol) || !isLoopbackLiteral(host)) return false;
  return policy.testReceivers.includes(`${url.hostname}:${portOf(url)}`);
}

function mayReach(address: string, policy: OutgoingPolicy): boolean {
  const kind = classifyAddress(address);
  return kind === "public" || (kind === "private" && policy.isAllowed(address));
}

function portOf(url: URL): number {
  return url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
}

function refuse(reason: RefusalReason, message: string): Extract<CheckedTarget, { ok: false }> {
  return { ok: false, reason, message };
}
