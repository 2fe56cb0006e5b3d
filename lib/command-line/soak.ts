import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { soakDelivery } from "../evaluation/testing/soak-delivery.ts";
import { type Command, UsageError } from "./command.ts";

/** `npm run soak`: many notifications, faulty receivers and a process that is killed, on a database of its own. */
export const soakCommand: Command = {
  name: "soak",
  usage: [
    "npm run soak -- [--notifications 10000] [--faulty 30] [--kills 50] [--minutes 30]",
    "",
    "Sends notifications to loopback receivers that spoil --faulty per cent of the attempts, kills the sending process --kills",
    "times with SIGKILL, and prints what arrived as JSON. Exit code 1 when a message was lost, doubled, changed or left over.",
  ].join("\n"),
  onMissingFolder: "empty",
  usesDataFolder: () => false,
  async run(args, io) {
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
