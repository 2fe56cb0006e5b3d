import { lookup } from "node:dns/promises";
import type { OutgoingPolicy } from "./outgoing-guard.ts";

/** What notifications may reach: https on port 443 of public addresses, and in the tests exactly the named loopback receivers. */
export function outgoingPolicy(testReceivers: readonly string[]): OutgoingPolicy {
  return {
    resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
    isAllowed: () => false,
    allowsHttp: false,
    ports: [443],
    testReceivers,
  };
}
