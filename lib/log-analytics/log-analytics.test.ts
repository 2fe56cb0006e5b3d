import { expect, test } from "vitest";
import { LogAnalyticsError } from "./log-analytics.ts";

test("an error of the server's own copy of the class is one for the pages' copy too", async () => {
  const url = new URL("./log-analytics.ts?another-copy", import.meta.url).href;
  const other: typeof import("./log-analytics.ts") = await import(/* @vite-ignore */ url);
  expect(other.LogAnalyticsError).not.toBe(LogAnalyticsError);
  expect(new other.LogAnalyticsError("throttled", { query: "q", message: "m" })).toBeInstanceOf(LogAnalyticsError);
  expect(new Error("throttled")).not.toBeInstanceOf(LogAnalyticsError);
});
