import { listSettings, type Remedy } from "../../doctor/remedies.ts";
import { formatCount } from "../../format/format-count.ts";
import { formatSpan } from "../../format/format-time.ts";
import { HOUR_MS } from "../../time/instant.ts";
import { operationOf } from "../../usage/operations.ts";
import { sourceName } from "../source-name.ts";
import { type DataGap, type DataGapInput, faultsOf, shortName } from "./data-gap.ts";

/** Shorter lags are how logs are; longer ones are worth a line. */
const LATE_ROW_MS = HOUR_MS;
/** More rows dropped than this share, and two settings send the same. */
const TWICE_PER_CENT = 40n;

/** What is odd about rows and needs nothing: each is named, because a person who looks at the tables will find it. */
export function rowGaps({ faults, standings }: DataGapInput): DataGap[] {
  const read = faults.rows.filter(({ source }) => source === "usage_log" || source === "request_response");
  const total = (key: "rows" | "duplicates" | "requests") => read.reduce((sum, row) => sum + row[key], 0n);
  const [rows, duplicates, requests] = [total("rows"), total("duplicates"), total("requests")];
  const odd = faultsOf(faults, "odd_array");
  const added = faultsOf(faults, "added_row");
  const sampled = faultsOf(faults, "sampled_span");
  const unnamed = faults.withoutDeployment.reduce((sum, row) => sum + row.requests, 0n);
  const throttled = faults.withoutDeployment.find(({ cause }) => cause === "throttled")?.requests ?? 0n;
  const latest = standings
    .filter(({ clock }) => (clock.lagMaxMs ?? 0) > LATE_ROW_MS)
    .toSorted((a, b) => (b.clock.lagMaxMs ?? 0) - (a.clock.lagMaxMs ?? 0));
  const [slowest] = latest;
  const isTwice = rows > 0n && duplicates * 100n > rows * TWICE_PER_CENT;
  const unknown = faults.otherOperations.filter(({ operation }) => operationOf(operation).class === "unknown");
  const management = faults.otherOperations.reduce((sum, row) => sum + row.requests, 0n);
  const handled = (
    id: string,
    title: string,
    seen: string,
    means: string,
    remedies: readonly Remedy[] = [],
  ): DataGap => ({
    id,
    kind: "handled",
    title,
    seen,
    means,
    next: null,
    remedies,
  });
  return [
    ...(isTwice
      ? [
          handled(
            "two-settings",
            "Every row arrives twice",
            `${formatCount(duplicates)} of ${formatCount(rows)} rows were copies of another.`,
            "Nothing is counted twice, but Azure charges their ingestion twice: two diagnostic settings send the same rows.",
            listSettings({}),
          ),
        ]
      : duplicates > 0n
        ? [
            handled(
              "duplicates",
              "Rows that arrived twice",
              `${formatCount(duplicates)} of ${formatCount(rows)} rows were copies of another.`,
              "Each counts once.",
            ),
          ]
        : []),
    ...(rows - duplicates > requests && requests > 0n
      ? [
          handled(
            "twin-rows",
            "Several rows for one call",
            `${formatCount(rows - duplicates)} rows tell of ${formatCount(requests)} calls: an envelope, its empty twin and a usage row.`,
            "Rows of one correlation id are one call.",
          ),
        ]
      : []),
    ...(added.count > 0n
      ? [
          handled(
            "added-rows",
            "Usage rows of one call that differ",
            `${added.text("rows")} came beside another usage row of the same call.`,
            "Their tokens are added up.",
          ),
        ]
      : []),
    ...(odd.count > 0n
      ? [
          handled(
            "odd-arrays",
            "Token counts in arrays of more than one",
            `${odd.text("usage rows")} hold several counts where one is usual.`,
            "The counts are added up.",
          ),
        ]
      : []),
    ...(unnamed > 0n
      ? [
          handled(
            "requests-without-deployment",
            "Requests whose rows name no deployment",
            `${formatCount(unnamed)} requests${throttled > 0n ? `, ${formatCount(throttled)} of them 429` : ""}.`,
            "Throttling per deployment is taken from platform metrics instead.",
          ),
        ]
      : []),
    ...(slowest
      ? [
          handled(
            "late-rows",
            "Rows that come hours late",
            `In the last day one row of the ${sourceName(slowest.clock.source)} of ${shortName(slowest.clock.resource)} came ${formatSpan(slowest.clock.lagMaxMs ?? 0)} after its call.`,
            "The last two days are read again every hour and the last seven every day, so late rows replace what was shown; once a day rows of the last 28 days are looked for.",
          ),
        ]
      : []),
    ...(sampled.count > 0n || faults.spans.requests > faults.spans.rows
      ? [
          handled(
            "sampled-spans",
            "Sampled spans",
            `${formatCount(faults.spans.rows)} spans stand for ${formatCount(faults.spans.requests)} calls.`,
            "Where spans are the only source, their tokens are multiplied and called estimated.",
          ),
        ]
      : []),
    ...(management > 0n
      ? [
          handled(
            "other-operations",
            "Calls that are no inference",
            `${formatCount(management)} lists, polls, key reads and calls of other services${
              unknown.length > 0
                ? `; not known: ${unknown
                    .map(({ operation }) => operation)
                    .slice(0, 5)
                    .join(", ")}`
                : ""
            }.`,
            "They count in no rate.",
          ),
        ]
      : []),
  ];
}
