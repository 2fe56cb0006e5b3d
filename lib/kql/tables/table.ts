import { type ColumnSchema, KQL_TYPES, type KqlType, type Shred, type TableSchema } from "./table-schema.ts";

/**
 * Columns from lines of `Name type`, as the published table reference prints them; an unknown type is a mistake in our
 * own list, so it throws a RangeError.
 */
export function columnsOf(text: string): ColumnSchema[] {
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [name = "", type = ""] = line.trim().split(/\s+/);
      if (!isKqlType(type)) throw new RangeError(`Unknown KQL type in the table list: ${line}`);
      return { name, type };
    });
}

/** Shreds of single keys of one JSON column; the hidden column is named after both. */
export function shredsOf(column: string, keys: Readonly<Record<string, Shred["kind"]>>): Shred[] {
  return Object.entries(keys).map(([key, kind]) => ({ column, path: [key], hiddenColumn: `~${column}.${key}`, kind }));
}

/** A table whose standard columns (`TenantId`, `_ResourceId`, `_BilledSize` …) are added at the end. */
export function tableOf(name: string, columns: string, shreds: readonly Shred[] = []): TableSchema {
  return { name, columns: [...columnsOf(columns), ...STANDARD_COLUMNS], shreds };
}

/** The columns that every Log Analytics table has; `_TimeReceived` is hidden in the portal but can be named. */
const STANDARD_COLUMNS = columnsOf(`
  SourceSystem string
  Type string
  _ResourceId string
  _SubscriptionId string
  _BilledSize real
  _IsBillable string
  _TimeReceived datetime
`);

function isKqlType(type: string): type is KqlType {
  return (KQL_TYPES as readonly string[]).includes(type);
}
