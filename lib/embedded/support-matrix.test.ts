import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { supportMatrix } from "./support-matrix.ts";

test("docs/kql.md says what the registries say (write it with: node --conditions=react-server scripts/kql-docs.ts)", () => {
  expect(readFileSync("docs/kql.md", "utf8")).toBe(supportMatrix());
});
