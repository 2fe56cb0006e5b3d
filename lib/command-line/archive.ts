import { listClosedMonths } from "../db/closed-months.ts";
import type { Runtime } from "../runtime.ts";
import { toIso } from "../time/instant.ts";
import { type Command, type CommandIo, type ExitCode, UsageError } from "./command.ts";

/** `npm run archive`: what is archived, and whether every file still is what was written. */
export const archiveCommand: Command = {
  name: "archive",
  usage: [
    "npm run archive -- list       the archived months: rows, bytes, hash, price books",
    "npm run archive -- verify     reads every file and compares its hash",
  ].join("\n"),
  onMissingFolder: "empty",
  async run(args, io) {
    const [action, ...others] = args;
    if (others.length > 0) throw new UsageError(`archive ${action} takes nothing more.`);
    switch (action) {
      case "list":
        return list(io);
      case "verify":
        return verify(io);
      default:
        throw new UsageError(action === undefined ? "Say list or verify." : `There is no "archive ${action}".`);
    }
  },
};

async function list(io: CommandIo): Promise<ExitCode> {
  const runtime = await io.runtime();
  const [closed, held] = await Promise.all([listClosedMonths(runtime.state.db), runtime.ledger.heldMonths()]);
  const months = (await runtime.archive.list()).map((month) => ({
    ...linesOf(month, runtime),
    closedAt: isoOrNull(closed.find((candidate) => candidate.month === month.month)?.closedAt),
    isInLedger: held.some((candidate) => candidate.month === month.month && candidate.hash === month.hash),
  }));
  await io.out(`${JSON.stringify({ months }, null, 2)}\n`);
  return 0;
}

async function verify(io: CommandIo): Promise<ExitCode> {
  const runtime = await io.runtime();
  const checked = await runtime.archive.verify();
  const months = checked.map(({ month, problem }) => ({ ...linesOf(month, runtime), problem }));
  await io.out(`${JSON.stringify({ months }, null, 2)}\n`);
  const broken = checked.flatMap(({ problem }) => problem ?? []);
  for (const problem of broken) io.err(`${problem}\n`);
  if (broken.length > 0) io.err("Restore what is named from a backup.\n");
  return broken.length > 0 ? 1 : 0;
}

function linesOf(month: Awaited<ReturnType<Runtime["archive"]["list"]>>[number], { archive }: Runtime) {
  const { rows, quarterHours, bytes, hash, bookVersions } = month;
  const [from, to, archivedAt] = [month.period.start, month.period.end, month.archivedAt].map(toIso);
  return {
    month: month.month,
    from,
    to,
    file: archive.nameOf(month),
    rows,
    quarterHours,
    bytes,
    hash,
    bookVersions,
    archivedAt,
  };
}

function isoOrNull(at: Parameters<typeof toIso>[0] | undefined): string | null {
  return at === undefined ? null : toIso(at);
}
