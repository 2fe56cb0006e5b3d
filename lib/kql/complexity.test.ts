import { describe, expect, test } from "vitest";
import { bind } from "./bind.ts";
import { complexityFault } from "./complexity.ts";

const doubling = (times: number): string =>
  `let t0 = print x = 1; ${Array.from({ length: times }, (_, i) => `let t${i + 1} = union t${i}, t${i};`).join(" ")} t${times} | count`;

describe("complexityFault", () => {
  test.each([
    ["lets an ordinary query pass", "let t = print x = 1; t | join kind=inner t on x | where x in (1, 2)", null],
    ["lets a few doublings pass", doubling(8), null],
    ["refuses names that unfold without end", doubling(30), /let statements use one another/],
    ["refuses deep nesting", `print ${"(".repeat(5_000)}1${")".repeat(5_000)}`, /brackets deep/],
    ["refuses endless chains", `print ${"1+".repeat(30_000)}1`, /words and signs/],
    ["lets a case of 500 branches pass", `print case(${"x == 1, 2, ".repeat(500)}0)`, null],
    [
      "refuses a case of 501 branches",
      `print case(${"x == 1, 2, ".repeat(501)}0)`,
      /'case' takes at most 1001 arguments/,
    ],
    ["does not count what stands in a text", `print "${"(".repeat(5_000)}"`, null],
  ])("%s", (_name, text, fault) => {
    if (fault === null) expect(complexityFault(text)).toBeNull();
    else expect(complexityFault(text)).toMatch(fault);
  });

  test("a megabyte of text is refused at once", () => {
    const started = performance.now();
    expect(bind(`print "${"a".repeat(1_000_000)}"`, []).status).toBe("rejected");
    expect(performance.now() - started).toBeLessThan(500);
  });
});
