import { parseArgs } from "node:util";
import { parseLocalDay } from "../time/zone.ts";
import { type Command, UsageError } from "./command.ts";

const USAGE = `Usage: npm run demo -- truth --json [--group-by team] [--source expected] [--zone UTC] [--from 2026-11-01] [--to 2026-12-01]
       npm run demo -- incidents
       npm run demo -- invoice --month 2026-10 [--format actual|focus]
       npm run demo -- create

  truth      what really happened in the demo tenant, counted from its calls and not by the product: requests, tokens by
             kind and picodollars per zone-day, from each source that can see them, and what the product must show
  incidents  what was planted, when, and whom it hit
  invoice    what Azure bills for a UTC month, as the CSV of a Cost Management export: counted from the calls, 8.63 % off by
             contract, and with known differences that \`truth\` names under \`invoice\`
  create     makes the demo tenant in the data folder when it is not there yet

  --group-by total, account, deployment, model, team; several with commas; left out, all
  --source   all, usage_log, request_response, gateway, span, metric, expected; several with commas; left out, all
  --zone     UTC, Asia/Kolkata, Asia/Kathmandu, America/New_York, Australia/Lord_Howe; several with commas; left out, all
  --month    the month of the invoice; --format actual (Cost Management) or focus (FOCUS), actual when left out
  --from     first day in the zone; --to the day after the last
`;

/** `npm run demo`: makes the demo tenant and tells the truth about it. */
export const demoCommand: Command = {
  name: "demo",
  usage: USAGE,
  onMissingFolder: "demo",
  run: async (args, io) => {
    const { action, question, month, format } = parsed(args);
    const runtime = await io.runtime();
    const { embedded } = runtime;
    if (runtime.mode !== "demo" || embedded === undefined) {
      io.err(
        `${runtime.dataDir} holds no demo tenant. Choose another DATA_DIR, or begin anew with npm start -- --fresh.\n`,
      );
      return 1;
    }
    if (action === "create") {
      await io.out(`${JSON.stringify({ dataDir: runtime.dataDir, mode: runtime.mode })}\n`);
      return 0;
    }
    if (action === "invoice") {
      const invoice = await embedded.demoInvoice(month, format);
      if (invoice === undefined) {
        io.err(`The demo of ${runtime.dataDir} has no usage in ${month}. Name a month that it covers.\n`);
        return 1;
      }
      for (const line of invoice) await io.out(line);
      return 0;
    }
    const truth = await embedded.demoTruth(action === "incidents" ? { groups: [] } : { ...question, hasInvoice: true });
    if (truth === undefined) {
      io.err(`${runtime.dataDir} holds no demo tenant yet. Make it with npm run demo -- create.\n`);
      return 1;
    }
    if (action === "incidents") {
      await io.out(`${JSON.stringify(truth.incidents, null, 2)}\n`);
      return 0;
    }
    const { lines, ...head } = truth;
    await io.out(`${JSON.stringify(head, null, 2).slice(0, -2)},\n  "lines": [\n`);
    for (let from = 0; from < lines.length; from += LINES_AT_ONCE) {
      const part = lines.slice(from, from + LINES_AT_ONCE).map((line) => JSON.stringify(line));
      await io.out(`${part.join(",\n")}${from + LINES_AT_ONCE < lines.length ? "," : ""}\n`);
    }
    await io.out("  ]\n}\n");
    return 0;
  },
};

/** The truth of ninety days is tens of megabytes, so it is not made into one text. */
const LINES_AT_ONCE = 5_000;

const ACTIONS = ["truth", "incidents", "invoice", "create"] as const;

const ALLOWED = {
  "group-by": ["total", "account", "deployment", "model", "team"],
  source: ["all", "usage_log", "request_response", "gateway", "span", "metric", "expected"],
  zone: ["UTC", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"],
} as const;

function parsed(args: readonly string[]) {
  const { values, positionals } = readArguments(args);
  const action = ACTIONS.find((name) => name === positionals[0]);
  if (action === undefined || positionals.length > 1) {
    throw new UsageError(`Write one of ${ACTIONS.join(", ")} after \`npm run demo --\`.`);
  }
  const { month = "" } = values;
  if (action === "invoice" && !/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
    throw new UsageError(
      month === "" ? "Name the month: --month 2026-10." : `--month ${month} is not a month: write it as 2026-10.`,
    );
  }
  return {
    action,
    month,
    format: formatOf(values.format),
    question: {
      groups: listOf("group-by", values["group-by"]),
      sources: listOf("source", values.source),
      zones: listOf("zone", values.zone),
      from: dayOf("from", values.from),
      to: dayOf("to", values.to),
    },
  };
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        "group-by": { type: "string" },
        source: { type: "string" },
        zone: { type: "string" },
        from: { type: "string" },
        to: { type: "string" },
        month: { type: "string" },
        format: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function listOf(option: keyof typeof ALLOWED, text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const words = text.split(",").map((word) => word.trim());
  const allowed: readonly string[] = ALLOWED[option];
  const unknown = words.find((word) => !allowed.includes(word));
  if (unknown !== undefined) throw new UsageError(`--${option} ${unknown} is not known: write ${allowed.join(", ")}.`);
  return words;
}

function formatOf(text: string | undefined): "actual" | "focus" {
  if (text === undefined || text === "actual") return "actual";
  if (text === "focus") return text;
  throw new UsageError(`--format ${text} is not known: write actual or focus.`);
}

function dayOf(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const day = parseLocalDay(text);
  if (day === undefined) throw new UsageError(`--${option} ${text} is not a day: write it as 2026-11-21.`);
  return day;
}
