import type { CheckResult } from "../doctor/check.ts";
import { type DoctorReport, runDoctor } from "../doctor/run-doctor.ts";
import { azureConnection } from "../wiring/azure-clients.ts";
import { type Command, type ExitCode, UsageError } from "./command.ts";

const EXIT: Readonly<Record<DoctorReport["status"], ExitCode>> = { ok: 0, warn: 1, fail: 2 };

/** `npm run doctor`: what stands between this installation and right figures, with the next step of each fault. */
export const doctorCommand: Command = {
  name: "doctor",
  usage: `Usage: npm run doctor [-- --json]

Checks the configuration, the way to Azure, the workspace's data, the stores and the prices: 5 s each, 30 s in all.
Its output holds no secrets. Exit code 0 when all is well, 1 with warnings, 2 when something fails.`,
  onMissingFolder: "empty",
  async run(args, io) {
    const wrong = args.find((arg) => arg !== "--json");
    if (wrong !== undefined) throw new UsageError(`npm run doctor takes --json only, but got: ${wrong}.`);
    const runtime = await io.runtime();
    const report = await runDoctor({
      ...runtime,
      azure: runtime.mode === "connected" ? azureConnection(runtime.env) : undefined,
      variables: process.env,
      productDir: process.cwd(),
    });
    await io.out(args.includes("--json") ? `${JSON.stringify(report, null, 2)}\n` : inWords(report));
    return EXIT[report.status];
  },
};

function inWords({ checks, rights, mode, status }: DoctorReport): string {
  const lines = checks.flatMap(linesOf);
  const table = rights.map(
    (right) =>
      `  ${right.role} on ${right.on}${right.isOptional ? " (optional)" : ""}: ${right.state}\n    gives ${right.gives}\n    without it ${right.without}`,
  );
  return `${lines.join("\n")}\n\nRights of the identity${mode === "connected" ? "" : " towards a real workspace"}\n${table.join("\n")}\n\nIn all: ${status}.\n`;
}

function linesOf({ id, title, status, seen, means, next, command }: CheckResult): string[] {
  return [
    `${id} ${status.padEnd(7)} ${title}: ${seen}`,
    ...(means ? [`            means  ${means}`] : []),
    ...(next ? [`            next   ${next}`] : []),
    ...(command ? [`            $ ${command}`] : []),
  ];
}
