import { describe, expect, test } from "vitest";
import { complete, diagnose } from "./assist.ts";
import type { TableSchema } from "./tables/table-schema.ts";

const TABLES: readonly TableSchema[] = [
  {
    name: "Calls",
    columns: [
      { name: "Model", type: "string" },
      { name: "Tokens", type: "long" },
    ],
    shreds: [],
  },
];

describe("diagnose", () => {
  test.each([
    ["says nothing about a good query", "Calls | where Tokens > 1 | summarize sum(Tokens) by Model", []],
    ["says nothing about an empty text", "  \n", []],
    ["names an unknown column with its place", "Calls\n| where Tokns > 1", [["semantic", "KS142", 2, 9]]],
  ])("%s", (_name, text, expected) => {
    const found = diagnose(text, TABLES).map(({ kind, code, position }) => [
      kind,
      code,
      position.line,
      position.column,
    ]);
    expect(found).toEqual(expected);
  });

  test("finds a syntax error and survives every prefix of a query", () => {
    const text = "let x = 5; Calls | where Model has 'a' and Tokens > x | make-series count() on Tokens step 1";
    for (let length = 0; length < text.length; length += 3) diagnose(text.slice(0, length), TABLES);
    expect(diagnose("Calls | where", TABLES)[0]?.severity).toBe("error");
  });
});

describe("complete", () => {
  test("proposes columns of the table, operators after a pipe, and tables at the start", () => {
    const labels = (text: string): string[] => complete(text, text.length, TABLES).items.map(({ label }) => label);
    expect(labels("Calls | where ")).toEqual(expect.arrayContaining(["Model", "Tokens"]));
    expect(labels("Calls | ")).toEqual(expect.arrayContaining(["summarize", "where"]));
    expect(labels("")).toContain("Calls");
  });

  test("says which piece of text a proposal replaces", () => {
    expect(complete("Calls | where Tok", 17, TABLES)).toMatchObject({ from: 14, length: 3 });
  });
});
