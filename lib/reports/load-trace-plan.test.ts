import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { toInstant } from "../time/instant.ts";
import { loadTracePlan, type TraceQuestion } from "./load-trace-plan.ts";

const sources = { priceBook: async () => loadBundledCatalogue(), now: () => toInstant("2026-11-21T12:00:00Z") };
const HEAD = "TIMESTAMP,ContextTokens,GeneratedTokens";

function plan(text: string, given: Partial<TraceQuestion> = {}) {
  const question = { name: "trace.csv", text, model: "gpt-4.1", scope: "Global", region: "eastus2", ...given };
  return loadTracePlan(LOCAL_ADMINISTRATOR, question, sources);
}

describe("loadTracePlan", () => {
  test.each<[string, string, Partial<TraceQuestion>, string]>([
    ["a table without the columns", "a,b\n1,2", {}, "trace.csv is no request trace"],
    ["no request", `${HEAD}\n`, {}, "trace.csv has no request."],
    [
      "a row that cannot be read",
      `${HEAD}\n2023-11-16 18:15:46.68,12,-3`,
      {},
      "trace.csv, line 2: the time or the tokens",
    ],
    ["a time that is none", `${HEAD}\nyesterday,12,3`, {}, "trace.csv, line 2: the time or the tokens"],
    [
      "a model without documented throughput",
      `${HEAD}\n`,
      { model: "gpt-9" },
      "No throughput per unit is documented for gpt-9.",
    ],
  ])("%s is refused with its reason", async (_name, text, given, reason) => {
    const answer = await plan(text, given);
    expect(answer.kind === "unanswered" && answer.reason).toContain(reason);
  });

  test("one request an hour pays by the token", async () => {
    const answer = await plan(
      `${HEAD}\r\n2023-11-16 18:00:00.0000000,1000,100\r\n2023-11-16 18:59:59.9999999,1000,100`,
    );
    if (answer.kind !== "answered") throw new Error(answer.reason);
    expect(answer.answer.sentence).toContain("It would take pay-as-you-go");
    expect(answer.notes[0]).toBe("2 requests over 1 hour, brought to a month of 730 hours.");
  });
});

const FILE = "../shared/data/azure-llm-inference-trace-2023-conv.csv";
test.skipIf(!existsSync(FILE))(
  `the sizes of the worked example on ${FILE} (skipped when the file is absent)`,
  async () => {
    const answer = await plan(readFileSync(FILE, "utf8"));
    if (answer.kind !== "answered") throw new Error(answer.reason);
    expect(answer.answer.load.map(({ name, value }) => [name, value])).toEqual([
      ["Mean", "666,922 equivalent tokens a minute: 225 PTU"],
      ["p95 minute", "905,213 equivalent tokens a minute: 305 PTU"],
      ["p99 minute", "998,809 equivalent tokens a minute: 335 PTU"],
    ]);
  },
);
