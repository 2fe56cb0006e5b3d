import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { AGGREGATE_FUNCTIONS, SCALAR_FAMILIES, SCALAR_FUNCTIONS } from "./registry.ts";
import { SCRIPT_NAMES } from "./scripts/scripts.ts";

const specifications = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".test.ts"))
  .map((file) => readFileSync(`${import.meta.dirname}/${file}`, "utf8"))
  .join("\n");

describe("the function registry", () => {
  test("holds every name once", () => {
    const names = Object.values(SCALAR_FAMILIES).flatMap((rows) => rows.map(({ name }) => name));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test("has a test for every function under its name", () => {
    const rows = [...SCALAR_FUNCTIONS.values(), ...AGGREGATE_FUNCTIONS.values()];
    const untested = rows.filter(({ test: name }) => !new RegExp(`^ {2}${name}: \\[`, "m").test(specifications));
    expect(untested.map(({ name }) => name)).toEqual([]);
  });

  test("says something of every function, as a sentence", () => {
    const rows = [...SCALAR_FUNCTIONS.values(), ...AGGREGATE_FUNCTIONS.values()];
    expect(rows.filter(({ note }) => !/[.\])]$/.test(note)).map(({ name }) => name)).toEqual([]);
  });

  test("reaches every script but that of the parse-kv operator", () => {
    expect(SCRIPT_NAMES.filter((name) => !SCALAR_FUNCTIONS.has(name))).toEqual(["parse_kv"]);
  });
});
