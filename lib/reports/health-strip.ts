import { formatShare } from "../format/format-count.ts";
import type { RequestSum } from "../ledger/ledger.ts";
import { type Amount, shortCountOf } from "./amount.ts";

export type HealthStrip = {
  readonly since: string;
  readonly requests: Amount;
  readonly causes: readonly {
    readonly name: string;
    readonly count: Amount;
    readonly share: string;
    readonly isWatch: boolean;
  }[];
};

/** Requests of a stretch by how they ended; a share that is worth a look is marked. */
export function healthStrip(row: RequestSum | undefined, since: string): HealthStrip {
  const requests = row?.requests ?? 0n;
  const causes = row?.byCause;
  const line = (name: string, count: bigint, watchPerMille: bigint) => ({
    name,
    count: shortCountOf(count),
    share: formatShare(count, requests),
    isWatch: requests > 0n && count * 1_000n >= requests * watchPerMille,
  });
  return {
    since,
    requests: shortCountOf(requests),
    causes: causes
      ? [
          line("throttled (429)", causes.throttled, 10n),
          line("server errors", causes.server_error + causes.timeout, 10n),
          line("access denied", causes.access_denied + causes.network_closed, 5n),
          line("client errors", causes.client_error, 20n),
          line("content filter", causes.content_filter, 10n),
        ]
      : [],
  };
}
