import { describe, expect, test } from "vitest";
import { type Money, parseMoney } from "../money/money.ts";
import { unitPrice } from "../money/unit-price.ts";
import { toInstant } from "../time/instant.ts";
import { loadBundledCatalogue } from "./catalogue.ts";
import type { NegotiatedPrice } from "./negotiated-price.ts";
import { type ChargedUsage, previewAgreements } from "./preview-agreement.ts";

const book = loadBundledCatalogue();
const row = book.rows.find(
  (one) =>
    one.measure === "token" && one.model === "gpt-4o" && one.version === "2024-11-20" && one.tokenKind === "output",
);
const meterName = row?.meterName ?? "";

function used(change: Partial<ChargedUsage> = {}): ChargedUsage {
  return {
    team: "search",
    at: toInstant("2026-11-10T00:00:00Z"),
    meterName,
    scope: row?.scope ?? "",
    region: "eastus2",
    tokenKind: "output",
    units: 1_000_000n,
    listCost: parseMoney("10"),
    contractedCost: parseMoney("10"),
    ...change,
  };
}

function agreement(change: Partial<NegotiatedPrice> = {}): NegotiatedPrice {
  return {
    id: "a",
    about: {},
    terms: { kind: "discount", percent: "8.63" },
    validFrom: toInstant("2026-11-01T00:00:00Z"),
    validTo: null,
    source: "EA 4711",
    ...change,
  };
}

describe("preview of agreements", () => {
  test("a discount is taken from the list cost, exactly, per team", () => {
    const preview = previewAgreements(
      [used(), used({ team: "support", listCost: parseMoney("2.5"), contractedCost: parseMoney("2.5") })],
      book,
      [agreement()],
    );
    expect(preview.teams).toEqual([
      { team: "search", before: parseMoney("10"), after: parseMoney("9.137") },
      { team: "support", before: parseMoney("2.5"), after: parseMoney("2.28425") },
    ]);
    expect([preview.before, preview.after]).toEqual([parseMoney("12.5"), parseMoney("11.42125")]);
    expect(preview.meters).toEqual([meterName]);
  });

  test("a price replaces the list price of what it is about, and of nothing else", () => {
    const price = agreement({
      about: { model: "gpt-4o", tokenKind: "output" },
      terms: { kind: "price", price: unitPrice("7.5", 1_000_000n) },
    });
    const other = used({ meterName: "a meter that the book does not have" });
    const preview = previewAgreements([used({ units: 2_000_000n, listCost: parseMoney("20") }), other], book, [price]);
    expect(preview.after).toBe((parseMoney("15") + parseMoney("10")) as Money);
  });

  test("days before the agreement stand as they were charged", () => {
    const preview = previewAgreements([used({ at: toInstant("2026-10-31T00:00:00Z") })], book, [agreement()]);
    expect(preview.after).toBe(preview.before);
    expect(preview.meters).toEqual([]);
  });

  test("retiring an agreement gives the list cost back", () => {
    const standing = { ...book, negotiated: [agreement()] };
    const preview = previewAgreements([used({ contractedCost: parseMoney("9.137") })], standing, []);
    expect([preview.before, preview.after]).toEqual([parseMoney("9.137"), parseMoney("10")]);
  });

  test("capacity is counted by the minute and priced by the hour", () => {
    const ptu = book.rows.find((one) => one.measure === "ptu_hour" && one.scope === "Global");
    const capacity = used({
      meterName: ptu?.meterName ?? "",
      scope: "Global",
      tokenKind: "",
      units: 15n * 60n,
      listCost: parseMoney("15"),
      contractedCost: parseMoney("15"),
    });
    const price = agreement({
      about: { meterName: ptu?.meterName ?? "" },
      terms: { kind: "price", price: unitPrice("0.8", 1n) },
    });
    expect(previewAgreements([capacity], book, [price]).after).toBe(parseMoney("12"));
  });

  test("what the same agreement covers before and after does not move", () => {
    const standing = { ...book, negotiated: [agreement()] };
    const odd = used({ contractedCost: parseMoney("9.136999999999") });
    expect(previewAgreements([odd], standing, [agreement()]).after).toBe(parseMoney("9.136999999999"));
  });
});
