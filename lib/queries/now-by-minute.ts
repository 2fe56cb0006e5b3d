import { z } from "zod";
import { dt, kql } from "../kql/kql.ts";
import type { KqlQuery } from "../log-analytics/kql-query.ts";
import type { Instant, Period } from "../time/instant.ts";
import { calls } from "./calls.ts";
import { count, instant, integers, text } from "./cells.ts";
import { LATENCY_BUCKET } from "./latency-bucket.ts";

// On-call reads the accounts' own logs alone: they arrive first, and the ledger names the teams.
const OWN_LOGS = { gateway: false, gatewayLlm: false, spans: false } as const;

/** The last hours by minute, deployment and status, with the latency histogram; without anybody's identity. */
export const nowByMinute: KqlQuery<{ readonly window: Period }, NowRow> = {
  name: "now-by-minute",
  text: ({ window }) => kql`${calls(window, OWN_LOGS)}
| where hasEnvelope and envelopeAt >= ${dt(window.start)} and envelopeAt < ${dt(window.end)}
${LATENCY_BUCKET}
| summarize n = count(), rows = sum(rows), duplicates = sum(duplicates) by minute = bin(envelopeAt, 1m), account, deployment, operation, streamType, status, bucket
| summarize requests = sum(n), rows = sum(rows), duplicates = sum(duplicates), buckets = make_list_if(bucket, bucket >= 0), counts = make_list_if(n, bucket >= 0) by minute, account, deployment, operation, streamType, status`,
  row: z.object({
    minute: instant,
    account: text,
    deployment: text,
    operation: text,
    streamType: text,
    status: text,
    requests: count,
    rows: count,
    duplicates: count,
    buckets: integers,
    counts: integers,
  }),
};

/** One row of `nowByMinute`. */
export type NowRow = {
  readonly minute: Instant;
  readonly account: string;
  readonly deployment: string;
  readonly operation: string;
  readonly streamType: string;
  readonly status: string;
  readonly requests: bigint;
  /** Log rows that tell of these requests, and those of them that said nothing new. */
  readonly rows: bigint;
  readonly duplicates: bigint;
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
};
