import { describe, expect, test } from "vitest";
import { readModelName, readRegion } from "./model-name.ts";

describe("readModelName", () => {
  test.each([
    ["gpt-4o", "2024-11-20", "gpt-4o", "2024-11-20", "base"],
    ["GPT-4o", "", "gpt-4o", "", "base"],
    ["gpt-4o-2024-11-20", "", "gpt-4o", "2024-11-20", "base"],
    ["gpt-4.1", "unknown", "gpt-4.1", "", "base"],
    ["text-embedding-3-large", "1", "text-embedding-3-large", "1", "base"],
    ["gpt-4.1-2025-04-14.ft-0123abcd-support", "1", "gpt-4.1", "2025-04-14", "tuned"],
    ["o4-mini.ft-0123", "", "o4-mini", "", "tuned"],
    ["ft:gpt-4o-mini-2024-07-18:acme::abc", "", "gpt-4o-mini", "2024-07-18", "tuned"],
    ["gpt-3.5-turbo-0125", "", "gpt-35-turbo", "0125", "base"],
    ["gpt-35-turbo", "0125", "gpt-35-turbo", "0125", "base"],
    ["gpt-4", "0613", "gpt-4", "0613", "base"],
    ["gpt-4", "turbo-2024-04-09", "gpt-4-turbo", "", "base"],
    ["gpt-4", "1106-Preview", "gpt-4-turbo", "", "base"],
    ["gpt-4", "vision-preview", "gpt-4-turbo-vision", "", "base"],
  ])("%s, version %j", (name, version, model, expected, tuning) =>
    expect(readModelName(name, version)).toEqual({ model, version: expected, tuning }),
  );
});

test.each([
  ["East US 2", "eastus2"],
  ["swedencentral", "swedencentral"],
  ["Global", ""],
  ["unknown", ""],
  ["", ""],
])("the region %j", (text, region) => expect(readRegion(text)).toBe(region));
