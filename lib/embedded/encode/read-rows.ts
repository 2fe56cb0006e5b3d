import type { DuckDBResult } from "@duckdb/node-api";
import type { ResultColumn } from "../lowering/lower-query.ts";
import { encodeCell } from "./encode-cell.ts";

export type EncodedRows = {
  /** The `rows` array of the body, as JSON text. */
  readonly json: string;
  readonly count: number;
  /** Which limit cut the result, if one did. */
  readonly cut: "rows" | "bytes" | null;
};

/** Reads a streaming result into JSON, and stops at the service's limits without reading on. */
export async function readRows(
  result: DuckDBResult,
  columns: readonly ResultColumn[],
  limits: { readonly maxRows: number; readonly maxBytes: number },
): Promise<EncodedRows> {
  const pieces: string[] = [];
  let count = 0;
  let bytes = 0;
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const values = columns.map((_, index) => chunk.getColumnValues(index));
    for (let row = 0; row < chunk.rowCount; row += 1) {
      if (count === limits.maxRows) return { json: pieces.join(","), count, cut: "rows" };
      const cells = columns.map(({ type }, index) => encodeCell(values[index]?.[row] ?? null, type));
      const text = `[${cells.join(",")}]`;
      bytes += text.length;
      if (bytes > limits.maxBytes) return { json: pieces.join(","), count, cut: "bytes" };
      pieces.push(text);
      count += 1;
    }
  }
  return { json: pieces.join(","), count, cut: null };
}
