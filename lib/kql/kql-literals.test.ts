import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestEngine, testEngine } from "../embedded/evaluate.testing.ts";
import { toInstant } from "../time/instant.ts";
import { dt, guid, kql, list, long, real, str } from "./kql.ts";

const HOSTILE = [
  '" | take 10 //',
  "\\",
  '\\"',
  "'",
  "\n",
  "```",
  'h"x"',
  '@"x"',
  "\u200f",
  "\u{1f600}",
  "\\".repeat(1024),
  "\u0085\u2028",
  "-- x",
  "{{a}}",
];

describe("a KQL literal reads back as the value that was encoded", () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  test.each(HOSTILE)("%j", async (value) => {
    expect(await engine.rows(kql`print x = ${str(value)}, y = strlen(${str("ok")})`)).toEqual([[value, 2]]);
  });

  test("any text", async () => {
    const text = fc
      .string({ unit: "binary", maxLength: 200 })
      .filter((value) => value.isWellFormed() && !value.includes("\0"));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 40 }), async (values) => {
        const parts = values.map((value) => kql`(print x = ${str(value)})`);
        const union = parts.slice(1).reduce((all, part) => kql`${all}, ${part}`, parts[0] ?? kql``);
        const rows = parts.length === 1 ? await engine.rows(kql`${union}`) : await engine.rows(kql`union ${union}`);
        expect(rows.map(([value]) => value).toSorted()).toEqual(values.toSorted());
      }),
      { numRuns: 25 },
    );
  });

  test("numbers, instants, guids and lists", async () => {
    const id = "9f0b5c1e-7d3e-4c57-8a53-0e5d1b7f6a21";
    expect(
      await engine.rows(
        kql`print a = ${long(-9_007_199_254_740_991)}, b = ${real(0.1)}, c = ${dt(toInstant("2026-11-20T01:02:03.004Z"))}, d = ${guid(id)}, e = ${long(2)} in (${list([long(1), long(2)])})`,
      ),
    ).toEqual([[-9_007_199_254_740_991, 0.1, "2026-11-20T01:02:03.004Z", id, true]]);
  });
});
