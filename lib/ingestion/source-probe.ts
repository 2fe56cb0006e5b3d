import type { Ledger, SourceClock } from "../ledger/ledger.ts";
import {
  type LogAnalytics,
  LogAnalyticsError,
  type MissingPart,
  type QueryResult,
} from "../log-analytics/log-analytics.ts";
import type { Connected } from "../queries/connected.ts";
import { type ProbeRow, probes } from "../queries/probes.ts";
import { addMs, HOUR_MS, type Instant, MINUTE_MS, period } from "../time/instant.ts";

/** Which sources the workspaces have, how far each is, and what they refuse or leave unanswered; all of it written to the clocks. */
export type SourceProbe = {
  /** The connected sources; asked again now and then. Throws when every workspace refuses. */
  readonly connected: (now: Instant) => Promise<Connected>;
  /** Why the last answers lack a workspace; null when all of them answered. */
  readonly lacking: () => string | null;
  readonly noteLack: (message: string) => void;
  /** What is new was asked of every source: the clocks say so. */
  readonly markAsked: (now: Instant) => Promise<void>;
  /** Nothing could be read: the clocks of the logs say why. */
  readonly markFailed: (failure: string, now: Instant) => Promise<void>;
  /** Asks where each source stands when the last reading failed and this one did not. */
  readonly recover: (now: Instant) => Promise<void>;
  /** While it runs, a workspace that only hangs shows on the clocks; the result ends it. */
  readonly watchSilence: (now: Instant) => () => void;
};

/** How far a probe looks back for the newest row of a source. */
const PROBED_MS = 24 * HOUR_MS;
/** Four questions each time; well below the lateness that the data clock tolerates, so that a healthy source never looks late. */
const PROBE_EVERY_MS = 10 * MINUTE_MS;
/** While a workspace refuses; it is asked again as often. */
const PROBE_AGAIN_MS = 5 * MINUTE_MS;
/** A question on the wire for this long without an answer shows on the clocks. */
const SILENCE_MS = 30_000;
const SILENCE_TICK_MS = 5_000;

/** `workspace` names it in the clocks. */
export function createSourceProbe({
  logs,
  ledger,
  workspace,
}: {
  readonly logs: LogAnalytics;
  readonly ledger: Ledger;
  readonly workspace: string;
}): SourceProbe {
  let sources: Connected | undefined;
  let lacking: string | null = null;
  let probedAt = Number.NEGATIVE_INFINITY;
  let hasFailed = false;

  async function connected(now: Instant): Promise<Connected> {
    if (sources && now - probedAt < (lacking === null ? PROBE_EVERY_MS : PROBE_AGAIN_MS)) return sources;
    const found = await probeSources(now);
    await ledger.saveSourceClocks(found.clocks);
    sources = found.sources;
    probedAt = now;
    return sources;
  }

  async function probeSources(now: Instant): Promise<{ sources: Connected; clocks: SourceClock[] }> {
    const window = period(addMs(now, -PROBED_MS), addMs(now, HOUR_MS));
    const answers = await Promise.all(
      Object.entries(probes).map(async ([name, query]) => ({
        name,
        result: await logs.run(query, { window }, { period: window, priority: "background" }).catch(refusalOf),
      })),
    );
    const refusals = answers.flatMap(({ result }) => (result.status === "refused" ? [result.error] : []));
    if (refusals.length === answers.length) throw refusals[0];
    lacking = answers.map(({ result }) => lackOf(result)).find((message) => message !== null) ?? null;
    const missing = new Map(
      answers.flatMap(({ name, result }) =>
        result.status === "not_connected" ? [[name, result.missing] as const] : [],
      ),
    );
    const has = (name: string) =>
      answers.some((answer) => answer.name === name && answer.result.status !== "refused") && !missing.has(name);
    const seen = answers.flatMap(({ result }) =>
      result.status === "complete" || (result.status === "partial" && result.reason === "workspace_failed")
        ? result.rows.map((row) => clockOf(row, now))
        : [],
    );
    const absent = Object.entries(SOURCES_OF_PROBE).flatMap(([name, names]) => {
      const part = missing.get(name);
      return part ? names.map((source) => ({ ...noClock(source, now), failure: whyMissing(part) })) : [];
    });
    const isWhole = answers.every(({ result }) => result.status === "complete" || result.status === "not_connected");
    const silent = isWhole ? await silentClocks(seen, absent, now) : [];
    const refused = (
      await Promise.all(answers.map(({ name, result }) => refusedClocks(sourcesOf(name), result, seen, now)))
    ).flat();
    for (const source of SOURCES_OF_LOGS)
      if (![...absent, ...refused].some((clock) => clock.source === source && clock.resource === ""))
        await ledger.dropSourceClock({ source, workspace: workspace, resource: "" });
    return {
      sources: { gateway: has("gatewayLog"), gatewayLlm: has("gatewayLlm"), spans: has("spans") },
      clocks: [...seen, ...silent, ...absent, ...refused],
    };
  }

  /** What is known of sources of which a workspace refused: those that no other workspace told of stand still, with the reason. */
  async function refusedClocks(
    ofSources: readonly SourceClock["source"][],
    result: QueryResult<unknown> | Refused,
    seen: readonly SourceClock[],
    now: Instant,
  ): Promise<SourceClock[]> {
    const why = lackOf(result);
    if (why === null) return [];
    const known = (await ledger.sourceClocks()).filter(
      ({ source, resource, workspace: of }) =>
        of === workspace &&
        resource !== "" &&
        ofSources.includes(source) &&
        !seen.some((clock) => clock.source === source && clock.resource === resource),
    );
    const isUnknown = known.length === 0 && (result.status === "refused" || ofSources.includes(nobody.source));
    const clocks = isUnknown ? ofSources.slice(0, 1).map((source) => noClock(source, now)) : known;
    return clocks.map((clock) => ({ ...clock, state: "failed", failure: why, checkedAt: now }));
  }

  /** Resources without a row in the probed day were asked as well: they are as far as they were, and it was looked again. */
  async function silentClocks(
    seen: readonly SourceClock[],
    absent: readonly SourceClock[],
    now: Instant,
  ): Promise<SourceClock[]> {
    const isSeen = (clock: SourceClock) =>
      seen.some(({ source, resource }) => source === clock.source && resource === clock.resource);
    const gone = (clock: SourceClock) => absent.find(({ source }) => source === clock.source);
    return (await ledger.sourceClocks())
      .filter((clock) => clock.workspace === workspace && clock.resource !== "" && !isSeen(clock))
      .filter((clock) => clock.state !== "not_connected" || gone(clock) !== undefined)
      .map((clock) => {
        const { state, failure } = gone(clock) ?? { state: "connected" as const, failure: null };
        return { ...clock, state, failure, checkedAt: now };
      });
  }

  /** The clock of a source of which no resource is known. */
  function noClock(source: SourceClock["source"], now: Instant): SourceClock {
    return {
      source,
      workspace: workspace,
      resource: "",
      state: "not_connected",
      lastRow: null,
      watermark: null,
      dataTo: null,
      lagP50Ms: null,
      lagP95Ms: null,
      lagMaxMs: null,
      failure: null,
      checkedAt: now,
    };
  }

  function clockOf(row: ProbeRow, now: Instant): SourceClock {
    return {
      source: row.source as SourceClock["source"],
      workspace: workspace,
      resource: row.resource,
      state: "connected",
      lastRow: row.lastRow,
      watermark: row.lastIngested,
      dataTo: row.lastRow,
      lagP50Ms: row.lagP50Ms,
      lagP95Ms: row.lagP95Ms,
      lagMaxMs: row.lagMaxMs,
      failure: null,
      checkedAt: now,
    };
  }

  /** What is new was asked of every source at once, so one clock tells it for its whole workspace. */
  async function markAsked(now: Instant): Promise<void> {
    const clock = (await ledger.sourceClocks()).find(
      (clock) => clock.workspace === workspace && clock.state === "connected",
    );
    if (clock) await ledger.saveSourceClocks([{ ...clock, checkedAt: now }]);
  }

  async function recover(now: Instant): Promise<void> {
    if (!hasFailed) return;
    await ledger.dropSourceClock(nobody);
    probedAt = Number.NEGATIVE_INFINITY;
    await connected(now);
    hasFailed = false;
  }

  /** A workspace that only hangs fails no question for minutes: the clocks say so long before. */
  function watchSilence(now: Instant): () => void {
    let isMarked = false;
    const timer = setInterval(() => {
      const { waitingMs } = logs.status();
      if (isMarked || waitingMs < SILENCE_MS) return;
      isMarked = true;
      const seconds = Math.round(SILENCE_MS / 1_000);
      markFailed(`Log Analytics has not answered for ${seconds} s; it is still being waited for.`, now).catch(() => {
        isMarked = false;
      });
    }, SILENCE_TICK_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** Whose clock tells of a failure before any resource is known. */
  const nobody = { source: "request_response", workspace: workspace, resource: "" } as const;

  async function markFailed(failure: string, now: Instant): Promise<void> {
    hasFailed = true;
    const ofLogs = (await ledger.sourceClocks()).filter(
      ({ source, state }) => source !== "metric" && state !== "not_connected",
    );
    const nothingYet: SourceClock = { ...noClock(nobody.source, now), state: "failed", failure };
    const clocks = ofLogs.length === 0 ? [nothingYet] : ofLogs;
    await ledger.saveSourceClocks(
      clocks.map((clock): SourceClock => ({ ...clock, state: "failed", failure, checkedAt: now })),
    );
  }

  return {
    connected,
    lacking: () => lacking,
    noteLack: (message) => {
      lacking = message;
    },
    markAsked,
    markFailed,
    recover,
    watchSilence,
  };
}

const SOURCES_OF_PROBE: Readonly<Record<keyof typeof probes, readonly SourceClock["source"][]>> = {
  diagnostics: ["request_response", "usage_log"],
  gatewayLog: ["gateway_log"],
  gatewayLlm: ["gateway"],
  spans: ["span"],
};
const SOURCES_OF_LOGS = Object.values(SOURCES_OF_PROBE).flat();

function sourcesOf(probe: string): readonly SourceClock["source"][] {
  return Object.entries(SOURCES_OF_PROBE).find(([name]) => name === probe)?.[1] ?? [];
}

type Refused = { readonly status: "refused"; readonly error: LogAnalyticsError };

/** A workspace that refuses is a state of its sources while others answer; anything else stays an error. */
function refusalOf(error: unknown): Refused {
  if (error instanceof LogAnalyticsError && ["access_denied", "workspace_not_found"].includes(error.code))
    return { status: "refused", error };
  throw error;
}

/** Why an answer lacks a workspace; null where it does not. */
function lackOf(result: QueryResult<unknown> | Refused): string | null {
  if (result.status === "refused") return result.error.message;
  return result.status === "partial" && result.reason === "workspace_failed" ? result.message : null;
}

function whyMissing({ kind, name }: MissingPart): string {
  switch (kind) {
    case "table":
      return `The workspace has no table ${name}.`;
    case "column":
      return `The workspace has no column ${name} yet.`;
    case "data":
      return "The workspace has never received anything.";
    case "plan":
      return "The table is on the Basic or Auxiliary plan, which the query API refuses.";
  }
}
