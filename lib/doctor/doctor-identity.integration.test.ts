import { expect, test } from "vitest";
import { connected, first } from "./doctor.testing.ts";

// A file of its own: the identity's library keeps its first endpoint and token for the whole process.
test("a host without an identity is told so", async () => {
  expect(first(await connected({ identityHeader: "wrong" }))).toMatch(
    /^D07 fail No token for api\.loganalytics\.io: no managed identity endpoint/,
  );
});
