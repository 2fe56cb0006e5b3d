import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What the page must show: one zone-day of one group, counted from the calls that the demo tenant generated. */
export type ExpectedLine = {
  readonly zone: string;
  readonly day: string;
  readonly groupBy: string;
  readonly value: string;
  readonly unpricedTokens: string;
  readonly picodollars: { readonly lower: string; readonly upper: string };
};

export type Truth = {
  readonly settledUntil: string;
  readonly incidents: readonly { readonly kind: string; readonly start: string; readonly end: string | null }[];
  readonly lines: readonly ExpectedLine[];
};

/** Asks the running product for the demo's truth, as a person would on the command line. */
export async function askTruth(zone: string, groups: readonly string[]): Promise<Truth> {
  return JSON.parse(
    await runCommand("demo", "truth", "--json", "--source", "expected", "--zone", zone, "--group-by", groups.join(",")),
  );
}

/** Runs `npm run NAME -- ARGS` on the data folder of the product under test and returns what it printed. */
export async function runCommand(name: string, ...args: readonly string[]): Promise<string> {
  const dataDir = process.env.PRODUCT_DATA_DIR;
  if (dataDir === undefined) throw new Error("PRODUCT_DATA_DIR is not set: the product was not started.");
  const { stdout } = await promisify(execFile)(
    "node",
    ["--disable-warning=ExperimentalWarning", "--conditions=react-server", "scripts/command.ts", name, ...args],
    { env: { ...process.env, DATA_DIR: dataDir }, maxBuffer: 256 * 1024 * 1024 },
  );
  return stdout;
}
