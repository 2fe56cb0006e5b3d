import { readCsv } from "../csv.ts";

/** One request of a trace: when it came, and its tokens. `atMs` keeps the fraction of a millisecond that the trace tells. */
export type TracedRequest = { readonly atMs: number; readonly input: bigint; readonly output: bigint };

const COLUMNS = ["timestamp", "contexttokens", "generatedtokens"];
/** More requests than this are no trace that a person waits for. */
const MOST_REQUESTS = 2_000_000;

/**
 * Reads a request trace as CSV with the columns TIMESTAMP (UTC), ContextTokens and GeneratedTokens, in order of time.
 * Throws a RangeError that names `name` and the line when the table or a row cannot be read: nothing of it is used then.
 */
export function readTrace(text: string, name: string): TracedRequest[] {
  const table = readCsv(text);
  if (!COLUMNS.every((column) => table.headers.includes(column))) {
    throw new RangeError(
      `${name} is no request trace: it needs the columns TIMESTAMP, ContextTokens and GeneratedTokens.`,
    );
  }
  if (table.records.length === 0) throw new RangeError(`${name} has no request.`);
  if (table.records.length > MOST_REQUESTS) throw new RangeError(`${name} has more than ${MOST_REQUESTS} requests.`);
  const requests = table.records.map(({ cells, line }): TracedRequest => {
    const time = cells.timestamp ?? "";
    const at = Date.parse(`${time.slice(0, 19).replace(" ", "T")}Z`);
    const [input, output] = [Number(cells.contexttokens), Number(cells.generatedtokens)];
    const areCounts = [cells.contexttokens, cells.generatedtokens].every((cell) => /^\d{1,12}$/.test(cell ?? ""));
    if (!Number.isFinite(at) || !areCounts) {
      throw new RangeError(`${name}, line ${line}: the time or the tokens cannot be read.`);
    }
    const fraction = Number(`0.${time.slice(20).replace(/\D/g, "") || "0"}`);
    return { atMs: at + fraction * 1_000, input: BigInt(input), output: BigInt(output) };
  });
  return requests.toSorted((a, b) => a.atMs - b.atMs);
}
