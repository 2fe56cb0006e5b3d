import { documentScripts } from "./documents.ts";
import { ipv6Scripts } from "./ipv6.ts";
import { parseKvScripts } from "./parse-kv.ts";
import { readArguments, type Script, write } from "./script-values.ts";
import { seriesDecomposeScripts } from "./series-decompose.ts";
import { seriesFillScripts } from "./series-fill.ts";
import { seriesFilterScripts } from "./series-filter.ts";
import { seriesFitScripts } from "./series-fit.ts";
import { seriesMathScripts } from "./series-math.ts";
import { seriesStatsScripts } from "./series-stats.ts";
import { xxhash64 } from "./xxhash64.ts";

const SCRIPTS: Readonly<Record<string, Script>> = {
  ...seriesMathScripts,
  ...seriesFillScripts,
  ...seriesFilterScripts,
  ...seriesStatsScripts,
  ...seriesFitScripts,
  ...seriesDecomposeScripts,
  ...documentScripts,
  ...ipv6Scripts,
  ...parseKvScripts,
};

/** Runs a function that SQL has no words for: the arguments are a JSON array, the result is JSON or null. */
export function runScript(name: string, json: string): string | null {
  if (name === "hash_text") return xxhash64(Buffer.from(json, "utf8")).toString();
  if (name === "hash_long") return xxhash64(bytesOfLong(BigInt(json))).toString();
  const script = SCRIPTS[name];
  if (script === undefined) throw new Error(`There is no script '${name}'.`);
  const result = script(readArguments(json));
  return result === null || result === undefined ? null : write(result);
}

export const SCRIPT_NAMES: readonly string[] = Object.keys(SCRIPTS);

function bytesOfLong(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}
