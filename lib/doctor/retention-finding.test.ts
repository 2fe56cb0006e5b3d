import { expect, test } from "vitest";
import { addMs, HOUR_MS, toInstant } from "../time/instant.ts";
import { retentionFinding } from "./retention-finding.ts";

const NOW = toInstant("2026-11-21T12:00:00Z");
const ago = (days: number) => addMs(NOW, -days * 24 * HOUR_MS);

test.each([
  ["raw rows of a whole year", 366, undefined, "ok"],
  ["a day less, and no summary", 365, undefined, "warn"],
  ["thirty days and a summary of a year", 30, { from: ago(366), to: ago(2) }, "ok"],
  ["a summary that is younger, and still runs", 30, { from: ago(100), to: ago(2) }, "ok"],
  ["a summary that is younger, and has stopped", 30, { from: ago(100), to: ago(3) }, "warn"],
] as const)("%s", (_name, rawDays, summary, status) => {
  const finding = retentionFinding({ now: NOW, oldestRaw: ago(rawDays), summary, neededDays: 366 });
  expect(finding.status).toBe(status);
  expect(finding.seen).toContain(`The oldest raw row is ${rawDays} d old`);
  if (status === "warn") expect(finding.command).toContain("npm run summary-rule");
});
