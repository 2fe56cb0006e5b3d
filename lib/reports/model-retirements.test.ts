import { describe, expect, test } from "vitest";
import type { ReceiptLine } from "../ledger/ledger.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { pricingOf } from "../pricing/price-usage.ts";
import { resolveTokenPrice } from "../pricing/resolve-price.ts";
import { toInstant } from "../time/instant.ts";
import type { Mode, TokenKind } from "../usage/price-key.ts";
import { modelRetirements } from "./model-retirements.ts";

const book = loadBundledCatalogue();
const now = toInstant("2026-11-21T12:00:00Z");

function line(
  model: string,
  version: string,
  tokenKind: TokenKind,
  quantity: bigint,
  given: { readonly mode?: Mode; readonly scope?: "Global" | "DataZone" } = {},
): ReceiptLine {
  const { mode = "standard", scope = "Global" } = given;
  const place = { scope, region: "swedencentral", mode, contextBand: "short", modality: "text" } as const;
  const answer = resolveTokenPrice({ ...place, model, version, tokenKind }, now, book);
  const pricing = pricingOf(quantity, answer);
  if (answer.kind !== "one" || pricing.pricing !== "priced") throw new Error(`${model} has one price.`);
  const { listCost, contractedCost } = pricing;
  return {
    line: answer.line,
    unit: "token",
    tokenKind,
    model,
    version,
    scope,
    region: "swedencentral",
    quantity,
    pricing: "priced",
    note: "",
    charges: 1n,
    listCost,
    contractedCost,
    contractedCostLower: contractedCost,
    contractedCostUpper: contractedCost,
  };
}

function cellsOf(lines: readonly ReceiptLine[], instead = "") {
  return modelRetirements(lines, book, now, instead).rows.map(({ cells }) =>
    ["model", "retires", "successor", "cost", "instead", "difference"].map((name) => cells[name]?.text),
  );
}

describe("modelRetirements", () => {
  test("the successor's cost at the same traffic, soonest first", () =>
    // gpt-4o-mini: 100 M in at 0.15 and 10 M out at 0.6 are 21; gpt-4.1-mini at 0.4 and 1.6 makes 56 of it.
    // gpt-4o: 10 M in at 2.5 are 25; gpt-4.1 at 2 makes 20 of it.
    expect(
      cellsOf([
        line("gpt-4o-mini", "2024-07-18", "input", 100_000_000n),
        line("gpt-4o-mini", "2024-07-18", "output", 10_000_000n),
        line("gpt-4o", "2024-11-20", "input", 10_000_000n),
      ]),
    ).toEqual([
      ["gpt-4o", "1 Oct 2026", "gpt-4.1", "$25.00", "$20.00", "-$5.00"],
      ["gpt-4o-mini", "1 Oct 2027", "gpt-4.1-mini", "$21.00", "$56.00", "+$35.00"],
    ]));

  test("a retirement that is over is marked as firing, one within ninety days is to be watched", () => {
    const states = modelRetirements(
      [
        line("gpt-4o", "2024-11-20", "input", 1n),
        line("gpt-5", "2025-08-07", "input", 1n),
        line("gpt-5.4", "2026-03-05", "input", 1n),
      ],
      book,
      now,
      "",
    ).rows.map(({ cells }) => [cells.model?.text, cells.retires?.state, cells.retires?.note]);
    expect(states).toEqual([
      ["gpt-4o", "firing", "over: see what Azure serves now"],
      ["gpt-5", "watch", "in 77 days"],
      ["gpt-5.4", "ok", "in 104 days"],
    ]);
  });

  test("where Azure names no successor nothing is compared, until a person chooses one", () => {
    const used = [line("o3", "2025-04-16", "output", 1_000_000n)];
    expect(cellsOf(used)).toEqual([["o3", "16 Oct 2026", "not named", "$8.00", "–", "–"]]);
    expect(cellsOf(used, "gpt-5.1")).toEqual([["o3", "16 Oct 2026", "gpt-5.1", "$8.00", "$10.00", "+$2.00"]]);
  });

  test("a mode that the successor does not have is unknown, never zero", () => {
    const used = [line("o3", "2025-04-16", "input", 1_000_000n, { mode: "batch" })];
    expect(cellsOf(used, "gpt-5.6-sol")).toEqual([["o3", "16 Oct 2026", "gpt-5.6-sol", "$1.00", "unknown", "–"]]);
  });

  test("models without a known date are named, not left out in silence", () => {
    const { rows, note } = modelRetirements([line("gpt-5.6-sol", "2026-06-30", "input", 1n)], book, now, "");
    expect(rows).toEqual([]);
    expect(note).toContain("No date is known there for gpt-5.6-sol.");
    expect(note).toContain("read 21 Apr 2026");
  });
});
