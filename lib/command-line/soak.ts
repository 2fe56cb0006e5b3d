import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { soakDelivery } from "../evaluation/testing/soak-delivery.ts";
import { type Command, type CommandIo, UsageError } from "./command.ts";
import { soakHistories } from "./soak-histories.ts";
import { soakImports } from "./soak-imports.ts";
import { soakIngestions } from "./soak-ingestions.ts";
import { soakQueries } from "./soak-queries.ts";

/** `npm run soak`: many notifications, faulty receivers and a process that is killed, on a database of its own. */
export const soakCommand: Command = {
  name: "soak",
  usage: [
    "npm run soak -- [--notifications 10000] [--faulty 30] [--kills 50] [--minutes 30]",
    "       npm run soak -- --queries 100000 [--from 1]",
    "       npm run soak -- --import-kills 50 [--from 1]",
    "       npm run soak -- --histories 5000 [--from 1]",
    "       npm run soak -- --ingestion-kills 50 [--from 1]",
    "",
    "Sends notifications to loopback receivers that spoil --faulty per cent of the attempts, kills the sending process --kills",
    "times with SIGKILL, and prints what arrived as JSON. Exit code 1 when a message was lost, doubled, changed or left over.",
    "With --queries it asks the embedded engine that many mutated queries instead, from number --from on (every mutant can be",
    "made again from its number). Exit code 1 when one ended neither in a result nor in a well-formed refusal.",
    "With --import-kills it imports logs in processes that are killed that many times, at moments that --from determines.",
    "Exit code 1 when a table differs from that of an import which nothing disturbed.",
    "With --histories it follows that many histories of a workspace from number --from on, in which rows come late, twice and",
    "in any order and the process ends between any two steps. Exit code 1 when a ledger is not that of a recount.",
    "With --ingestion-kills the process that follows such histories is killed that many times with SIGKILL; the same exit code.",
  ].join("\n"),
  onMissingFolder: "empty",
  usesDataFolder: () => false,
  async run(args, io) {
    const queries = countedOf(args, "queries");
    if (queries !== null) return askMutants(queries, io);
    const histories = countedOf(args, "histories");
    if (histories !== null) return followHistories(histories, io);
    const imports = killsOf(args, "import-kills");
    if (imports !== null) return killImports(imports, io);
    const ingestions = killsOf(args, "ingestion-kills");
    if (ingestions !== null) return killIngestions(ingestions, io);
    const options = optionsOf(args);
    const folder = await mkdtemp(join(tmpdir(), "token-ledger-soak-"));
    try {
      const result = await soakDelivery({
        location: { sqlitePath: join(folder, "state.sqlite") },
        ...options,
        onProgress: (text) => io.err(`${text}\n`),
      });
      await io.out(`${JSON.stringify(result, null, 2)}\n`);
      const { lost, unfinished, logicalDuplicates, changedRepeats, dead } = result;
      return lost + unfinished + logicalDuplicates + changedRepeats + dead === 0 ? 0 : 1;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function askMutants(queries: { from: number; count: number }, io: CommandIo): Promise<0 | 1> {
  let told = 0;
  const report = await soakQueries({
    ...queries,
    onProgress: ({ asked, faults }) => {
      for (const { number, query, what } of faults.slice(told)) io.err(`Mutant ${number}: ${what}: ${query}\n`);
      told = faults.length;
      if (asked % 1_000 === 0) io.err(`${asked} asked, ${faults.length} faults, next --from ${queries.from + asked}\n`);
    },
  });
  await io.out(`${JSON.stringify(report, null, 2)}\n`);
  return report.faults.length === 0 ? 0 : 1;
}

async function followHistories(histories: { from: number; count: number }, io: CommandIo): Promise<0 | 1> {
  let differing = 0;
  const report = await soakHistories({
    ...histories,
    onProgress: ({ histories: done, crashes, differences }) => {
      const next = `next --from ${histories.from + done}`;
      const last = differences.length > differing ? differences.at(-1) : undefined;
      differing = differences.length;
      if (last) io.err(`History ${last.seed} differs: ${last.found.map((text) => text.slice(0, 200)).join("; ")}\n`);
      if (done % 10 === 0) io.err(`${done} followed, ${crashes} crashes, ${differing} differ, ${next}\n`);
    },
  });
  await io.out(`${JSON.stringify(report, null, 2)}\n`);
  return report.differences.length === 0 ? 0 : 1;
}

async function killIngestions(options: { kills: number; seed: number }, io: CommandIo): Promise<0 | 1> {
  const result = await soakIngestions({ ...options, onProgress: (text) => io.err(`${text}\n`) });
  await io.out(`${JSON.stringify(result, null, 2)}\n`);
  return result.differences.length === 0 ? 0 : 1;
}

async function killImports(options: { kills: number; seed: number }, io: CommandIo): Promise<0 | 1> {
  const result = await soakImports({ ...options, onProgress: (text) => io.err(`${text}\n`) });
  await io.out(`${JSON.stringify(result, null, 2)}\n`);
  return result.differences.length === 0 ? 0 : 1;
}

function killsOf(
  args: readonly string[],
  name: "import-kills" | "ingestion-kills",
): { kills: number; seed: number } | null {
  const { [name]: kills, from } = readArgs(args).values;
  if (kills === undefined) return null;
  return {
    kills: whole(kills, `--${name}`, 1, 10_000),
    seed: whole(from, "--from", 0, 1_000_000_000),
  };
}

function countedOf(args: readonly string[], name: "queries" | "histories"): { from: number; count: number } | null {
  const { [name]: count, from } = readArgs(args).values;
  if (count === undefined) return null;
  return {
    from: whole(from, "--from", 0, 1_000_000_000),
    count: whole(count, `--${name}`, 1, 10_000_000),
  };
}

function optionsOf(args: readonly string[]) {
  const { values } = readArgs(args);
  return {
    notifications: whole(values.notifications, "--notifications", 1, 1_000_000),
    faultyShare: whole(values.faulty, "--faulty", 0, 90) / 100,
    kills: whole(values.kills, "--kills", 0, 10_000),
    giveUpAfterMs: whole(values.minutes, "--minutes", 1, 1_440) * 60_000,
  };
}

function readArgs(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        notifications: { type: "string", default: "10000" },
        faulty: { type: "string", default: "30" },
        kills: { type: "string", default: "50" },
        queries: { type: "string" },
        histories: { type: "string" },
        "import-kills": { type: "string" },
        "ingestion-kills": { type: "string" },
        from: { type: "string", default: "1" },
        minutes: { type: "string", default: "30" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(text: string, name: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(`${name} is a whole number from ${least} to ${most}, not ${text}.`);
  return value;
}
