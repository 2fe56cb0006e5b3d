import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { withStagingInstance } from "./staging-instance.ts";

const folder = mkdtempSync(join(tmpdir(), "staging-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("an instance that ends takes nothing away from another one beside it, and both leave nothing behind", async () => {
  const path = join(folder, "month.parquet");
  await withStagingInstance(path, async (longer) => {
    const reader = await longer.runAndReadAll("SELECT current_setting('temp_directory')");
    const temporary = String(reader.getRows()[0]?.[0]);
    await withStagingInstance(path, (shorter) => shorter.run("SELECT 1"));
    expect(existsSync(temporary)).toBe(true);
  });
  expect(readdirSync(folder)).toEqual([]);
});
