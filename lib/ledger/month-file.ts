import { CHARGE_KEY_COLUMNS, FOLLOWING_CHARGE_COLUMNS } from "./charge-rows.ts";
import { FOLLOWING_REQUEST_COLUMNS, REQUEST_KEY_COLUMNS } from "./ledger-keys.ts";

/**
 * How a month lies in a Parquet file: one table of several kinds of record, told apart by `record`, each using the columns
 * that it has. Keys and price lines are written out, so that the file can be read without the ledger that wrote it.
 *
 * `charge` and `request` of quarter hours · `rows` and `fault`: what they were read from · `quarter`: that a quarter hour was
 * read, where and by which price book · `metric` series of the platform · `identity` of callers. Requests by minute, which are
 * kept for 35 days only, are not part of it.
 */
export const RECORDS = ["charge", "fault", "identity", "metric", "quarter", "request", "rows"] as const;
export type RecordName = (typeof RECORDS)[number];

/** The version of this layout; a file of another one is refused by name. */
export const MONTH_FILE_LAYOUT = "1";

/** Columns of a charge key as a file holds them; `lineId` and `upperLineId` become the lines themselves. */
export const CHARGE_COLUMNS = CHARGE_KEY_COLUMNS.filter(
  (column) => !FOLLOWING_CHARGE_COLUMNS.some((following) => following === column) && !column.endsWith("ineId"),
);
export const LINE_COLUMNS = ["line", "upperLine"] as const;
export const REQUEST_COLUMNS = REQUEST_KEY_COLUMNS.filter(
  (column) => !FOLLOWING_REQUEST_COLUMNS.some((following) => following === column),
);

/** Figures of each kind of record, with the types of the ledger. */
export const FIGURES: Readonly<Record<RecordName, readonly (readonly [name: string, type: string])[]>> = {
  charge: [
    ["qh", "INTEGER"],
    ["quantity", "BIGINT"],
    ["listCost", "BIGINT"],
    ["contractedCost", "BIGINT"],
    ["contractedCostUpper", "BIGINT"],
  ],
  fault: [
    ["qh", "INTEGER"],
    ["account", "VARCHAR"],
    ["deploymentName", "VARCHAR"],
    ["fault", "VARCHAR"],
    ["n", "BIGINT"],
  ],
  identity: [
    ["identityId", "VARCHAR"],
    ["identity", "VARCHAR"],
  ],
  metric: [
    ["minute", "INTEGER"],
    ["account", "VARCHAR"],
    ["deploymentName", "VARCHAR"],
    ["series", "VARCHAR"],
    ["label", "VARCHAR"],
    ["value", "DOUBLE"],
  ],
  quarter: [
    ["qh", "INTEGER"],
    ["readAt", "BIGINT"],
    ["origin", "VARCHAR"],
    ["book", "VARCHAR"],
  ],
  request: [
    ["qh", "INTEGER"],
    ["requests", "BIGINT"],
    ["attempts", "BIGINT"],
    ["withTokens", "BIGINT"],
    ["unmeasured", "BIGINT"],
    ["buckets", "INTEGER[]"],
    ["counts", "INTEGER[]"],
  ],
  rows: [
    ["qh", "INTEGER"],
    ["account", "VARCHAR"],
    ["deploymentName", "VARCHAR"],
    ["source", "VARCHAR"],
    ["rows", "BIGINT"],
    ["duplicates", "BIGINT"],
    ["requests", "BIGINT"],
  ],
};

/** Names of figures as a list of columns. */
export function figuresOf(record: RecordName, prefix = ""): string {
  return FIGURES[record].map(([name]) => `${prefix}"${name}"`).join(", ");
}

/** Column names as a list. */
export function listOf(columns: readonly string[], prefix = ""): string {
  return columns.map((column) => `${prefix}"${column}"`).join(", ");
}
