import { describe, expect, it } from "vitest";
import { type Rows, rememberRows } from "./remember-rows.ts";

/** Reads that end when the test says so; each answer names its number. */
function slowReads() {
  const asked: { readonly sql: string; readonly end: (rows?: Rows) => void; readonly fail: (error: Error) => void }[] =
    [];
  const read = (sql: string) =>
    new Promise<Rows>((resolve, reject) => {
      const number = asked.length;
      asked.push({ sql, end: (rows = [[number]]) => resolve(rows), fail: reject });
    });
  return { asked, read };
}

describe("reads that remember", () => {
  it("asks once for the same question, also while it is under way", async () => {
    const { asked, read } = slowReads();
    const { rows } = rememberRows(read);
    const both = Promise.all([rows("a", [1n]), rows("a", [1n])]);
    asked[0]?.end();
    expect(await both).toEqual([[[0]], [[0]]]);
    expect(await rows("a", [1n])).toEqual([[0]]);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ["another text", "b", [1n]],
    ["another value", "a", [2n]],
    ["a value of another type", "a", [1]],
    ["a text that looks like the value", "a", ["1"]],
    ["one value more", "a", [1n, 1n]],
  ])("asks again for %s", async (_what, sql, values) => {
    const { asked, read } = slowReads();
    const { rows } = rememberRows(read);
    void rows("a", [1n]);
    void rows(sql, values);
    expect(asked).toHaveLength(2);
  });

  it("forgets after a write", async () => {
    const { asked, read } = slowReads();
    const { rows, forget } = rememberRows(read);
    const first = rows("a");
    asked[0]?.end();
    await first;
    forget();
    const second = rows("a");
    asked[1]?.end();
    expect(await second).toEqual([[1]]);
  });

  it("does not hand on what was read before a write ended", async () => {
    const { asked, read } = slowReads();
    const { rows, forget } = rememberRows(read);
    const before = rows("a");
    forget();
    const after = rows("a");
    asked[1]?.end();
    asked[0]?.end();
    expect(await before).toEqual([[0]]);
    expect(await after).toEqual([[1]]);
    expect(await rows("a")).toEqual([[1]]);
    expect(asked).toHaveLength(2);
  });

  it("asks again after a failure", async () => {
    const { asked, read } = slowReads();
    const { rows } = rememberRows(read);
    const failing = rows("a");
    asked[0]?.fail(new Error("interrupted"));
    await expect(failing).rejects.toThrow("interrupted");
    void rows("a");
    expect(asked).toHaveLength(2);
  });

  it("drops the answer asked for longest ago above its limit", async () => {
    const { asked, read } = slowReads();
    const { rows } = rememberRows(read, 6);
    for (const [index, sql] of ["a", "b"].entries()) {
      const answer = rows(sql);
      asked[index]?.end([[1, 2]]);
      await answer;
    }
    await rows("a");
    const third = rows("c");
    asked[2]?.end([[1, 2]]);
    await third;
    await rows("a");
    expect(asked).toHaveLength(3);
    void rows("b");
    expect(asked).toHaveLength(4);
  });
});
