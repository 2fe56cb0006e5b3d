import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PipelineRequest } from "@azure/core-rest-pipeline";
import { ManagedIdentityCredential } from "@azure/identity";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createArmClient } from "../cost-management/arm-client.ts";
import { queryCosts } from "../cost-management/query-costs.ts";
import { readBillingReads } from "../db/billing-reads.ts";
import { newestReconciliation } from "../db/reconciliations.ts";
import { readReservations } from "../db/reservation-files.ts";
import { type AzureLoopback, startAzureLoopback } from "../log-analytics/testing/azure-loopback.ts";
import { createScriptedWire, type WireAnswer } from "../log-analytics/testing/scripted-wire.ts";
import { parseMoney, toDecimal } from "../money/money.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { reconciliationDocumentSchema } from "../pricing/reconcile/reconciliation-document.ts";
import { inMemoryLedger } from "../reports/testing/in-memory-ledger.ts";
import { reportSources } from "../reports/testing/report-sources.ts";
import type { BillingStartDay } from "../time/billing-period.ts";
import { toInstant } from "../time/instant.ts";
import type { LocalDay } from "../time/zone.ts";
import { monthsToRead, readBill, readReservationsOfAzure } from "./read-billing.ts";

const SUBSCRIPTION = "/subscriptions/11111111-2222-4333-8444-555555555555";
const ACCOUNT = `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.CognitiveServices/accounts/AI-East`;
const INPUT = "gpt 4.1 Inp glbl Tokens";
const now = toInstant("2026-11-21T12:00:00Z");

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

type Column = readonly [name: string, type: string];
const USAGE: readonly Column[] = [
  ["Cost", "Number"],
  ["UsageQuantity", "Number"],
  ["UsageDate", "Number"],
  ["ResourceId", "String"],
  ["Meter", "String"],
  ["Currency", "String"],
];

/** An answer of the Query API; rows are JSON as it stands on the wire. */
function table(columns: readonly Column[], rows: readonly string[], nextLink: string | null = null): WireAnswer {
  const named = columns.map(([name, type]) => ({ name, type }));
  const body = `{"id":"q","name":"q","type":"Microsoft.CostManagement/query","properties":{"nextLink":${JSON.stringify(nextLink)},"columns":${JSON.stringify(named)},"rows":[${rows.join(",")}]}}`;
  return { kind: "http", status: 200, body };
}

type Answering = (request: PipelineRequest, index: number) => WireAnswer;

let answering: Answering = () => ({ kind: "hang" });
let loopback: AzureLoopback;
// One for all tests: the identity library remembers a token for as long as the process lives.
beforeAll(async () => {
  const wire = createScriptedWire((request) => answering(request, loopback.requests.length - 1));
  const { httpClient } = wire;
  loopback = await startAzureLoopback({
    engine: httpClient,
    metricsHttpClient: httpClient,
    billingHttpClient: httpClient,
  });
  for (const name of ["IDENTITY_ENDPOINT", "IDENTITY_HEADER"]) vi.stubEnv(name, loopback.env[name]);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await loopback.close();
});

/** Azure on the loopback over HTTPS with a managed identity, and the product's own client asking it. */
async function azure(answer: Answering) {
  answering = answer;
  loopback.requests.splice(0);
  const endpoint = loopback.env.AZURE_RESOURCE_MANAGER_ENDPOINT ?? "";
  const arm = createArmClient({
    credential: new ManagedIdentityCredential(),
    endpoint,
    audience: "https://management.azure.com",
    ca: await readFile(loopback.env.NODE_EXTRA_CA_CERTS ?? "", "utf8"),
    now: () => Date.now(),
    limits: { maxAttempts: 3, retryBaseMs: 1 },
  });
  return { arm, endpoint, loopback };
}

async function sources() {
  const dataDir = await mkdtemp(join(tmpdir(), "billing-"));
  closers.push(() => rm(dataDir, { recursive: true }));
  const opened = await reportSources(inMemoryLedger({ now, charges: [] }), now, { AZURE_OPENAI_RESOURCE_IDS: ACCOUNT });
  closers.push(opened.close);
  return { ...opened, dataDir, priceBook: async () => loadBundledCatalogue() };
}

const refusal = (status: number, code: string, headers: Record<string, string> = {}): WireAnswer => ({
  kind: "http",
  status,
  headers,
  body: JSON.stringify({ error: { code, message: "words of the service" } }),
});

const QUESTION = {
  scope: SUBSCRIPTION,
  firstDay: "2026-11-01",
  lastDay: "2026-11-20",
  groupBy: [
    { type: "Dimension", name: "ResourceId" },
    { type: "Dimension", name: "Meter" },
  ],
  filters: [{ name: "ServiceName", values: ["Foundry Models"] }],
} as const;

describe("the Query API over HTTPS", () => {
  test("pages are followed with the same body, columns are read by name, no digit of a number is lost", async () => {
    const turned = [...USAGE].toReversed();
    const { arm, loopback } = await azure((_request, index) =>
      index === 0
        ? table(
            USAGE,
            [`[12.340000000000000001,6.17,20261101,${JSON.stringify(ACCOUNT)},${JSON.stringify(INPUT)},"USD"]`],
            `${loopback.env.AZURE_RESOURCE_MANAGER_ENDPOINT}${SUBSCRIPTION}/providers/Microsoft.CostManagement/query?$skiptoken=2`,
          )
        : table(turned, [
            `["USD",${JSON.stringify(INPUT)},${JSON.stringify(ACCOUNT)},20261102,1e-7,9007199254740993.5]`,
          ]),
    );
    const rows = await queryCosts(arm, QUESTION);
    expect(rows).toEqual([
      {
        day: "2026-11-01",
        cost: "12.340000000000000001",
        quantity: "6.17",
        currency: "USD",
        groups: { ResourceId: ACCOUNT, Meter: INPUT },
      },
      {
        day: "2026-11-02",
        cost: "9007199254740993.5",
        quantity: "1e-7",
        currency: "USD",
        groups: { ResourceId: ACCOUNT, Meter: INPUT },
      },
    ]);
    const [first, second] = loopback.requests;
    expect([first?.method, second?.method, second?.body]).toEqual(["POST", "POST", first?.body]);
    expect(JSON.parse(first?.body ?? "")).toEqual({
      type: "ActualCost",
      timeframe: "Custom",
      timePeriod: { from: "2026-11-01T00:00:00Z", to: "2026-11-20T23:59:59Z" },
      dataset: {
        granularity: "Daily",
        aggregation: {
          totalCost: { name: "Cost", function: "Sum" },
          quantity: { name: "UsageQuantity", function: "Sum" },
        },
        grouping: QUESTION.groupBy,
        filter: { dimensions: { name: "ServiceName", operator: "In", values: ["Foundry Models"] } },
      },
    });
  });

  test("the headers of the quota say how long to stay away, the longest of them", async () => {
    const { arm, loopback } = await azure((_request, index) =>
      index === 0
        ? refusal(429, "429", {
            "x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after": "1",
            "x-ms-ratelimit-microsoft.costmanagement-entity-retry-after": "0",
          })
        : table(USAGE, []),
    );
    expect(await queryCosts(arm, QUESTION)).toEqual([]);
    const [refused, answered] = loopback.requests;
    expect((answered?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test.each<[string, WireAnswer, string, RegExp]>([
    ["no right", refusal(403, "RBACAccessDenied"), "no_right", /RBACAccessDenied/],
    [
      "a quota that lasts",
      refusal(429, "429", { "x-ms-ratelimit-microsoft.costmanagement-tenant-retry-after": "3600" }),
      "throttled",
      /left alone/,
    ],
    ["a question it does not understand", refusal(400, "BadRequest"), "refused", /BadRequest/],
    ["a column that is gone", table(USAGE.slice(1), []), "malformed", /no column Cost/],
    ["a day that is none", table(USAGE, [`[1,1,"soon","r","m","USD"]`]), "malformed", /the date "soon"/],
    [
      "rows of another shape",
      { kind: "http", status: 200, body: `{"properties":{"columns":[],"rows":[[{}]]}}` },
      "malformed",
      /rows/,
    ],
    [
      "a next page at another host",
      table(USAGE, [], "https://example.com/query"),
      "malformed",
      /pointed to https:\/\/example.com/,
    ],
  ])("%s", async (_name, answer, code, message) => {
    const { arm } = await azure(() => answer);
    await expect(queryCosts(arm, QUESTION)).rejects.toMatchObject({
      name: "ArmError",
      code,
      message: expect.stringMatching(message),
    });
  });
});

describe("the bill of each night", () => {
  test.each<[string, string, string[], day?: number]>([
    ["late in a month: the running month to yesterday", "2026-11-21", ["2026-11 2026-11-01 2026-11-20"]],
    [
      "on the fifth: the month before as well",
      "2026-11-05",
      ["2026-10 2026-10-01 2026-10-31", "2026-11 2026-11-01 2026-11-04"],
    ],
    ["on the sixth: the running month alone", "2026-11-06", ["2026-11 2026-11-01 2026-11-05"]],
    ["on the first: only the month before", "2026-12-01", ["2026-11 2026-11-01 2026-11-30"]],
    ["on new year's day", "2027-01-01", ["2026-12 2026-12-01 2026-12-31"]],
    ["on the last day before a period from the 15th", "2026-11-14", ["2026-10 2026-10-15 2026-11-13"], 15],
    ["on the first day of a period from the 15th", "2026-11-15", ["2026-10 2026-10-15 2026-11-14"], 15],
    [
      "on the fifth day of a period from the 15th",
      "2026-11-19",
      ["2026-10 2026-10-15 2026-11-14", "2026-11 2026-11-15 2026-11-18"],
      15,
    ],
    ["on its sixth", "2026-11-20", ["2026-11 2026-11-15 2026-11-19"], 15],
    [
      "in March, where periods start on the last day of a month",
      "2026-03-04",
      ["2026-01 2026-01-31 2026-02-27", "2026-02 2026-02-28 2026-03-03"],
      31,
    ],
  ])("%s", (_name, today, months, day = 1) =>
    expect(
      monthsToRead(today as LocalDay, day as BillingStartDay).map(
        ({ month, firstDay, lastDay }) => `${month} ${firstDay} ${lastDay}`,
      ),
    ).toEqual(months),
  );

  test("is read by account, split by the deployment tag where that adds up, compared and kept once per month", async () => {
    const given = await sources();
    const tagged: readonly Column[] = [
      ...USAGE.slice(0, 3),
      ["TagKey", "String"],
      ["TagValue", "String"],
      ...USAGE.slice(4),
    ];
    const charges: readonly Column[] = [...USAGE.slice(0, 3), ["ChargeType", "String"], ...USAGE.slice(4)];
    const { arm, loopback } = await azure((request) => {
      const { grouping } = JSON.parse(String(request.body)).dataset;
      switch (grouping[0].name) {
        case "ResourceId":
          return table(USAGE, [`[2.5,1250,20261103,${JSON.stringify(ACCOUNT)},${JSON.stringify(INPUT)},"USD"]`]);
        case "deployment":
          return table(tagged, [
            `[1.5,750,20261103,"deployment","Chat",${JSON.stringify(INPUT)},"USD"]`,
            `[1,500,20261103,"deployment",null,${JSON.stringify(INPUT)},"USD"]`,
          ]);
        default:
          return table(charges, [`[260,1,20261104,"Purchase","Provisioned Throughput Reservation","USD"]`]);
      }
    });
    for (const _night of [1, 2]) {
      expect((await readBill(given, arm)).months).toEqual([
        { id: "cost-management-2026-11", light: expect.any(String) },
      ]);
    }
    expect(loopback.requests).toHaveLength(6);
    const stored = await newestReconciliation(given.state.db);
    expect(stored).toMatchObject({
      id: "cost-management-2026-11",
      files: ["Cost Management 2026-11"],
      document: { invoice: "262.5" },
    });
    const { rows } = reconciliationDocumentSchema.parse(stored?.document);
    expect(rows.map(({ kind, deployment, units, amount }) => [kind, deployment, units, amount])).toEqual([
      ["reservation", "", "0", "260"],
      // One line of the account has no tag, so its deployments are compared together.
      ["missing_in_logs", "", "1250000", "2.5"],
    ]);
    expect((await readBillingReads(given.dataDir)).costs).toMatchObject({ state: "ok", next: null });
  });

  test("without the right it is a state that names the role and the scope, and what was read before stays", async () => {
    const given = await sources();
    const { arm } = await azure(() => refusal(403, "RBACAccessDenied"));
    const { read, months } = await readBill(given, arm);
    expect([read.state, months]).toEqual(["no_right", []]);
    expect(read.next).toBe(`Grant Cost Management Reader on ${SUBSCRIPTION}; a new grant can take some minutes.`);
    expect((await readBillingReads(given.dataDir)).costs).toEqual(read);
    expect(await newestReconciliation(given.state.db)).toBeUndefined();
  });

  test("in another currency than the price book nothing is compared", async () => {
    const given = await sources();
    const all: readonly Column[] = [...USAGE, ["TagValue", "String"], ["ChargeType", "String"]];
    const row = `[2,1,20261103,${JSON.stringify(ACCOUNT)},${JSON.stringify(INPUT)},"EUR","chat","Refund"]`;
    const { arm } = await azure(() => table(all, [row]));
    const { read } = await readBill(given, arm);
    expect([read.state, read.message]).toEqual(["failed", expect.stringContaining("two currencies never meet")]);
    expect(await newestReconciliation(given.state.db)).toBeUndefined();
  });
});

describe("the Reservations API over HTTPS", () => {
  const listed = (id: string, parts: object) => ({
    id: `/providers/Microsoft.Capacity/reservationOrders/${id}/reservations/r-${id}`,
    location: "eastus2",
    sku: { name: "Global_Provisioned_Managed" },
    properties: {
      displayName: id,
      reservedResourceType: "OpenAIPTU",
      provisioningState: "Succeeded",
      quantity: 100,
      term: "P1Y",
      appliedScopeType: "Shared",
      benefitStartTime: "2026-06-01T08:30:00Z",
      expiryDateTime: "2027-06-01T08:30:00Z",
      ...parts,
    },
  });
  const page = (value: object[], nextLink?: string): WireAnswer => ({
    kind: "http",
    status: 200,
    body: JSON.stringify({ value, nextLink }),
  });
  const order = (amount: number, originalQuantity: number): WireAnswer => ({
    kind: "http",
    status: 200,
    body: JSON.stringify({
      properties: { originalQuantity, planInformation: { pricingCurrencyTotal: { currencyCode: "USD", amount } } },
    }),
  });

  test("pages are followed, other products and cancelled ones left out, totals are the order's; they pay from then on", async () => {
    const given = await sources();
    const { arm, endpoint } = await azure((request) => {
      const { pathname, search } = new URL(request.url);
      if (/reservationOrders\/a/.test(pathname)) return order(250_000.25, 100);
      // Half of this order was returned: fifty of a hundred units.
      if (/reservationOrders\/b/.test(pathname)) return order(286_000, 100);
      return search.includes("page=2")
        ? page([listed("b", { quantity: 50, appliedScopeType: "Single", appliedScopes: [SUBSCRIPTION] })])
        : page(
            [
              listed("a", {}),
              listed("vm", { reservedResourceType: "VirtualMachines" }),
              listed("gone", { provisioningState: "Cancelled" }),
            ].map((one, index) => (index === 1 ? { ...one, sku: { name: "Standard_D2s_v5" } } : one)),
            `${endpoint}/providers/Microsoft.Capacity/reservations?page=2`,
          );
    });
    expect(await readReservationsOfAzure(given, arm)).toMatchObject({
      state: "ok",
      message: "2 reservations of provisioned throughput.",
    });
    const kept = await readReservations(given.dataDir, "USD");
    expect(
      kept.map(({ name, scope, region, units, total, appliedTo }) => [
        name,
        scope,
        region,
        units,
        toDecimal(total),
        appliedTo,
      ]),
    ).toEqual([
      ["a", "Global", "eastus2", 100n, "250000.25", "shared"],
      ["b", "Global", "eastus2", 50n, "143000", [SUBSCRIPTION.toLowerCase()]],
    ]);
    expect(kept[0]).toMatchObject({
      term: { start: toInstant("2026-06-01T08:30:00Z"), end: toInstant("2027-06-01T08:30:00Z") },
      total: parseMoney("250000.25"),
      source: "Reservations API",
    });
  });

  test("without the right it is a state that names the role", async () => {
    const given = await sources();
    const { arm } = await azure(() => refusal(403, "AuthorizationFailed"));
    expect(await readReservationsOfAzure(given, arm)).toMatchObject({
      state: "no_right",
      next: expect.stringContaining("Reservations Reader"),
    });
  });
});
