import { parseArgs } from "node:util";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import {
  CHARGE_DIMENSIONS,
  type ChargeDimension,
  type ChargeQuery,
  type ChargeSum,
  type Grain,
} from "../ledger/charge-query.ts";
import { REQUEST_DIMENSIONS, type RequestDimension } from "../ledger/ledger.ts";
import { type Money, toDecimal } from "../money/money.ts";
import type { Runtime } from "../runtime.ts";
import { addDays, dayOf, firstOfMonth, parseLocalDay, parseZone, periodOfDays, type ZoneId } from "../time/zone.ts";
import { type Command, type CommandIo, UsageError } from "./command.ts";
import { textTable } from "./text-table.ts";

const USAGE = `Usage: npm run report -- [--group-by team,day] [--from 2026-11-01] [--to 2026-12-01] [--zone Asia/Kolkata] [--json]

  --group-by  ${CHARGE_DIMENSIONS.join(", ")};
              and one of hour, day, week, month. Left out, one total.
  --from      first day, in the zone; left out, the first of this month
  --to        the day after the last; left out, tomorrow
  --zone      IANA time zone; left out, REPORT_TIME_ZONE
  --filter    dimension=value, may be repeated; a deployment is written account/deployment
  --json      rows with exact decimals and picodollars as texts
`;

const GRAINS = ["hour", "day", "week", "month"] as const;

/** `npm run report`: tokens, requests and cost of a period from the ledger, exactly. */
export const reportCommand: Command = {
  name: "report",
  usage: USAGE,
  onMissingFolder: "demo",
  run: async (args, io) => {
    const options = parsed(args);
    const runtime = await io.runtime();
    const isComplete = await bringUpToDate(runtime, io);
    const query = chargeQuery(options, runtime);
    const rows = await reportRows(runtime, query);
    await io.out(options.json ? `${JSON.stringify(rows, null, 2)}\n` : textTable(rows.map(withoutPicodollars)));
    return isComplete ? 0 : 1;
  },
};

type Options = {
  readonly groupBy: readonly string[];
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly zone: string | undefined;
  readonly filter: readonly string[];
  readonly json: boolean;
};

function parsed(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        "group-by": { type: "string" },
        from: { type: "string" },
        to: { type: "string" },
        zone: { type: "string" },
        filter: { type: "string", multiple: true },
        json: { type: "boolean" },
      },
    });
    const groupBy = (values["group-by"] ?? "").split(",").map((name) => name.trim());
    return {
      groupBy: groupBy.filter((name) => name !== ""),
      from: values.from,
      to: values.to,
      zone: values.zone,
      filter: values.filter ?? [],
      json: values.json === true,
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "These arguments cannot be read.");
  }
}

/** Reads what the ledger does not hold yet; false when some of it could not be read. */
async function bringUpToDate(runtime: Runtime, io: CommandIo): Promise<boolean> {
  const summary = await runtime.ingestion.runCycle(runtime.now(), io.signal);
  for (const failure of summary.failures) io.err(`${failure}\n`);
  const progress = await runtime.ingestion.readBack(
    runtime.now(),
    ({ state, daysDone, daysTotal }) => {
      if (state === "running")
        io.err(`Reading history: ${daysDone} of ${daysTotal} days.${io.isTerminal ? "\r" : "\n"}`);
    },
    io.signal,
  );
  return summary.failures.length === 0 && progress.state !== "running";
}

function chargeQuery(options: Options, runtime: Runtime): ChargeQuery {
  const zone = zoneOf(options.zone) ?? runtime.zones()[0] ?? runtime.env.REPORT_TIME_ZONE;
  const today = dayOf(runtime.now(), zone);
  const from = dayArgument("--from", options.from) ?? firstOfMonth(today);
  const to = dayArgument("--to", options.to) ?? addDays(today, 1);
  if (to <= from) throw new UsageError(`--to ${to} must be after --from ${from}: it is the day after the last.`);
  const grains = options.groupBy.filter(isGrain);
  if (grains.length > 1) throw new UsageError(`Choose one of ${GRAINS.join(", ")}, not ${grains.join(" and ")}.`);
  return {
    sees: LOCAL_ADMINISTRATOR.sees,
    period: periodOfDays(from, to, zone),
    zone,
    grain: grains[0] ?? "total",
    groupBy: options.groupBy.filter((name) => !isGrain(name)).map(dimensionOf),
    filter: filterOf(options.filter),
  };
}

function zoneOf(text: string | undefined): ZoneId | undefined {
  if (text === undefined) return undefined;
  const zone = parseZone(text);
  if (!zone)
    throw new UsageError(`Unknown time zone ${JSON.stringify(text)}. Write an IANA name such as Europe/Warsaw.`);
  return zone;
}

function dayArgument(name: string, text: string | undefined) {
  if (text === undefined) return undefined;
  const day = parseLocalDay(text);
  if (!day) throw new UsageError(`${name} ${JSON.stringify(text)} is not a day. Write it as 2026-11-01.`);
  return day;
}

function isGrain(name: string): name is Exclude<Grain, "total"> {
  return (GRAINS as readonly string[]).includes(name);
}

function dimensionOf(name: string): ChargeDimension {
  const found = CHARGE_DIMENSIONS.find((dimension) => dimension.toLowerCase() === name.toLowerCase());
  if (!found)
    throw new UsageError(
      `Unknown dimension ${JSON.stringify(name)}. Choose from ${CHARGE_DIMENSIONS.join(", ")}, ${GRAINS.join(", ")}.`,
    );
  return found;
}

function filterOf(texts: readonly string[]): ChargeQuery["filter"] {
  const include = new Map<ChargeDimension, string[]>();
  for (const text of texts) {
    const at = text.indexOf("=");
    if (at < 1) throw new UsageError(`--filter ${JSON.stringify(text)} is not dimension=value.`);
    const dimension = dimensionOf(text.slice(0, at));
    include.set(dimension, [...(include.get(dimension) ?? []), text.slice(at + 1)]);
  }
  return Object.fromEntries([...include].map(([dimension, values]) => [dimension, { include: values }]));
}

type ReportRow = Record<string, string | null>;

async function reportRows(runtime: Runtime, query: ChargeQuery): Promise<ReportRow[]> {
  const sums = await runtime.ledger.sumCharges(query);
  const requests = await requestCounts(runtime, query);
  const named = sums.map((sum) =>
    keyOf(
      sum.bucket,
      query.groupBy.map((dimension) => sum.keys[dimension] ?? ""),
    ),
  );
  const rows = sums.map((sum, index) =>
    reportRow(sum, query, requests?.get(named[index] ?? "") ?? (requests ? 0n : null)),
  );
  return rows;
}

/** Requests under the same keys, or null where requests do not know a dimension: unknown, not zero. */
async function requestCounts(runtime: Runtime, query: ChargeQuery): Promise<Map<string, bigint> | null> {
  const dimensions = [...query.groupBy, ...(Object.keys(query.filter) as ChargeDimension[])];
  if (!dimensions.every(isRequestDimension)) return null;
  const groupBy = query.groupBy.filter(isRequestDimension);
  const sums = await runtime.ledger.sumRequests({ ...query, groupBy, hasLatency: false });
  return new Map(
    sums.map((sum) => [
      keyOf(
        sum.bucket,
        groupBy.map((dimension) => sum.keys[dimension] ?? ""),
      ),
      sum.requests,
    ]),
  );
}

function isRequestDimension(dimension: string): dimension is RequestDimension & ChargeDimension {
  return (REQUEST_DIMENSIONS as readonly string[]).includes(dimension);
}

function keyOf(bucket: string | null, values: readonly string[]): string {
  return JSON.stringify([bucket, ...values]);
}

function reportRow(sum: ChargeSum, query: ChargeQuery, requests: bigint | null): ReportRow {
  const keys = query.groupBy.flatMap((dimension): [string, string][] => {
    const value = sum.keys[dimension] ?? "";
    if (dimension !== "deployment") return [[dimension, value]];
    const at = value.indexOf("/");
    return [
      ["account", value.slice(0, at)],
      ["deployment", value.slice(at + 1)],
    ];
  });
  const tokens = sum.inputTokens + sum.cachedInputTokens + sum.cacheWriteTokens + sum.outputTokens;
  // A row without any price costs an unknown amount; its picodollars stay the lower end, which still adds up.
  const isUnpriced = sum.unpricedTokens > 0n && sum.unpricedTokens === tokens && sum.contractedCostUpper === 0n;
  const decimal = (amount: Money) => (isUnpriced ? null : toDecimal(amount));
  return {
    ...Object.fromEntries(keys),
    ...(query.grain === "total" ? {} : { [query.grain]: sum.bucket }),
    requests: requests === null ? null : String(requests),
    inputTokens: String(sum.inputTokens),
    cachedInputTokens: String(sum.cachedInputTokens),
    cacheWriteTokens: String(sum.cacheWriteTokens),
    outputTokens: String(sum.outputTokens),
    unpricedTokens: String(sum.unpricedTokens),
    listCost: decimal(sum.listCost),
    contractedCost: decimal(sum.contractedCost),
    contractedCostUpper: decimal(sum.contractedCostUpper),
    contractedCostAtMost: decimal(sum.contractedCostAtMost),
    listCostPicodollars: String(sum.listCost),
    contractedCostPicodollars: String(sum.contractedCost),
    contractedCostUpperPicodollars: String(sum.contractedCostUpper),
    contractedCostAtMostPicodollars: String(sum.contractedCostAtMost),
  };
}

function withoutPicodollars(row: ReportRow): ReportRow {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !name.endsWith("Picodollars")));
}
