import { writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Connected } from "../queries/connected.ts";
import { probes } from "../queries/probes.ts";
import { SUMMARY_BIN_MINUTES, type SummaryBinMinutes, summaryRuleQuery } from "../queries/summary-rule.ts";
import { addMs, HOUR_MS, period } from "../time/instant.ts";
import { type Command, type CommandIo, type ExitCode, UsageError } from "./command.ts";
import { summaryBicep } from "./summary-bicep.ts";

const USAGE = `Usage: npm run summary-rule -- bicep [--bin-minutes 1440] [--retention-days 730] [--without gateway,spans] [--out summary-rule.bicep]
       npm run summary-rule -- kql [--without gateway,spans]

  bicep   a Bicep file for the workspace: the table TokenLedgerSummary_CL with its retention, and the summary rule that
          fills it by quarter hour from the tables that the workspace has now. The ledger reads it for the time before
          the raw tables begin
  kql     the query of the rule alone

  --bin-minutes     ${SUMMARY_BIN_MINUTES.join(", ")}: shorter where a day is more than 500,000 rows or 100 MB
  --retention-days  4 to 730
  --without         leave out API Management or spans, for example where their tables are on the Basic plan
`;

/** `npm run summary-rule`: what keeps aggregated history in the workspace, generated from the product's own KQL. */
export const summaryRuleCommand: Command = {
  name: "summary-rule",
  usage: USAGE,
  onMissingFolder: "demo",
  run: async (args, io) => {
    const { action, without, ...options } = parsed(args);
    const found = await connectedTables(io);
    if (found === undefined) {
      io.err(
        "The workspace has no table AzureDiagnostics: nothing to summarise yet. Switch the diagnostic setting of the accounts on, and ask again when rows have arrived.\n",
      );
      return 1;
    }
    const hasGateway = found.gateway && !without.includes("gateway");
    const sources = {
      gateway: hasGateway,
      gatewayLlm: hasGateway && found.gatewayLlm,
      spans: found.spans && !without.includes("spans"),
    };
    const text = action === "kql" ? `${summaryRuleQuery(sources)}\n` : summaryBicep({ sources, ...options });
    const { env } = await io.runtime();
    if (env.AZURE_CLOUD !== "public") io.err("Summary rules exist in the public cloud only; this cloud has none.\n");
    io.err(
      `Summarises ${["the accounts' logs", ...(sources.gateway ? ["API Management"] : []), ...(sources.spans ? ["spans"] : [])].join(", ")}.\n`,
    );
    return write(text, options.out, io);
  },
};

async function write(text: string, out: string | undefined, io: CommandIo): Promise<ExitCode> {
  if (out === undefined) {
    await io.out(text);
    return 0;
  }
  const file = path.resolve(io.cwd, out);
  await writeFile(file, text);
  await io.out(`${file}\n`);
  return 0;
}

/** A rule that names a table which is not there is refused by the service. */
async function connectedTables(io: CommandIo): Promise<Connected | undefined> {
  const { logs, now } = await io.runtime();
  const window = period(addMs(now(), -24 * HOUR_MS), addMs(now(), HOUR_MS));
  const has = async (query: (typeof probes)[keyof typeof probes]) => {
    const result = await logs.run(query, { window }, { period: window, priority: "background", signal: io.signal });
    return result.status !== "not_connected";
  };
  const [diagnostics, gateway, gatewayLlm, spans] = await Promise.all([
    has(probes.diagnostics),
    has(probes.gatewayLog),
    has(probes.gatewayLlm),
    has(probes.spans),
  ]);
  return diagnostics ? { gateway, gatewayLlm, spans } : undefined;
}

const PARTS = ["gateway", "spans"] as const;

function parsed(args: readonly string[]) {
  const { values, positionals } = readArguments(args);
  const action = (["bicep", "kql"] as const).find((name) => name === positionals[0]);
  if (action === undefined || positionals.length > 1) throw new UsageError("Say what to write: bicep or kql.");
  const without = (values.without ?? "").split(",").flatMap((word) => (word.trim() === "" ? [] : [word.trim()]));
  const unknown = without.find((word) => !PARTS.some((part) => part === word));
  if (unknown !== undefined) throw new UsageError(`--without ${unknown} is not known: write ${PARTS.join(", ")}.`);
  return {
    action,
    without,
    binMinutes: binMinutesOf(values["bin-minutes"]),
    retentionDays: retentionDaysOf(values["retention-days"]),
    out: values.out,
  };
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        "bin-minutes": { type: "string" },
        "retention-days": { type: "string" },
        without: { type: "string" },
        out: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "These arguments cannot be read.");
  }
}

function binMinutesOf(text: string | undefined): SummaryBinMinutes {
  const found = SUMMARY_BIN_MINUTES.find((minutes) => String(minutes) === (text ?? "1440"));
  if (found === undefined)
    throw new UsageError(`--bin-minutes ${text} is not possible: write one of ${SUMMARY_BIN_MINUTES.join(", ")}.`);
  return found;
}

function retentionDaysOf(text: string | undefined): number {
  const days = Number(text ?? 730);
  if (!Number.isInteger(days) || days < 4 || days > 730)
    throw new UsageError("--retention-days is a whole number from 4 to 730.");
  return days;
}
