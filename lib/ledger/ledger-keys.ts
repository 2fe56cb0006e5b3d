import type { DuckDBConnection } from "@duckdb/node-api";
import { CHARGE_KEY_COLUMNS, FOLLOWING_CHARGE_COLUMNS } from "./charge-rows.ts";
import { type KeyRegistry, openKeyRegistry } from "./key-registry.ts";
import type { LedgerDatabase } from "./ledger-database.ts";

/** The columns of `request_key` after its id, in the order of the table. */
export const REQUEST_KEY_COLUMNS = [
  "dayKey",
  "account",
  "accountName",
  "deploymentName",
  "deployment",
  "model",
  "operation",
  "apiVersion",
  "streamType",
  "spillover",
  "status",
  "cause",
  "team",
  "application",
  "identityId",
  "isInference",
] as const;

/** Columns that tell no keys apart, because they follow from the others. */
export const FOLLOWING_REQUEST_COLUMNS = ["dayKey", "accountName", "deployment"] as const;

/** The numbers of the keys that charges and requests refer to; everyone who writes shares them. */
export type LedgerKeys = {
  readonly charges: KeyRegistry<typeof CHARGE_KEY_COLUMNS>;
  readonly requests: KeyRegistry<typeof REQUEST_KEY_COLUMNS>;
  readonly lines: KeyRegistry<readonly ["text", "meter"]>;
};

/** Loads the keys of a ledger. */
export async function openLedgerKeys(database: LedgerDatabase): Promise<LedgerKeys> {
  return {
    charges: await openKeyRegistry(database, "charge_key", CHARGE_KEY_COLUMNS, FOLLOWING_CHARGE_COLUMNS),
    requests: await openKeyRegistry(database, "request_key", REQUEST_KEY_COLUMNS, FOLLOWING_REQUEST_COLUMNS),
    lines: await openKeyRegistry(database, "price_line", ["text", "meter"] as const, ["meter"]),
  };
}

/** A write in which keys are given numbers; when it fails, the numbers are forgotten with it. */
export function writeWithKeys<T>(
  database: LedgerDatabase,
  keys: LedgerKeys,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  return database.write(work, (isCommitted) => {
    for (const registry of Object.values(keys)) registry.end(isCommitted);
  });
}
