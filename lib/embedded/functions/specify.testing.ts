import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestEngine, testEngine } from "../evaluate.testing.ts";

/** What one function gives: KQL expressions with their values as JSON cells. */
export type Specification = readonly (readonly [expression: string, value: unknown])[];

/** One group of tests per function; numbers may differ in their last digits. */
export function specify(functions: Readonly<Record<string, Specification>>): void {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  for (const [name, cases] of Object.entries(functions)) {
    describe(name, () => {
      test.each(cases)("%s", async (expression, value) => expectSame(await engine.value(expression), value));
    });
  }
}

/** One group of tests per aggregation function: whole queries with the cells of their one row. */
export function specifyQueries(
  functions: Readonly<Record<string, readonly (readonly [query: string, row: unknown[]])[]>>,
): void {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  for (const [name, cases] of Object.entries(functions)) {
    describe(name, () => {
      test.each(cases)("%s", async (query, row) => {
        const [found = []] = await engine.rows(query);
        for (const [index, value] of row.entries()) expectSame(found[index], value);
        expect(found).toHaveLength(row.length);
      });
    });
  }
}

function expectSame(found: unknown, value: unknown): void {
  if (typeof value === "number" && !Number.isInteger(value)) expect(found).toBeCloseTo(value, 12);
  else expect(found).toEqual(value);
}
