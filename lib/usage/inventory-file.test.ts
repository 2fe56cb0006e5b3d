import { describe, expect, test } from "vitest";
import { toInstant } from "../time/instant.ts";
import { draftInventory } from "./draft-inventory.ts";
import { InventoryFileError, inventoryText, parseInventory } from "./inventory-file.ts";
import { ALPHA, inventoryRow } from "./usage.testing.ts";

describe("the inventory file", () => {
  test("reads back what it wrote", () => {
    const rows = [
      inventoryRow(),
      inventoryRow({
        deployment: "core" as never,
        sku: "GlobalProvisionedManaged",
        ptu: 50,
        to: toInstant("2026-06-01T00:00:00Z"),
      }),
    ];
    expect(parseInventory(inventoryText(rows, "two\nlines"), "file")).toEqual(rows);
  });

  test.each([
    ["text that is not YAML", "deployments: [", /is not YAML/],
    [
      "a field that it does not know",
      `deployments:\n  - { account: ${ALPHA}, deployment: a, sku: Standard, from: 2026-01-01T00:00:00Z, price: 1 }`,
      /file: deployments.0/,
    ],
    [
      "a SKU that does not exist",
      `deployments:\n  - { account: ${ALPHA}, deployment: a, sku: Cheap, from: "2026-01-01T00:00:00Z" }`,
      /deployments.0.sku/,
    ],
    [
      "an account that is no ARM id",
      `deployments:\n  - { account: alpha, deployment: a, sku: Standard, from: "2026-01-01T00:00:00Z" }`,
      /deployments.0.account/,
    ],
    [
      "an end before the beginning",
      `deployments:\n  - { account: ${ALPHA}, deployment: a, sku: Standard, from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }`,
      /ends before it begins/,
    ],
  ])("refuses %s and says where", (_name, text, message) => {
    expect(() => parseInventory(text, "file")).toThrow(InventoryFileError);
    expect(() => parseInventory(text, "file")).toThrow(message);
  });
});

describe("a draft from the logs", () => {
  const now = toInstant("2026-11-20T00:00:00Z");
  const seen = (model: string, from: string, to: string) => ({
    account: ALPHA,
    deployment: "agent",
    model,
    version: "1",
    region: "eastus2",
    firstCall: toInstant(from),
    lastCall: toInstant(to),
    calls: 3n,
  });

  test("dates a change of model and leaves the newest row open", () => {
    const rows = draftInventory(
      [
        seen("gpt-5.1", "2026-11-10T08:30:20Z", "2026-11-19T10:00:00Z"),
        seen("gpt-4.1", "2026-11-01T07:00:40Z", "2026-11-10T08:00:00Z"),
      ],
      [],
      now,
    );
    expect(rows.map(({ model, sku, from, to }) => [model, sku, from, to])).toEqual([
      ["gpt-4.1", "unknown", toInstant("2026-11-01T07:00:00Z"), toInstant("2026-11-10T08:30:00Z")],
      ["gpt-5.1", "unknown", toInstant("2026-11-10T08:30:00Z"), null],
    ]);
  });

  test("keeps what a person wrote and adds nothing for that deployment", () => {
    const known = [inventoryRow({ deployment: "agent" as never })];
    expect(draftInventory([seen("gpt-4.1", "2026-11-01T07:00:00Z", "2026-11-10T08:00:00Z")], known, now)).toEqual(
      known,
    );
  });

  test("ends a deployment that nobody called for a month", () => {
    const [row] = draftInventory([seen("gpt-4.1", "2026-09-01T07:00:00Z", "2026-09-10T08:00:10Z")], [], now);
    expect(row?.to).toBe(toInstant("2026-09-10T08:01:00Z"));
  });
});
