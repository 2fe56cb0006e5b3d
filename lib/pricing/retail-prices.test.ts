import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { priceDecimal } from "../money/unit-price.ts";
import { toInstant, toIso } from "../time/instant.ts";
import { assemblePriceBook } from "./assemble-price-book.ts";
import { loadBundledCatalogue } from "./catalogue.ts";
import { datedMeters, priceRowsOf } from "./dated-meters.ts";
import type { PriceBook } from "./price-book.ts";
import { listOf, mergePrices, type StoredPrices } from "./price-store.ts";
import { priceUsage } from "./price-usage.ts";
import { readPriceList } from "./raw-meter.ts";
import { PricePullError, type PricePullPort, pullRetailPrices } from "./retail-prices.ts";
import { usageFact } from "./testing/usage-fact.ts";

type Answer = (request: URL, response: ServerResponse) => void;

let server: Server | undefined;

afterEach(() => new Promise<void>((done) => (server ? server.close(() => done()) : done())));

/** A loopback server in the place of the Retail Prices API; returns its address and the questions that it was asked. */
async function retailApi(answer: Answer): Promise<{ endpoint: string; asked: URL[] }> {
  const asked: URL[] = [];
  server = createServer((request: IncomingMessage, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    asked.push(url);
    answer(url, response);
  });
  await new Promise<void>((done) => server?.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { endpoint: `http://127.0.0.1:${port}/api/retail/prices`, asked };
}

function port(waits: number[] = []): PricePullPort {
  return {
    fetch: (url, init) => fetch(url, init),
    wait: async (ms) => void waits.push(ms),
    now: () => toInstant("2026-11-21T06:00:00Z"),
  };
}

function item(meterName: string, retailPrice: number, parts: Readonly<Record<string, unknown>> = {}) {
  return {
    currencyCode: "USD",
    tierMinimumUnits: 0,
    retailPrice,
    unitPrice: retailPrice,
    armRegionName: "eastus2",
    location: "US East 2",
    effectiveStartDate: "2026-11-01T00:00:00Z",
    meterId: "11111111-2222-3333-4444-555555555555",
    meterName,
    productName: "Azure OpenAI",
    skuName: meterName,
    serviceName: "Foundry Models",
    unitOfMeasure: "1K",
    type: "Consumption",
    isPrimaryMeterRegion: true,
    ...parts,
  };
}

function page(response: ServerResponse, items: unknown[], next: string | null = null): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ BillingCurrency: "USD", Items: items, NextPageLink: next, Count: items.length }));
}

const isReservation = (url: URL) => (url.searchParams.get("$filter") ?? "").includes("Reservation");
const query = (endpoint: string) => ({
  endpoint,
  currency: "USD",
  regions: ["eastus2"],
  serviceName: "Foundry Models",
});

describe("pullRetailPrices", () => {
  test("follows the pages, asks by service, region and price type, and keeps meter ids", async () => {
    const api = await retailApi((url, response) => {
      if (isReservation(url)) return page(response, []);
      const skip = Number(url.searchParams.get("$skip") ?? 0);
      page(
        response,
        [item(`gpt 4.1 ${skip === 0 ? "Inp" : "Outp"} glbl Tokens`, 0.002)],
        skip === 0 ? `${api.endpoint}?$skip=1000` : null,
      );
    });
    const list = await pullRetailPrices(query(api.endpoint), port());
    expect(list.meters.map(({ meterName, price, meterId }) => [meterName, price, meterId?.slice(0, 8)])).toEqual([
      ["gpt 4.1 Inp glbl Tokens", "0.002", "11111111"],
      ["gpt 4.1 Outp glbl Tokens", "0.002", "11111111"],
    ]);
    expect(api.asked[0]?.searchParams.get("$filter")).toBe(
      "serviceName eq 'Foundry Models' and armRegionName eq 'eastus2' and priceType eq 'Consumption'",
    );
    expect(api.asked[0]?.searchParams.get("currencyCode")).toBe("'USD'");
  });

  test("waits out a 429 in mid-pull as long as Retry-After says, then goes on", async () => {
    let refusals = 0;
    const waits: number[] = [];
    const api = await retailApi((url, response) => {
      if (isReservation(url)) return page(response, []);
      const skip = url.searchParams.get("$skip");
      if (skip && refusals < 2) {
        refusals += 1;
        response.writeHead(429, refusals === 1 ? { "retry-after": "7" } : {}).end("slow down");
        return;
      }
      page(
        response,
        [item(`gpt 4.1 ${skip ? "Outp" : "Inp"} glbl Tokens`, 0.002)],
        skip ? null : `${api.endpoint}?$skip=1000`,
      );
    });
    expect((await pullRetailPrices(query(api.endpoint), port(waits))).meters).toHaveLength(2);
    expect(waits).toEqual([7_000, 2_000]);
  });

  test.each<[string, Answer, PricePullError["code"]]>([
    [
      "a pull that is throttled for good",
      (url, response) =>
        url.searchParams.get("$skip")
          ? response.writeHead(429).end()
          : page(response, [item("gpt 4.1 Inp glbl Tokens", 0.002)], `http://${url.searchParams.get("$skip") ?? "x"}`),
      "refused",
    ],
    ["an endless 429", (_url, response) => response.writeHead(429, { "retry-after": "0" }).end(), "throttled"],
    ["a server error for good", (_url, response) => response.writeHead(503).end(), "refused"],
    [
      "a bad request, without trying again",
      (_url, response) => response.writeHead(400).end("Invalid filter"),
      "refused",
    ],
    ["an empty answer", (_url, response) => page(response, []), "empty"],
    ["something else than JSON", (_url, response) => response.end("<html>"), "unreadable"],
    ["JSON of another shape", (_url, response) => response.end('{"value":[]}'), "unreadable"],
    [
      "a next page on another host",
      (_url, response) => page(response, [item("x", 1)], "http://example.com/next"),
      "refused",
    ],
  ])("%s throws and keeps nothing", async (_name, answer, code) => {
    const api = await retailApi(answer);
    const failure = await pullRetailPrices(query(api.endpoint), port()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PricePullError);
    expect(failure).toMatchObject({ code });
  });

  test("needs a region", async () => {
    await expect(pullRetailPrices({ ...query("http://127.0.0.1:1"), regions: [] }, port())).rejects.toThrow(
      "at least one region",
    );
  });
});

describe("readPriceList", () => {
  const at = toInstant("2026-11-21");
  test.each<[string, unknown, string]>([
    ["a negative price", { Items: [item("m", -1)] }, "retailPrice: the price is negative"],
    ["a price that is text", { Items: [item("m", 1, { retailPrice: "1" })] }, "retailPrice: the price is not a number"],
    [
      "a currency that is none",
      { Items: [item("m", 1, { currencyCode: "dollars" })] },
      "currencyCode: the currency is not an ISO 4217 code",
    ],
    [
      "a date that is none",
      { Items: [item("m", 1, { effectiveStartDate: "soon" })] },
      'effectiveStartDate: "soon" is not a date',
    ],
    ["a row without a name", { Items: [item("", 1)] }, "meterName: the meter has no name"],
    [
      "a price that ends before it begins",
      { Items: [item("m", 1, { effectiveEndDate: "2026-10-31T23:59:59Z" })] },
      "effectiveEndDate: the price ends before it begins",
    ],
  ])("refuses %s with its row and reason", (_name, value, reason) =>
    expect(readPriceList(value, "file", at)).toMatchObject({ meters: [], refused: [{ row: 1, reason }] }),
  );
  test("refuses a second price of one meter, region and day", () => {
    const list = readPriceList({ Items: [item("m", 1), item("n", 3), item("m", 2)] }, "file", at);
    expect(list.refused).toEqual([
      { row: 3, reason: "the meter has another price in row 1 for the same region from the same day" },
    ]);
  });
  test.each([
    ["the same row again", {}],
    ["another region", { armRegionName: "westus", retailPrice: 2 }],
    ["another day", { effectiveStartDate: "2026-12-01T00:00:00Z", retailPrice: 2 }],
    ["a higher tier", { tierMinimumUnits: 1_000_000, retailPrice: 0.5 }],
    ["another meter of that name", { meterId: "22222222-2222-3333-4444-555555555555", retailPrice: 2 }],
  ])("reads %s beside the first", (_name, parts) =>
    expect(readPriceList({ Items: [item("m", 1), item("m", 1, parts)] }, "file", at).refused).toEqual([]),
  );
  test.each([
    ["one page of several", { Items: [item("m", 1)], NextPageLink: "https://prices.example/2" }],
    ["pages without the last", [{ Items: [item("m", 1)] }, { Items: [item("n", 1)], NextPageLink: "https://x/3" }]],
  ])("throws a half-recorded list away: %s", (_name, value) =>
    expect(() => readPriceList(value, "file", at)).toThrow("ends in the middle"),
  );
  test.each([[{ Items: [] }], [{ items: [] }], [[]], [{}], ["text"]])("throws on %j", (value) =>
    expect(() => readPriceList(value, "file", at)).toThrow(RangeError),
  );
  test("reads pages of the API and the grouped file alike", () => {
    const grouped = {
      fetched_at: "2026-07-31T17:47:27.717419",
      items: [
        {
          meterName: "gpt 4.1 Inp glbl Tokens",
          productName: "Azure OpenAI",
          regions: ["eastus2"],
          retailPrice: 0.002,
          unitOfMeasure: "1K",
          effectiveStartDate: "2026-06-01T00:00:00Z",
        },
      ],
    };
    expect(toIso(readPriceList(grouped, "file", at).readAt)).toBe("2026-07-31T17:47:27.717Z");
    expect(
      readPriceList([{ Items: [item("a", 1)] }, { Items: [item("b", 2.8e-5)] }], "file", at).meters.map(
        ({ price }) => price,
      ),
    ).toEqual(["1", "0.000028"]);
  });
});

describe("the answer of the pricing reference, section 2", () => {
  /** The documented row, whose ids are left out there. */
  const DOCUMENTED = {
    currencyCode: "USD",
    tierMinimumUnits: 0.0,
    retailPrice: 0.002,
    unitPrice: 0.002,
    armRegionName: "eastus2",
    location: "US East 2",
    effectiveStartDate: "2025-04-01T00:00:00Z",
    meterId: "...",
    meterName: "gpt 4.1 Inp glbl Tokens",
    productId: "...",
    skuId: "...",
    productName: "Azure OpenAI",
    skuName: "gpt 4.1 Inp glbl",
    serviceName: "Foundry Models",
    serviceId: "...",
    serviceFamily: "AI + Machine Learning",
    unitOfMeasure: "1K",
    type: "Consumption",
    isPrimaryMeterRegion: true,
    armSkuName: "gpt 4.1 Inp glbl",
  };
  const rowsOf = (...items: unknown[]) => {
    const list = readPriceList(
      { BillingCurrency: "USD", Items: items, NextPageLink: null, Count: items.length },
      "the reference",
      toInstant("2026-11-21"),
    );
    return priceRowsOf(datedMeters(list).meters, { layer: "synced", source: list.source, readAt: list.readAt });
  };

  test("0.002 per 1K is 2 per million input tokens of gpt-4.1, Global, from 1 April 2025", () => {
    expect(rowsOf(DOCUMENTED).map((row) => priceDecimal(row.price, 1_000_000n))).toEqual(["2"]);
    expect(rowsOf(DOCUMENTED)).toMatchObject([
      {
        measure: "token",
        model: "gpt-4.1",
        scope: "Global",
        mode: "standard",
        tokenKind: "input",
        validFrom: toInstant("2025-04-01"),
        validTo: null,
      },
    ]);
  });

  test("a superseded row ends where the current one begins, and a future row waits, whatever their order", () => {
    const from = (day: string, retailPrice: number) => ({
      ...DOCUMENTED,
      retailPrice,
      effectiveStartDate: `${day}T00:00:00Z`,
    });
    const rows = rowsOf(from("2026-12-01", 0.0018), from("2024-04-01", 0.003), DOCUMENTED);
    expect(
      rows.map((row) => [
        priceDecimal(row.price, 1_000_000n),
        toIso(row.validFrom).slice(0, 10),
        row.validTo && toIso(row.validTo).slice(0, 10),
      ]),
    ).toEqual([
      ["3", "2024-04-01", "2025-04-01"],
      ["2", "2025-04-01", "2026-12-01"],
      ["1.8", "2026-12-01", null],
    ]);
  });

  test.each([
    ["1 Month", 260],
    ["1 Year", 2_652],
  ])(
    "a reservation of %s says 1/Hour and is the price of the whole term: it prices no hour",
    (reservationTerm, price) =>
      expect(
        rowsOf({
          ...DOCUMENTED,
          meterName: "Provisioned Managed Global Unit",
          unitOfMeasure: "1/Hour",
          retailPrice: price,
          type: "Reservation",
          reservationTerm,
        }),
      ).toEqual([]),
  );
});

describe("synced prices", () => {
  const list = (day: string, price: number, start: string) =>
    readPriceList(
      { Items: [item("gpt 4.1 Inp glbl Tokens", price, { effectiveStartDate: start })] },
      "test",
      toInstant(day),
    );

  test("keep their first sighting, and superseded rows stay as history", () => {
    const first = mergePrices(undefined, list("2026-11-01", 0.002, "2026-06-01T00:00:00Z"));
    const again = mergePrices(first, list("2026-11-02", 0.002, "2026-06-01T00:00:00Z"));
    expect(
      again.meters.map(({ firstSeen, lastSeen }) => [toIso(firstSeen).slice(0, 10), toIso(lastSeen).slice(0, 10)]),
    ).toEqual([["2026-11-01", "2026-11-02"]]);
    const changed = mergePrices(again, list("2026-11-21", 0.0018, "2026-11-20T00:00:00Z"));
    expect(
      changed.meters.map(({ price, validTo }) => [price, validTo === null ? null : toIso(validTo).slice(0, 10)]),
    ).toEqual([
      ["0.0018", null],
      ["0.002", "2026-11-21"],
    ]);
    expect(listOf(changed).meters).toHaveLength(2);
  });

  test("price usage over the bundled catalogue, each on its own days", () => {
    const first = mergePrices(undefined, list("2026-11-01", 0.002, "2026-06-01T00:00:00Z"));
    const synced = mergePrices(first, list("2026-11-21", 0.0018, "2026-11-20T00:00:00Z"));
    const { book } = assemblePriceBook({ bundled: loadBundledCatalogue(), synced, negotiated: [] });
    const on = (day: string) => {
      const pricing = priceUsage(usageFact({ on: day }), book);
      return pricing.pricing === "priced" ? [pricing.listCost, pricing.line.layer] : pricing.pricing;
    };
    expect(on("2026-11-19T00:00:00Z")).toEqual([2_000_000_000_000n, "synced"]);
    expect(on("2026-11-20T00:00:00Z")).toEqual([1_800_000_000_000n, "synced"]);
    expect(on("2025-05-01T00:00:00Z")).toEqual([2_000_000_000_000n, "bundled"]);
  });

  test("in another currency replace the bundled ones: two currencies never meet", () => {
    const yen = mergePrices(
      undefined,
      readPriceList(
        { Items: [item("gpt 4.1 Inp glbl Tokens", 0.3, { currencyCode: "JPY" })] },
        "test",
        toInstant("2026-11-21"),
      ),
    );
    const { book } = assemblePriceBook({ bundled: loadBundledCatalogue(), synced: yen, negotiated: [] });
    expect([book.currency, book.rows.length]).toEqual(["JPY", 1]);
  });

  describe("the version of the book follows what is priced, not when it was read", () => {
    const bundled = loadBundledCatalogue();
    const versionOf = (synced: StoredPrices | undefined, under: PriceBook = bundled) =>
      assemblePriceBook({ bundled: under, synced, negotiated: [] }).book.version;
    const two = (day: string, ...prices: readonly [string, number][]) =>
      readPriceList(
        { Items: prices.map(([name, price]) => item(name, price, { effectiveStartDate: "2026-06-01T00:00:00Z" })) },
        `test of ${day}`,
        toInstant(day),
      );
    const input = ["gpt 4.1 Inp glbl Tokens", 0.002] as const;
    const output = ["gpt 4.1 Outp glbl Tokens", 0.008] as const;
    const first = mergePrices(undefined, two("2026-11-01", [...input], [...output]));

    test.each<[string, StoredPrices | undefined, boolean]>([
      ["the same list read again", mergePrices(first, two("2026-11-02", [...input], [...output])), true],
      ["in another order", mergePrices(undefined, two("2026-11-02", [...output], [...input])), true],
      ["no list", undefined, false],
      ["another price", mergePrices(first, two("2026-11-02", [input[0], 0.0021], [...output])), false],
      ["a row less, which ends that day", mergePrices(first, two("2026-11-02", [...input])), false],
    ])("%s", (_name, synced, isSame) => expect(versionOf(synced) === versionOf(first)).toBe(isSame));

    test("a bundled price that the list could not know goes before it, from the reading on that could", () => {
      const [row] = bundled.rows;
      if (!row) throw new Error("The catalogue has rows.");
      const later = { ...bundled, rows: [...bundled.rows, { ...row, validFrom: toInstant("2026-12-01T00:00:00Z") }] };
      const readAt = (at: string) => versionOf({ ...first, syncedAt: toInstant(at) }, later);
      const before = readAt("2026-11-30T23:59:59.999Z");
      expect(readAt("2026-11-01T00:00:00Z")).toBe(before);
      expect(readAt("2026-12-01T00:00:00Z")).not.toBe(before);
      expect(readAt("2026-12-31T00:00:00Z")).toBe(readAt("2026-12-01T00:00:00Z"));
    });

    test("a price names the list that first told it, so its receipts stay one line", () => {
      const again = mergePrices(first, two("2026-11-02", [...input], ["gpt 4.1 Outp glbl Tokens", 0.009]));
      const { book } = assemblePriceBook({ bundled, synced: again, negotiated: [] });
      const rows = book.rows.filter(({ layer }) => layer === "synced");
      expect(rows.map(({ meterName, validTo, source }) => [meterName, validTo, source])).toEqual([
        ["gpt 4.1 Inp glbl Tokens", null, "test of 2026-11-01"],
        ["gpt 4.1 Outp glbl Tokens", toInstant("2026-11-02"), "test of 2026-11-01"],
        ["gpt 4.1 Outp glbl Tokens", null, "test of 2026-11-02"],
      ]);
    });
  });
});
