import { DuckDBInstance } from "@duckdb/node-api";

const KEYED = {
  charge: `SELECT c.* EXCLUDE (key), k.* EXCLUDE (id, lineId, upperLineId), coalesce(l.text, '') AS line, coalesce(u.text, '') AS upperLine
    FROM charge c JOIN charge_key k ON k.id = c.key LEFT JOIN price_line l ON l.id = k.lineId LEFT JOIN price_line u ON u.id = k.upperLineId`,
  charge_day:
    "SELECT c.* EXCLUDE (key), k.* EXCLUDE (id, lineId, upperLineId) FROM charge_day c JOIN charge_key k ON k.id = c.key",
  ...Object.fromEntries(
    ["request", "request_day", "latency_day", "minute_request", "minute_team"].map((table) => [
      table,
      `SELECT c.* EXCLUDE (key), k.* EXCLUDE (id, dayKey) FROM ${table} c JOIN request_key k ON k.id = c.key`,
    ]),
  ),
  row_count: "SELECT * FROM row_count",
  row_fault: "SELECT * FROM row_fault",
} as const;

/** Everything that a ledger's file says about what was used, as sorted texts a table: two ledgers that say the same are equal. */
export async function ledgerContents(path: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const instance = await DuckDBInstance.create(path, { access_mode: "READ_ONLY", threads: "1" });
  const connection = await instance.connect();
  try {
    const contents: Record<string, readonly string[]> = {};
    for (const [table, sql] of Object.entries(KEYED)) {
      const reader = await connection.runAndReadAll(`SELECT to_json(t)::VARCHAR AS text FROM (${sql}) t ORDER BY text`);
      contents[table] = reader.getRows().map(([text]) => String(text));
    }
    return contents;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** What one ledger says and the other does not, in words; nothing when they are equal. */
export function differencesOf(
  found: Awaited<ReturnType<typeof ledgerContents>>,
  expected: Awaited<ReturnType<typeof ledgerContents>>,
): string[] {
  return Object.entries(expected).flatMap(([table, rows]) => {
    const [missing, extra] = [without(rows, found[table] ?? []), without(found[table] ?? [], rows)];
    if (missing.length + extra.length === 0) return [];
    return [
      `${table}: ${missing.length} rows are missing and ${extra.length} too many; ${missing[0] ?? "nothing"} instead of ${extra[0] ?? "nothing"}`,
    ];
  });
}

/** Rows of the first list beyond those of the second, each as often as it stands there. */
function without(rows: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const row of others) counts.set(row, (counts.get(row) ?? 0) + 1);
  return rows.filter((row) => {
    const left = counts.get(row) ?? 0;
    counts.set(row, left - 1);
    return left <= 0;
  });
}
