import { expect, test } from "vitest";
import { openLedgerDatabase } from "./ledger-database.ts";
import { openLedgerKeys, writeWithKeys } from "./ledger-keys.ts";

const line = { text: "{}", meter: "gpt-4o input" };

test("a key that was written in a transaction that failed is written again by the next", async () => {
  const database = await openLedgerDatabase({ path: ":memory:", memoryLimitMb: 128, threads: 1 });
  const keys = await openLedgerKeys(database);
  const failing = writeWithKeys(database, keys, async (connection) => {
    keys.lines.idOf(line);
    await keys.lines.flush(connection);
    throw new Error("the disk is full");
  });
  const next = writeWithKeys(database, keys, async (connection) => {
    const id = keys.lines.idOf(line);
    await keys.lines.flush(connection);
    return id;
  });
  await expect(failing).rejects.toThrow("the disk is full");
  const id = await next;
  expect(await database.rows("SELECT id, meter FROM price_line")).toEqual([[id, "gpt-4o input"]]);
  expect(keys.lines.idOf(line)).toBe(id);
  database.close();
});
