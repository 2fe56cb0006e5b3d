import { afterEach, describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import type { Receipt, ReceiptLine } from "../ledger/ledger.ts";
import { parseMoney } from "../money/money.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { resolveTokenPrice } from "../pricing/resolve-price.ts";
import { toInstant } from "../time/instant.ts";
import { parsePricesParams } from "../url/prices-params.ts";
import { DEFAULT_PARAMS, type ReportParams } from "../url/report-params.ts";
import type { TokenKind } from "../usage/price-key.ts";
import { loadPrices } from "./load-prices.ts";
import { inMemoryLedger } from "./testing/in-memory-ledger.ts";
import { reportSources } from "./testing/report-sources.ts";

const now = toInstant("2026-11-21T12:00:00Z");
const bundled = loadBundledCatalogue();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function solLine(tokenKind: TokenKind, quantity: bigint, cost: string): ReceiptLine {
  const key = {
    model: "gpt-5.6-sol",
    version: "2026-06-30",
    scope: "Global",
    region: "eastus2",
    mode: "standard",
    contextBand: "short",
    tokenKind,
    modality: "text",
  } as const;
  const answer = resolveTokenPrice(key, now, bundled);
  if (answer.kind !== "one") throw new Error("The catalogue has gpt-5.6-sol.");
  return {
    ...key,
    line: answer.line,
    unit: "token",
    quantity,
    pricing: "priced",
    note: "",
    charges: 1n,
    listCost: parseMoney(cost),
    contractedCost: parseMoney(cost),
    contractedCostLower: parseMoney(cost),
    contractedCostUpper: parseMoney(cost),
  };
}

const MODEL_4O = {
  model: "gpt-4o",
  scope: "Regional",
  mode: "standard",
  contextBand: "any",
  tokenKind: "input",
  modality: "text",
} as const;

const unpriced: ReceiptLine = {
  ...solLine("output", 500n, "0"),
  model: "gpt-9",
  version: "",
  line: null,
  pricing: "unpriced",
  note: "unknown-model",
};

async function prices(
  lines: readonly ReceiptLine[],
  search: Record<string, string> = {},
  params: Partial<ReportParams> = {},
  book: PriceBook = bundled,
) {
  const ledger = inMemoryLedger({ now, charges: [] });
  const receipt: typeof ledger.receipt = async (query): Promise<Receipt> => ({
    ...(await ledger.receipt(query)),
    lines,
  });
  const sources = await reportSources({ ...ledger, receipt }, now);
  closers.push(sources.close);
  return loadPrices(LOCAL_ADMINISTRATOR, { ...DEFAULT_PARAMS, ...params }, parsePricesParams(search), {
    ...sources,
    priceBook: async () => book,
  });
}

describe("prices", () => {
  test("a model without a price is unknown, with its reason, and never zero", async () => {
    const { models, modelsNote } = await prices([solLine("output", 1_000_000n, "20"), unpriced]);
    expect(
      models.map(({ cells }) => [cells.model?.text, cells.cost?.text, cells.priced?.text, cells.why?.text]),
    ).toEqual([
      ["gpt-5.6-sol", "$20.00", "priced", ""],
      ["gpt-9", "unknown", "no price", "the price book has no such model"],
    ]);
    expect(modelsNote).toContain("gpt-9");
  });

  test("the price now is a range where the context band decides", async () => {
    const { models } = await prices([solLine("output", 1_000_000n, "20")]);
    expect(models[0]?.cells.output?.text).toBe("$20.00–45.00");
    expect(models[0]?.cells.input?.text).toBe("$4.00–10.00");
  });

  test("a change says its per cent, its day and what it means a month at the volume of the last 30 days", async () => {
    // 30 to 20 dollars per million: 34 M output tokens a month cost 340 less.
    const { difference } = await prices([solLine("output", 34_000_000n, "680")], {
      since: "2026-08-31",
      until: "2026-09-02",
    });
    expect(difference.sentences).toMatchObject([
      {
        text: "gpt-5.6-sol short context output Global -33.3\u00a0% from 1 Sep 2026",
        monthlyText: "-$340.00",
        direction: "cheaper",
      },
    ]);
    expect(difference.total?.amount.exact).toBe(parseMoney("-340").toString());
    expect(difference.changes).toBe(6);
  });

  test("versions and places that change alike are told apart, as the page needs them to be", async () => {
    const regional = (version: string, region: string): ReceiptLine => {
      const key = { ...MODEL_4O, version, region };
      const answer = resolveTokenPrice(key, now, bundled);
      if (answer.kind !== "one") throw new Error(`gpt-4o ${version} has a price in ${region}.`);
      const { tokenKind, scope } = key;
      return {
        ...solLine("output", 1_000_000n, "1"),
        model: key.model,
        version,
        region,
        tokenKind,
        scope,
        line: answer.line,
      };
    };
    const lines = ["2024-08-06", "2024-11-20"].flatMap((version) =>
      ["eastus", "swedencentral"].map((region) => regional(version, region)),
    );
    const book: PriceBook = {
      ...bundled,
      version: "less",
      negotiated: [
        {
          id: "a",
          about: {},
          terms: { kind: "discount", percent: "8.63" },
          validFrom: toInstant("2026-11-01"),
          validTo: null,
          source: "EA 4711",
        },
      ],
    };
    const { difference } = await prices(lines, { since: "2026-10-01", until: "2026-11-02" }, {}, book);
    const texts = difference.sentences.map(({ text }) => text);
    // 2024-08-06 costs the same in both places, so it is one change.
    expect(texts).toHaveLength(3);
    expect(new Set(texts).size).toBe(3);
    expect(new Set(difference.sentences.map(({ id }) => id)).size).toBe(3);
    expect(texts.join("; ")).toContain("gpt-4o 2024-11-20 input Regional in swedencentral -8.6\u00a0%");
  });

  test("no usage, no effect: the change is listed and its effect does not apply", async () => {
    const { difference } = await prices([], { since: "2026-08-31", until: "2026-09-02" });
    expect(difference.sentences).toEqual([]);
    expect(difference.total).toBeNull();
    expect(difference.rows[0]?.cells).toMatchObject({ volume: { text: "not used" }, monthly: { text: "–" } });
  });

  test("the history steps where the price changed", async () => {
    const { history } = await prices([solLine("output", 1n, "20")]);
    const steps = history?.steps.filter(({ cells }) => cells.kind?.text === "output, short context") ?? [];
    expect(steps.map(({ cells }) => [cells.from?.text, cells.contracted?.text, cells.step?.text])).toEqual([
      ["1 Sep 2026", "$20.00", "cheaper"],
      ["1 Jul 2026", "$30.00", "begins"],
    ]);
    const index = history?.chart.series.findIndex(({ name }) => name === "output, short context") ?? -1;
    const on = (day: string) => history?.chart.points.find(({ key }) => key === day)?.values[index]?.exact;
    expect([on("2026-08-31"), on("2026-09-01")]).toEqual([parseMoney("30").toString(), parseMoney("20").toString()]);
  });

  test("model, region, words and validity choose the prices that are listed", async () => {
    const filter = { model: { include: ["gpt-5.6-sol"] }, region: { include: ["swedencentral"] } };
    const found = await prices([], { find: "output standard short global", when: "any" }, { filter });
    expect(found.list.rows.map(({ cells }) => [cells.list?.text, cells.from?.text, cells.to?.text])).toEqual([
      ["$20.00", "1 Sep 2026", "open"],
      ["$30.00", "1 Jul 2026", "1 Sep 2026"],
    ]);
    const today = await prices([], { find: "output standard short global" }, { filter });
    expect(today.list.matching).toBe(1);
  });

  test("the list comes in pages of 25 lines that together are every line once", async () => {
    const search = { find: "gpt-4.1", when: "any" };
    const first = (await prices([], search)).list;
    expect([first.rows.length, first.page, first.firstLine, first.previous]).toEqual([25, 1, 1, null]);
    expect(first.next).toBe("/prices?find=gpt-4.1&when=any&page=2#price-book-title");
    const ids: string[] = [];
    for (let page = 1; page <= first.pages; page += 1) {
      const { list } = await prices([], { ...search, page: String(page) });
      ids.push(...list.rows.map(({ id }) => id));
    }
    expect(new Set(ids).size).toBe(first.lines);
    expect(ids).toHaveLength(first.lines);
    const behind = (await prices([], { ...search, page: "9999" })).list;
    expect([behind.page, behind.next]).toEqual([first.pages, null]);
  });

  test.each(["0", "-1", "2.5", "ten", "99999", ""])("page %j is the first", (page) =>
    expect(parsePricesParams({ page }).page).toBe(1),
  );

  test("a negotiated discount stands beside the list price", async () => {
    const book: PriceBook = {
      ...bundled,
      negotiated: [
        {
          id: "a",
          about: { model: "gpt-5.6-sol" },
          terms: { kind: "discount", percent: "10" },
          validFrom: toInstant("2026-11-01T00:00:00Z"),
          validTo: null,
          source: "EA 4711",
        },
      ],
    };
    const filter = { model: { include: ["gpt-5.6-sol"] }, region: { include: ["swedencentral"] } };
    const report = await prices([], { find: "output standard short global" }, { filter }, book);
    expect(report.list.rows[0]?.cells).toMatchObject({
      list: { text: "$20.00" },
      contracted: { text: "$18.00", note: "negotiated" },
    });
    expect(report.agreements).toMatchObject([
      { about: "gpt-5.6-sol", terms: "10\u00a0% off the list price", holds: "from 1 Nov 2026", stateWord: "in force" },
    ]);
  });

  test("values of the URL that make no sense are their defaults", () => {
    expect(parsePricesParams({ when: "never", since: "yesterday", until: "1066-10-14", find: ["a", "b"] })).toEqual({
      find: "a",
      when: "today",
      history: undefined,
      instead: "",
      since: undefined,
      until: undefined,
      page: 1,
    });
  });
});
