import { describe, expect, test } from "vitest";
import { period, toInstant, toIso } from "../time/instant.ts";
import { loadBundledCatalogue } from "./catalogue.ts";
import type { PriceBook } from "./price-book.ts";
import { keyRepricings, type StandingKey } from "./reprice.ts";
import { resolveHourPrice, resolveTokenPrice } from "./resolve-price.ts";

const LIST = loadBundledCatalogue();
const DISCOUNTED: PriceBook = {
  ...LIST,
  version: "v2",
  negotiated: [
    {
      id: "a",
      about: {},
      terms: { kind: "discount", percent: "10" },
      validFrom: toInstant("2026-10-01"),
      validTo: toInstant("2026-11-01"),
      source: "entered",
    },
  ],
};

const KEY = {
  model: "gpt-4.1",
  version: "2025-04-14",
  scope: "Global",
  region: "eastus2",
  mode: "standard",
  contextBand: "any",
  tokenKind: "input",
  modality: "text",
} as const;

function standing(given: Partial<StandingKey> = {}): StandingKey {
  const answer = resolveTokenPrice(KEY, toInstant("2026-09-15"), LIST);
  if (answer.kind !== "one") throw new Error("gpt-4.1 has one price.");
  return {
    id: 1,
    part: "usage",
    key: KEY,
    source: "usage_log",
    terms: { pricing: "priced", line: answer.line },
    meter: "gpt 4.1 Inp glbl Tokens",
    within: period(toInstant("2026-09-01"), toInstant("2026-12-01")),
    ...given,
  };
}

function capacity(part: string): StandingKey {
  const answer = resolveHourPrice({ ...KEY, measure: "ptu_hour" }, toInstant("2026-09-15"), LIST);
  if (answer.kind !== "one") throw new Error("A Global unit has one price.");
  const { line } = answer;
  return standing({ part, source: "inventory", meter: line.meterName, terms: { pricing: "priced", line } });
}

function changesOf(key: StandingKey, book: PriceBook, closed: Parameters<typeof keyRepricings>[2] = []): string[] {
  return keyRepricings([key], book, closed).map(({ within, terms, per }) => {
    const layer = terms.pricing === "priced" ? terms.line.layer : terms.pricing;
    return `${toIso(within.start).slice(0, 10)} to ${toIso(within.end).slice(0, 10)} ${layer} per ${per}`;
  });
}

const OCTOBER = period(toInstant("2026-10-01"), toInstant("2026-11-01"));

describe("keyRepricings", () => {
  test.each<[string, StandingKey, PriceBook, Parameters<typeof keyRepricings>[2], string[]]>([
    ["nothing under the book that priced it", standing(), LIST, [], []],
    ["only the days of an agreement", standing(), DISCOUNTED, [], ["2026-10-01 to 2026-11-01 negotiated per 1"]],
    ["nothing in a closed month", standing(), DISCOUNTED, [OCTOBER], []],
    [
      "what lies beside a closed stretch",
      standing(),
      DISCOUNTED,
      [period(toInstant("2026-10-05"), toInstant("2026-10-20"))],
      ["2026-10-01 to 2026-10-05 negotiated per 1", "2026-10-20 to 2026-11-01 negotiated per 1"],
    ],
    ["capacity, by the minute", capacity("idle"), DISCOUNTED, [], ["2026-10-01 to 2026-11-01 negotiated per 60"]],
    ["not the unused part of a reservation", capacity("unused"), DISCOUNTED, [], []],
    ["not tokens of provisioned capacity", standing({ terms: { pricing: "included" } }), DISCOUNTED, [], []],
    [
      "a model that the book does not know loses its price everywhere",
      standing({ key: { ...KEY, model: "gpt-x" } }),
      LIST,
      [],
      ["2026-09-01 to 2026-12-01 unpriced per 1"],
    ],
    [
      "a prompt from the metric is a range whatever it stood by",
      standing({ source: "metric" }),
      LIST,
      [],
      ["2026-09-01 to 2026-12-01 range per 1"],
    ],
  ])("%s", (_name, key, book, closed, expected) => expect(changesOf(key, book, closed)).toEqual(expected));

  test("a price step inside the stretch is two changes, each with its own line", () => {
    const key = { ...KEY, model: "gpt-5.6-sol", version: "", tokenKind: "output" } as const;
    const sol = standing({ key, terms: { pricing: "unpriced", reason: "unknown-model" }, meter: "" });
    const within = period(toInstant("2026-08-01"), toInstant("2026-10-01"));
    const found = keyRepricings([{ ...sol, within }], LIST).map(({ within: at, terms }) => [
      toIso(at.start).slice(0, 10),
      terms.pricing === "range" ? terms.unknownPart : terms.pricing,
    ]);
    expect(found).toEqual([
      ["2026-08-01", "contextBand"],
      ["2026-09-01", "contextBand"],
    ]);
  });
});
