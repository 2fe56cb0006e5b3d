import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { priceCommand, priceLine } from "./price.ts";
import { pricesCommand } from "./prices.ts";

const folder = mkdtempSync(join(tmpdir(), "prices-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command on a text of standard input; a data folder is refused, as none of these calls may open one. */
async function run(command: typeof pricesCommand, args: string[], input: string, chunk = 7) {
  const out: string[] = [];
  const err: string[] = [];
  const bytes = new TextEncoder().encode(input);
  const code = await command.run(args, {
    stdin: (async function* () {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
    })(),
    out: async (text) => void out.push(text),
    err: (text) => void err.push(text),
    isTerminal: false,
    cwd: folder,
    signal: new AbortController().signal,
    runtime: async () => {
      throw new Error("no data folder is needed");
    },
  });
  const text = out.join("");
  const lines = (): unknown[] =>
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  return { code, text, lines, err: err.join("") };
}

describe("npm run prices -- classify --jsonl", () => {
  test("answers every line in order, bad ones too, whatever the chunks", async () => {
    const input = [
      '{"id":"a","productName":"Azure OpenAI GPT5","meterName":"5.4 longco cd inp Gl 1M Tokens","unitOfMeasure":"1M"}',
      "not json",
      '{"id":"b"}',
      "",
      '{"id":"ä","productName":"Azure OpenAI","meterName":"Provisioned Managed Data Zone Unit","unitOfMeasure":"1/Hour"}\r',
      '{"id":4,"productName":"Azure OpenAI","meterName":"gpt 4.1 glbl Tokens","unitOfMeasure":"1K"}',
    ].join("\n");
    const nothing = {
      category: null,
      model: null,
      version: null,
      scope: null,
      mode: null,
      kind: null,
      modality: null,
      context: null,
    };
    const answer = await run(pricesCommand, ["classify", "--jsonl"], `\uFEFF${input}`);
    expect(answer.code).toBe(1);
    expect(answer.lines()).toEqual([
      {
        id: "a",
        status: "classified",
        category: "token",
        model: "gpt-5.4",
        version: null,
        scope: "Global",
        mode: "standard",
        kind: "cached_input",
        modality: "text",
        context: "long",
        reason: null,
      },
      { id: null, status: "ambiguous", ...nothing, reason: "line 2 is not JSON" },
      { id: "b", status: "ambiguous", ...nothing, reason: "meterName is missing" },
      {
        id: "ä",
        status: "classified",
        ...nothing,
        category: "ptu",
        scope: "DataZone",
        reason: "provisioned throughput unit",
      },
      { id: 4, status: "ambiguous", ...nothing, reason: "the name does not say input or output" },
    ]);
  });

  test.each([[["classify"]], [[]], [["nonsense"]], [["build-catalogue"]], [["sync", "--nonsense"]]])(
    "refuses the arguments %j",
    async (args) => {
      await expect(run(pricesCommand, args, "")).rejects.toMatchObject({ name: "UsageError" });
    },
  );
});

test("npm run prices -- build-catalogue writes the file and counts what it could not read", async () => {
  const row = {
    productName: "Azure OpenAI",
    regions: ["eastus2"],
    unitOfMeasure: "1K",
    effectiveStartDate: "2026-06-01T00:00:00Z",
  };
  const items = [
    { ...row, meterName: "gpt 4.1 Inp glbl Tokens", retailPrice: 0.002 },
    { ...row, meterName: "gpt 4.1 glbl Tokens", retailPrice: 0.002 },
    { ...row, meterName: "gpt 4.1 Outp glbl Tokens", retailPrice: -1 },
  ];
  writeFileSync(join(folder, "list.json"), JSON.stringify({ fetched_at: "2026-07-31T17:47:27", items }));
  const answer = await run(pricesCommand, ["build-catalogue", "--from", "list.json", "--out", "catalogue.json"], "");
  expect(answer.code).toBe(1);
  expect(answer.lines()).toEqual([{ rows: 2, meters: 1, ambiguous: 1, refused: 1 }]);
  expect(answer.err).toBe("row 3 refused: retailPrice: the price is negative\n");
});

describe("npm run prices -- plan and diff", () => {
  const inNoFolder = async (args: string[]) => {
    const before = process.env.DATA_DIR;
    process.env.DATA_DIR = join(folder, "none");
    try {
      return await run(pricesCommand, args, "");
    } finally {
      if (before === undefined) delete process.env.DATA_DIR;
      else process.env.DATA_DIR = before;
    }
  };

  test("diff prints one line per price that changed", async () => {
    const answer = await inNoFolder(["diff", "--from", "2026-08-31", "--to", "2026-09-01"]);
    expect(answer.code).toBe(0);
    expect(answer.lines()).toHaveLength(6);
    expect(answer.lines()[4]).toMatchObject({
      model: "gpt-5.6-sol",
      scope: "Global",
      tokenKind: "input",
      before: "5",
      after: "4",
      changePercent: -20,
    });
  });

  test("plan weighs sizes and terms against pay-as-you-go", async () => {
    // 60 requests a minute of 3,000 prompt tokens for three minutes: 180,000 equivalent tokens a minute are 60 PTU of gpt-4.1.
    const rows = Array.from({ length: 181 }, (_, second) => {
      const at = new Date(Date.UTC(2026, 10, 18, 10, 0, second)).toISOString().slice(0, 19).replace("T", " ");
      return `${at}.0000000,3000,0`;
    });
    writeFileSync(join(folder, "trace.csv"), ["TIMESTAMP,ContextTokens,GeneratedTokens", ...rows].join("\r\n"));
    const trace = ["plan", "--trace", "trace.csv", "--model", "gpt-4.1", "--region", "eastus2", "--date", "2026-11-18"];
    const answer = await inNoFolder(trace);
    expect(answer.code).toBe(0);
    expect(JSON.parse(answer.text)).toMatchObject({
      requests: 181,
      hours: 1,
      payAsYouGo: "1.086",
      equivalentTokensPerMinute: { mean: 180_000, p95: 180_000, p99: 180_000 },
      ptu: { mean: 60, p95: 60, p99: 60 },
      ptuHour: { hourly: "1" },
      bucketDepths: [
        { bucketSeconds: 10, noneRefused: 60, cheapest: { ptu: 0, term: "pay-as-you-go", cost: "1.086" } },
        { bucketSeconds: 60, noneRefused: 50 },
      ],
    });
  });

  test.each([
    [["plan"]],
    [["plan", "--trace", "t", "--model", "gpt-4.1", "--scope", "Mars"]],
    [["diff", "--from", "2026-09-01", "--to", "2026-09-01"]],
  ])("refuses the arguments %j", async (args) => {
    await expect(inNoFolder(args)).rejects.toMatchObject({ name: "UsageError" });
  });
});

describe("npm run price -- --jsonl", () => {
  const book = loadBundledCatalogue();
  const request = {
    id: "r",
    model: "gpt-4.1",
    scope: "Global",
    region: "eastus2",
    mode: "standard",
    date: "2026-09-15",
    usage: { prompt_tokens: 1000, completion_tokens: 10 },
  };

  test("a priced request has its cost, its lines and their meters", () =>
    expect(priceLine(request, book).line).toEqual({
      id: "r",
      status: "priced",
      cost: "0.00208",
      costUpper: "0.00208",
      currency: "USD",
      lines: [
        {
          kind: "input",
          quantity: 1000,
          unitPricePerMillion: "2",
          meterName: "gpt 4.1 Inp glbl Tokens",
          validFrom: "2025-04-01T00:00:00.000Z",
          layer: "bundled",
        },
        {
          kind: "output",
          quantity: 10,
          unitPricePerMillion: "8",
          meterName: "gpt 4.1 Outp glbl Tokens",
          validFrom: "2025-04-01T00:00:00.000Z",
          layer: "bundled",
        },
      ],
      reason: null,
    }));

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      "without a scope",
      { scope: undefined },
      {
        status: "range",
        cost: "0.00208",
        costUpper: "0.002288",
        reason: "scope is not told, and the candidate prices differ",
      },
    ],
    [
      "with the API's own nesting",
      { usage: { prompt_tokens: 1000, prompt_tokens_details: { cached_tokens: 500 } } },
      { status: "priced", cost: "0.00125" },
    ],
    ["with a scope in another case", { scope: "data zone" }, { status: "priced", cost: "0.002288" }],
    ["without a date", { date: undefined }, { status: "unpriced", cost: null, reason: "date is missing" }],
    [
      "with a date that is none",
      { date: "yesterday" },
      { status: "unpriced", reason: 'date "yesterday" is not a date such as 2026-09-15' },
    ],
    [
      "with a mode that is none",
      { mode: "turbo" },
      { status: "unpriced", reason: 'mode "turbo" is none of standard, batch, priority, flex' },
    ],
    ["without a model", { model: "" }, { status: "unpriced", reason: "model is missing" }],
    ["without usage", { usage: undefined }, { status: "unpriced", reason: "usage is missing" }],
    [
      "with a fraction of a token",
      { usage: { prompt_tokens: 1.5 } },
      { status: "unpriced", reason: "usage.prompt_tokens is not a whole number" },
    ],
    [
      "with negative tokens",
      { usage: { prompt_tokens: -1 } },
      { status: "unpriced", reason: "usage.prompt_tokens is negative" },
    ],
    [
      "with more cached than sent",
      { usage: { prompt_tokens: 1, cached_tokens: 2 } },
      { status: "unpriced", reason: "cached_tokens and cache_write_tokens are more than prompt_tokens" },
    ],
    [
      "of a model nobody knows",
      { model: "mystery" },
      {
        status: "unpriced",
        cost: null,
        currency: "USD",
        lines: [],
        reason: "input: the price book does not know the model",
      },
    ],
    [
      "before the first price",
      { date: "2020-01-01" },
      { status: "unpriced", reason: "input: the meter has no price on that day" },
    ],
  ])("a request %s", (_name, change, expected) =>
    expect(priceLine({ ...request, ...change }, book).line).toMatchObject({ id: "r", ...expected }),
  );

  test.each([[null], [1], ["text"], [[]]])("the line %j is answered, not thrown", (value) =>
    expect(priceLine(value, book)).toMatchObject({ isUnreadable: true, line: { id: null, status: "unpriced" } }),
  );

  test("refuses other arguments", async () => {
    await expect(run(priceCommand, ["--csv"], "")).rejects.toMatchObject({ name: "UsageError" });
  });
});
