import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toInstant } from "../time/instant.ts";
import { hashCaller } from "./identity.ts";
import { ALPHA, gatewayRow, inventoryRow, spanRow, TEN, usageContext, usageRow } from "./usage.testing.ts";
import type { DeploymentName } from "./usage-fact.ts";
import { type MetricTokens, usageFacts, type WindowRows } from "./usage-facts.ts";

const CHAT = "chat" as DeploymentName;

function rowsOf(given: Partial<WindowRows>): WindowRows {
  return { usage: [], requests: [], gateway: null, spans: null, metricTokens: null, ...given };
}

function metric(prompt: bigint, output: bigint): MetricTokens {
  return { quarterHour: TEN, account: ALPHA, deployment: CHAT, prompt, output };
}

/** `source kind tokens` of every fact, with `?` where the cached share is unknown. */
function tokensOf(rows: WindowRows, context = usageContext()): string[] {
  return usageFacts(rows, context)
    .map(({ fact }) => `${fact.source} ${fact.tokenKind}${fact.cachedShareUnknown ? "?" : ""} ${fact.tokens}`)
    .toSorted();
}

describe("the source of tokens", () => {
  const usage = usageRow({ prompt: 100n, cached: 60n, output: 10n });
  const response = usageRow({ source: "request_response", prompt: 70n, unsplit: 70n, output: 7n });
  const gateway = gatewayRow({ prompt: 50n, completion: 5n });
  const span = spanRow({ prompt: 30n, cached: 10n, completion: 3n });
  test.each([
    [
      "usage rows come first",
      { usage: [usage, response], gateway: [gateway], spans: [span] },
      ["usage_log cached_input 60", "usage_log input 40", "usage_log output 10"],
    ],
    [
      "then the scalars, whose cached share nobody tells",
      { usage: [response], gateway: [gateway], spans: [span] },
      ["request_response input? 70", "request_response output 7"],
    ],
    ["then the gateway", { gateway: [gateway], spans: [span] }, ["gateway input? 50", "gateway output 5"]],
    ["then spans", { gateway: [], spans: [span] }, ["span cached_input 10", "span input 20", "span output 3"]],
    ["no source, no tokens", { gateway: [], spans: [] }, []],
  ])("%s", (_name, given, expected) => expect(tokensOf(rowsOf(given))).toEqual(expected));

  test("is chosen for each deployment and quarter hour by itself", () => {
    const later = toInstant("2026-11-18T10:15:00Z");
    const rows = rowsOf({ usage: [usage, { ...response, quarterHour: later }, { ...response, deployment: "batch" }] });
    const sources = usageFacts(rows, usageContext()).map(
      ({ fact }) => `${fact.deployment} ${fact.quarterHour} ${fact.source}`,
    );
    expect([...new Set(sources)].toSorted()).toEqual([
      `batch ${TEN} request_response`,
      `chat ${TEN} usage_log`,
      `chat ${later} request_response`,
    ]);
  });

  test("gives an embedding no cached share to be unknown", () => {
    const rows = rowsOf({ usage: [{ ...response, operation: "Embeddings_Create", output: 0n }] });
    expect(tokensOf(rows)).toEqual(["request_response input 70"]);
  });

  test("counts Anthropic's cached tokens beside the prompt", () => {
    const rows = rowsOf({ usage: [usageRow({ model: "claude-sonnet-4-5", prompt: 100n, cached: 60n })] });
    expect(tokensOf(rows)).toEqual(["usage_log cached_input 60", "usage_log input 100", "usage_log output 10"]);
  });

  test("multiplies nothing and calls sampled spans estimated", () => {
    const [fact] = usageFacts(rowsOf({ spans: [spanRow({ prompt: 500n, sampled: 1n })] }), usageContext());
    expect(fact?.fact.confidence).toBe("estimated");
  });
});

describe("what only the metric counts", () => {
  const logged = usageRow({ prompt: 100n, cached: 60n, output: 10n });
  test.each([
    ["nothing beyond the log", metric(100n, 10n), []],
    ["one token beyond", metric(101n, 10n), ["metric input? 1"]],
    ["less than the log: never negative", metric(99n, 9n), []],
    ["prompt and output each by themselves", metric(90n, 15n), ["metric output 5"]],
  ])("%s", (_name, counted, expected) => {
    const facts = tokensOf(rowsOf({ usage: [logged], metricTokens: [counted] }));
    expect(facts.filter((fact) => fact.startsWith("metric"))).toEqual(expected);
  });

  test("costs what it cost although the log rows are gone", () => {
    expect(tokensOf(rowsOf({ metricTokens: [metric(100n, 10n)] }))).toEqual(["metric input? 100", "metric output 10"]);
  });

  test("leaves the band open, for the metric does not know single requests", () => {
    const facts = usageFacts(
      rowsOf({ metricTokens: [metric(5n, 0n)] }),
      usageContext([inventoryRow({ model: "gpt-5.4" })]),
    );
    expect(facts.map(({ fact }) => fact.contextBand)).toEqual(["unknown"]);
  });

  test("is unknown where metrics are not connected, and not zero tokens less", () => {
    expect(tokensOf(rowsOf({ usage: [logged], metricTokens: null }))).toHaveLength(3);
  });
});

describe("who called", () => {
  const key = new Uint8Array(32);
  test("is the gateway's subscription where the header joins, the Entra caller else", () => {
    const rows = rowsOf({
      usage: [
        usageRow({ isJoined: true, apimSubscription: "team-a", caller: "gateway-identity" }),
        usageRow({ caller: "7A4D2A4E-51CE-4F0E-8D1B-2D2F7F3A9C11" }),
      ],
    });
    const context = usageContext(undefined, { gatewayCallers: new Set([hashCaller("gateway-identity", key)]) });
    const callers = usageFacts(rows, context).map(
      ({ identity }) => identity.apimSubscription || identity.callerHash.slice(0, 8),
    );
    const hashed = hashCaller("7a4d2a4e-51ce-4f0e-8d1b-2d2f7f3a9c11", key).slice(0, 8);
    expect([...new Set(callers)].toSorted()).toEqual([hashed, "team-a"].toSorted());
  });

  test("never keeps an object id in clear", () => {
    const objectId = "7a4d2a4e-51ce-4f0e-8d1b-2d2f7f3a9c11";
    const facts = usageFacts(rowsOf({ usage: [usageRow({ caller: objectId })] }), usageContext());
    expect(JSON.stringify(facts, (_name, value) => (typeof value === "bigint" ? `${value}` : value))).not.toContain(
      objectId,
    );
  });

  test("of calls that nothing joins is split by gateway tokens, by largest remainder, and called an estimate", () => {
    const rows = rowsOf({
      usage: [usageRow({ prompt: 101n, output: 0n })],
      gateway: [
        gatewayRow({ apimSubscription: "team-a", prompt: 200n, completion: 0n }),
        gatewayRow({ apimSubscription: "team-b", prompt: 100n, completion: 0n }),
      ],
    });
    const facts = usageFacts(rows, usageContext());
    // 101 × 2/3 = 67.33, 101 × 1/3 = 33.67: the leftover token goes to team-b.
    expect(
      facts.map(({ fact, identity }) => [identity.apimSubscription, fact.tokens, fact.confidence]).toSorted(),
    ).toEqual([
      ["team-a", 67n, "estimated_split"],
      ["team-b", 34n, "estimated_split"],
    ]);
  });

  test("is left alone where the call is known: joinable gateway calls are no weights", () => {
    const rows = rowsOf({ usage: [usageRow()], gateway: [gatewayRow({ isJoinable: true })] });
    expect(usageFacts(rows, usageContext()).map(({ fact }) => fact.confidence)).toEqual(["exact", "exact"]);
  });

  test("is split by spans where no gateway stands in between", () => {
    const rows = rowsOf({
      usage: [usageRow()],
      spans: [spanRow({ application: "shop" }), spanRow({ application: "known", isJoined: true })],
    });
    expect([...new Set(usageFacts(rows, usageContext()).map(({ identity }) => identity.application))]).toEqual([
      "shop",
    ]);
  });
});

describe("the key of a price", () => {
  test.each([
    ["GlobalStandard", "Global", "standard"],
    ["DataZoneStandard", "DataZone", "standard"],
    ["Standard", "Regional", "standard"],
    ["GlobalBatch", "Global", "batch"],
    ["unknown", "unknown", "standard"],
  ] as const)("takes scope and mode of %s from the inventory", (sku, scope, mode) => {
    const [found] = usageFacts(rowsOf({ usage: [usageRow()] }), usageContext([inventoryRow({ sku })]));
    expect([found?.fact.scope, found?.fact.mode]).toEqual([scope, mode]);
  });

  test.each([
    ["2026-11-18T09:59:59.999Z", "DataZone"],
    ["2026-11-18T10:00:00Z", "DataZone"],
    ["2026-11-18T10:00:00.001Z", "Global"],
  ])("of the quarter hour from 10:00 follows a deployment that was re-created at %s: %s", (changed, scope) => {
    const at = toInstant(changed);
    const rows = [inventoryRow({ to: at }), inventoryRow({ sku: "DataZoneStandard", from: at })];
    const [found] = usageFacts(rowsOf({ usage: [usageRow()] }), usageContext(rows));
    expect(found?.fact.scope).toBe(scope);
  });

  test("takes the model of the row before that of the inventory", () => {
    const [found] = usageFacts(
      rowsOf({ usage: [usageRow({ model: "gpt-5.1", version: "2025-11-13" })] }),
      usageContext(),
    );
    expect([found?.fact.model, found?.fact.version]).toEqual(["gpt-5.1", "2025-11-13"]);
  });

  test.each([
    ["gpt-4.1", true, "any"],
    ["gpt-5.4", false, "short"],
    ["gpt-5.4", true, "long"],
  ])("puts a request of %s (long: %s) into the band %s", (model, isLong, band) => {
    const [found] = usageFacts(rowsOf({ usage: [usageRow({ model, isLong })] }), usageContext());
    expect(found?.fact.contextBand).toBe(band);
  });

  test("reads what follows the known model's name as its version", () => {
    const context = usageContext([inventoryRow({ model: "text-embedding-3-large", version: "1" })]);
    const [found] = usageFacts(rowsOf({ gateway: [gatewayRow({ model: "text-embedding-3-large-1" })] }), context);
    expect([found?.fact.model, found?.fact.version]).toEqual(["text-embedding-3-large", "1"]);
  });
});

describe("laws", () => {
  const row = fc.record({
    source: fc.constantFrom("usage_log" as const, "request_response" as const),
    prompt: fc.bigInt(0n, 10_000n),
    output: fc.bigInt(0n, 10_000n),
    caller: fc.constantFrom("", "caller-1", "caller-2"),
    deployment: fc.constantFrom("chat", "batch"),
  });
  const weight = fc.record({
    apimSubscription: fc.constantFrom("a", "b", "c"),
    deployment: fc.constantFrom("chat", "batch"),
    prompt: fc.bigInt(0n, 1_000n),
  });

  test("the order of rows never matters, and splitting loses no token", () => {
    fc.assert(
      fc.property(fc.array(row), fc.array(weight), fc.func(fc.integer()), (usage, gateway, rank) => {
        const rows = rowsOf({
          usage: usage.map((given) => usageRow(given)),
          gateway: gateway.map((given) => gatewayRow(given)),
        });
        const shuffled = {
          ...rows,
          usage: rows.usage.toSorted((a, b) => rank(a.prompt) - rank(b.prompt)),
          gateway: (rows.gateway ?? []).toReversed(),
        };
        const facts = usageFacts(rows, usageContext());
        expect(usageFacts(shuffled, usageContext())).toEqual(facts);
        for (const deployment of ["chat", "batch"]) {
          const own = rows.usage.filter((given) => given.deployment === deployment);
          const source = own.some((given) => given.source === "usage_log") ? "usage_log" : "request_response";
          const counted = own
            .filter((given) => given.source === source)
            .reduce((sum, given) => sum + given.prompt + given.output, 0n);
          const charged = facts
            .filter(({ fact }) => fact.deployment === deployment)
            .reduce((sum, { fact }) => sum + fact.tokens, 0n);
          if (own.length > 0) expect(charged).toBe(counted);
        }
      }),
    );
  });
});
