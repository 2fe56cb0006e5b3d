import fc from "fast-check";
import { expect, test } from "vitest";
import { toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { parseReceiptParam, toReceiptParam } from "./figure-ref.ts";

test("a figure survives its link", () => {
  const figure = {
    title: "Month to date & more",
    period: { start: toInstant("2026-11-01T00:00:00Z"), end: toInstant("2026-11-21T09:15:00Z") },
    zone: UTC,
    filter: { team: { include: ["search & find", "a=b"] }, model: { exclude: ["gpt-4o"] } },
  };
  expect(parseReceiptParam(toReceiptParam(figure))).toEqual(figure);
});

test("a measure and a live figure survive their links; one that is not known is no figure", () => {
  const place = {
    title: "Requests",
    period: { start: toInstant("2026-11-21T09:00:00Z"), end: toInstant("2026-11-21T09:15:00Z") },
    zone: UTC,
    filter: {},
  };
  for (const figure of [
    { ...place, measure: "latency" as const },
    { ...place, measure: "latency" as const, isLive: true as const },
  ]) {
    expect(parseReceiptParam(toReceiptParam(figure))).toEqual(figure);
  }
  const link = toReceiptParam({ ...place, measure: "filtered" });
  expect(parseReceiptParam(link.replace("filtered", "prompts"))).toBeUndefined();
  expect(parseReceiptParam(`${link}&live=1`)).toBeUndefined();
});

test("what is not a figure is none, and nothing throws", () => {
  expect(parseReceiptParam("start=2026-11-02T00:00:00.000Z&end=2026-11-01T00:00:00.000Z&in=UTC")).toBeUndefined();
  expect(parseReceiptParam("start=2026-11-01&end=2026-11-02&in=UTC")).toBeUndefined();
  fc.assert(fc.property(fc.string(), (text) => void parseReceiptParam(text)));
});
