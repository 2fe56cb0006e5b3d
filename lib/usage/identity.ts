import { createHash, createHmac } from "node:crypto";
import type { Identity, IdentityId } from "./usage-fact.ts";

/** The identity of nobody: no source tells who called. */
export const NOBODY = "" as IdentityId;

/** Stands for every identity of an account and quarter hour beyond the cap. */
export const OTHER_CALLERS = "other-callers" as IdentityId;

/** Who called, as a row of a question tells it. `caller` is a clear Entra object id. */
export type ReportedCaller = {
  readonly caller: string;
  readonly apimSubscription: string;
  readonly apimProduct: string;
  readonly apimUser: string;
  readonly api: string;
  readonly backend: string;
  readonly application: string;
};

/** HMAC-SHA-256 of a caller id in lower case, as hexadecimal text; empty for nobody. */
export function hashCaller(caller: string, key: Uint8Array): string {
  return caller === "" ? "" : createHmac("sha256", key).update(caller.trim().toLowerCase()).digest("hex");
}

/** A function that names identities and remembers them, so that a caller is hashed once per batch. */
export function createIdentities(key: Uint8Array): {
  readonly identify: (reported: ReportedCaller) => Identity;
  readonly all: () => Identity[];
} {
  const known = new Map<string, Identity>();
  return {
    identify(reported) {
      const text = JSON.stringify([
        reported.caller,
        reported.apimSubscription,
        reported.apimProduct,
        reported.apimUser,
        reported.api,
        reported.backend,
        reported.application,
      ]);
      const seen = known.get(text);
      if (seen) return seen;
      const identity = identityOf(reported, key);
      known.set(text, identity);
      return identity;
    },
    all: () => [...known.values()].filter((identity) => identity.identityId !== NOBODY),
  };
}

function identityOf(reported: ReportedCaller, key: Uint8Array): Identity {
  const parts = {
    apimSubscription: reported.apimSubscription,
    apimProduct: reported.apimProduct,
    apimUser: reported.apimUser,
    api: reported.api,
    backend: reported.backend,
    callerHash: hashCaller(reported.caller, key),
    application: reported.application,
    network: "",
    tags: {},
  };
  const isNobody = Object.values(parts).every((part) => part === "" || typeof part === "object");
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
  return { identityId: isNobody ? NOBODY : (digest as IdentityId), ...parts };
}

/**
 * The identities of one account and quarter hour that keep their own row: the `cap` with most tokens, ties by id.
 * The others become `OTHER_CALLERS`; owners are found before, so teams stay exact.
 */
export function keptIdentities(tokensById: ReadonlyMap<IdentityId, bigint>, cap: number): ReadonlySet<IdentityId> {
  const ranked = [...tokensById].toSorted(([idA, a], [idB, b]) => (a === b ? (idA < idB ? -1 : 1) : a > b ? -1 : 1));
  return new Set(ranked.slice(0, cap).map(([id]) => id));
}
