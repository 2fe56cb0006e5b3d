import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkImports } from "./import-table.ts";

describe("the import table", () => {
  test.each([
    ["a leaf that imports a stage", "lib/money/a.ts", `import { x } from "../usage/b.ts";`, 1],
    ["a domain room that imports an I/O room", "lib/usage/a.ts", `import { x } from "../log-analytics/b.ts";`, 1],
    ["the ledger importing a value of pricing", "lib/ledger/a.ts", `import { x } from "../pricing/b.ts";`, 1],
    ["the ledger importing a type of pricing", "lib/ledger/a.ts", `import type { X } from "../pricing/b.ts";`, 0],
    [
      "the ledger importing named types only",
      "lib/ledger/a.ts",
      `import { type X, type Y } from "../pricing/b.ts";`,
      0,
    ],
    ["a report that reaches into embedded", "lib/reports/a.ts", `import { x } from "../embedded/b.ts";`, 1],
    ["a dynamic import of embedded", "lib/reports/a.ts", `const x = await import("../embedded/b.ts");`, 1],
    ["reports and commands side by side", "lib/reports/a.ts", `import { x } from "../commands/b.ts";`, 1],
    ["a component that imports a value of reports", "components/a.tsx", `import { x } from "#lib/reports/b.ts";`, 1],
    [
      "a component that imports a type of reports",
      "components/a.tsx",
      `import type { X } from "#lib/reports/b.ts";`,
      0,
    ],
    ["a page over its loader", "app/page.tsx", `import { x } from "#lib/reports/b.ts";`, 0],
    ["a page that reaches into the ledger", "app/page.tsx", `import { x } from "#lib/ledger/b.ts";`, 1],
    ["a browser test that imports the product", "e2e/a.ts", `import { x } from "../lib/money/money.ts";`, 1],
    ["a room without a row", "lib/helpers/a.ts", "export const a = 1;", 1],
  ])("%s", (_name, file, source, faults) => {
    const root = mkdtempSync(join(tmpdir(), "import-table-"));
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), `${source}\n`);
    expect(checkImports(root)).toHaveLength(faults);
  });
});
