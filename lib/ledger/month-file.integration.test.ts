import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Charge } from "../attribution/charge.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { priceUsage } from "../pricing/price-usage.ts";
import { type BillingStartDay, FIRST_OF_MONTH } from "../time/billing-period.ts";
import { addMs, type Instant, period, QUARTER_HOUR_MS, toInstant, toIso } from "../time/instant.ts";
import { UTC, type ZoneId } from "../time/zone.ts";
import type { DeploymentName, Identity, IdentityId } from "../usage/usage-fact.ts";
import type { ChargeQuery } from "./charge-query.ts";
import { batchOf, capacityCharge, ownedRequests, TEST_ACCOUNT, usageCharge } from "./ledger.testing.ts";
import type { BucketBatch } from "./ledger.ts";
import { type OpenedLedger, openLedger } from "./open-ledger.ts";

const SEPTEMBER = period(toInstant("2026-09-01"), toInstant("2026-10-01"));
const KOLKATA = "Asia/Kolkata" as ZoneId;
const LIST = loadBundledCatalogue();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "token-ledger-months-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const opened: OpenedLedger[] = [];
afterEach(() => {
  for (const ledger of opened.splice(0)) ledger.close();
});

async function emptyLedger(): Promise<OpenedLedger> {
  const ledger = await openLedger({ path: ":memory:", zones: [KOLKATA], questions: () => [] });
  opened.push(ledger);
  return ledger;
}

/** Every kind of record on both edges of the month and beside them: priced, range, unpriced, included and capacity. */
function batchAround(book = "book-1"): BucketBatch {
  const edges = ["2026-08-31T23:45:00Z", "2026-09-01T00:00:00Z", "2026-09-30T23:45:00Z", "2026-10-01T00:00:00Z"];
  const charges = edges.flatMap((at): Charge[] => {
    const of = (given: Parameters<typeof usageCharge>[1]): Charge => {
      const { fact, owner } = usageCharge(at, given);
      return { kind: "usage", fact, owner, pricing: priceUsage(fact, LIST) };
    };
    return [
      of({ tokens: 1_234_567n }),
      of({ tokens: 89n, tokenKind: "output", team: 'Ünï\'code "quoted"', identityId: "caller-1" as IdentityId }),
      of({ tokens: 5n, source: "metric", confidence: "metric_only", cachedShareUnknown: true }),
      of({ tokens: 7n, model: "gpt-nobody-knows" }),
      { ...of({ tokens: 11n, deployment: "ptu" as DeploymentName }), pricing: { pricing: "included" } } as Charge,
      capacityCharge(at, "idle", 12_500_000_000_001n),
    ];
  });
  const requests = edges.flatMap((at) => [
    ownedRequests(at, { latency: { buckets: [100, 140], counts: [2, 1], unmeasured: 4 }, requests: 7n, attempts: 8n }),
    ownedRequests(at, { status: "429", cause: "throttled", identityId: "caller-1" as IdentityId }),
  ]);
  return {
    ...batchOf(charges, requests),
    rowCounts: edges.map((at) => ({
      quarterHour: toInstant(at),
      account: TEST_ACCOUNT,
      deployment: "chat" as DeploymentName,
      source: "usage_log" as const,
      rows: 9n,
      duplicates: 2n,
      requests: 7n,
    })),
    rowFaults: edges.map((at) => ({
      quarterHour: toInstant(at),
      account: TEST_ACCOUNT,
      deployment: "chat" as DeploymentName,
      fault: "added_row" as const,
      count: 3n,
    })),
    identities: [{ identityId: "caller-1" as IdentityId, caller: "hash" } as unknown as Identity],
    bookVersion: book,
  };
}

async function filled(): Promise<OpenedLedger> {
  const ledger = await emptyLedger();
  await ledger.replaceBuckets(batchAround());
  await ledger.replaceMetricMinutes(
    SEPTEMBER,
    [TEST_ACCOUNT],
    [
      {
        minute: toInstant("2026-09-30T23:59:00Z"),
        account: TEST_ACCOUNT,
        deployment: "chat" as DeploymentName,
        series: "throttled",
        label: "",
        value: 2,
      },
    ],
  );
  return ledger;
}

function question(given: Partial<ChargeQuery> = {}): ChargeQuery {
  const sees = { kind: "everything" } as const;
  return { sees, period: SEPTEMBER, zone: UTC, grain: "day", groupBy: [], filter: {}, ...given };
}

/** Everything that pages ask of a month. */
async function everything(ledger: OpenedLedger) {
  const requests = { ...question({ groupBy: [] }), groupBy: ["status", "team"] as const, hasLatency: true };
  const { questions: _, ...receipt } = await ledger.receipt(question({ grain: "total" }));
  const now = toInstant("2026-11-21");
  const sees = { kind: "everything" } as const;
  return {
    byTeam: await ledger.sumCharges(question({ groupBy: ["team", "deployment", "model"] })),
    inIndia: await ledger.sumCharges(question({ zone: KOLKATA, groupBy: ["team"] })),
    byHour: await ledger.sumCharges(question({ grain: "total", groupBy: ["meter"] })),
    requests: await ledger.sumRequests({ ...requests, filter: {} }),
    requestsInIndia: await ledger.sumRequests({ ...requests, filter: {}, zone: KOLKATA }),
    receipt: { ...receipt, query: undefined },
    metrics: await ledger.sumMetrics({
      sees,
      period: SEPTEMBER,
      zone: UTC,
      grain: "day",
      series: ["throttled"],
      groupBy: ["deployment"],
      filter: {},
    }),
    faults: await ledger.dataFaults({ sees, period: SEPTEMBER, now }),
    coverage: await ledger.coverage({ sees, period: SEPTEMBER }),
    identities: await ledger.identities(["caller-1" as IdentityId]),
    states: await ledger.bucketStates(SEPTEMBER, now),
  };
}

async function hashOf(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

describe("a month's file", () => {
  test("gives a new ledger the month exactly, and that ledger writes the same bytes", async () => {
    const first = await filled();
    const [path, copy] = [join(folder, "first.parquet"), join(folder, "second.parquet")];
    const written = await first.writeMonthFile(SEPTEMBER, path);
    // 2 quarter hours × (6 charges + 2 requests + rows + fault + quarter) + a metric minute + an identity.
    expect(written).toMatchObject({ rows: 24, quarterHours: 2, bookVersions: ["book-1"] });
    const second = await emptyLedger();
    // Other keys come first, so that the numbers of keys differ.
    await second.replaceBuckets(batchOf([usageCharge("2026-10-05T10:00:00Z", { team: "elsewhere" })]));
    expect(await second.readMonthFile(SEPTEMBER, path)).toEqual(written);
    expect(await everything(second)).toEqual(await everything(first));
    await second.writeMonthFile(SEPTEMBER, copy);
    expect(await hashOf(copy)).toBe(await hashOf(path));
  });

  test("holds nothing of the quarter hours beside the month, and taking it in leaves those alone", async () => {
    const first = await filled();
    const path = join(folder, "edges.parquet");
    await first.writeMonthFile(SEPTEMBER, path);
    const second = await emptyLedger();
    const beside = ["2026-08-31T23:45:00Z", "2026-10-01T00:00:00Z"];
    await second.replaceBuckets(batchOf(beside.map((at) => usageCharge(at))));
    await second.readMonthFile(SEPTEMBER, path);
    const days = await second.sumCharges(
      question({ period: period(toInstant("2026-08-30"), toInstant("2026-10-03")) }),
    );
    const whole = await first.sumCharges(question());
    expect(days.map((row) => [row.bucket, row.contractedCost])).toEqual([
      ["2026-08-31", 200_000_000n],
      ...whole.map((row) => [row.bucket, row.contractedCost]),
      ["2026-10-01", 200_000_000n],
    ]);
    expect((await second.stats()).firstReadQuarterHour).toBe(toInstant(beside[0] ?? ""));
  });

  test("takes the place of what the ledger holds of the month", async () => {
    const path = join(folder, "again.parquet");
    const first = await filled();
    await first.writeMonthFile(SEPTEMBER, path);
    const before = await everything(first);
    await first.replaceBuckets(batchOf([usageCharge("2026-09-20T10:00:00Z")]));
    await first.readMonthFile(SEPTEMBER, path);
    expect(await everything(first)).toEqual(before);
  });

  test("fills only the quarter hours that the ledger does not hold where that is asked", async () => {
    const path = join(folder, "fill.parquet");
    await (await filled()).writeMonthFile(SEPTEMBER, path);
    const ledger = await emptyLedger();
    // Of the two quarter hours of the file this ledger has read one by itself, later, and one that the file does not know.
    const own = [
      usageCharge("2026-09-01T00:00:00Z", { tokens: 7n }),
      usageCharge("2026-09-20T10:00:00Z", { tokens: 8n }),
    ];
    await ledger.replaceBuckets(batchOf(own));
    await ledger.readMonthFile(SEPTEMBER, path, "fill");
    const days = await ledger.sumCharges(question({ groupBy: [] }));
    expect(days.map((row) => [row.bucket, row.inputTokens + row.outputTokens])).toEqual([
      ["2026-09-01", 7n],
      ["2026-09-20", 8n],
      // 1,234,567 + 89 + 5 + 7 + 11.
      ["2026-09-30", 1_234_679n],
    ]);
  });

  test("an empty month is a file too", async () => {
    const ledger = await emptyLedger();
    const path = join(folder, "empty.parquet");
    const written = await ledger.writeMonthFile(SEPTEMBER, path);
    expect(written).toMatchObject({ rows: 0, quarterHours: 0, bookVersions: [], contractedCost: 0n });
    expect(await ledger.readMonthFile(SEPTEMBER, path)).toEqual(written);
  });

  test("knows each price book that priced a part of it", async () => {
    const ledger = await filled();
    const at = (start: Instant, book: string) => ({ ...batchOf([usageCharge(start)]), bookVersion: book });
    await ledger.replaceBuckets(at(toInstant("2026-09-20T10:00:00Z"), "book-2"));
    // Reading again by another book prices nothing again, so it is none of the month's books.
    await ledger.replaceBuckets(at(toInstant("2026-09-01T00:00:00Z"), "book-3"));
    await ledger.replaceBuckets(at(addMs(SEPTEMBER.end, QUARTER_HOUR_MS), "book-4"));
    expect((await ledger.months(FIRST_OF_MONTH)).map(({ month, bookVersions }) => [month, bookVersions])).toEqual([
      ["2026-08", ["book-1"]],
      ["2026-09", ["book-1", "book-2"]],
      ["2026-10", ["book-1", "book-4"]],
    ]);
    await ledger.repriceCharges([], SEPTEMBER, "book-5");
    expect((await ledger.months(FIRST_OF_MONTH)).map(({ bookVersions }) => bookVersions)[1]).toEqual(["book-5"]);
  });

  test.each<[string, number, string[]]>([
    ["at the first", 1, ["2026-09 2026-09-01 2026-10-01 1", "2026-10 2026-10-01 2026-11-01 3"]],
    ["at the 15th", 15, ["2026-09 2026-09-15 2026-10-15 2", "2026-10 2026-10-15 2026-11-15 2"]],
    ["at the last day", 31, ["2026-09 2026-09-30 2026-10-31 3", "2026-10 2026-10-31 2026-11-30 1"]],
  ])("billing periods that start %s hold the quarter hours of their days", async (_name, day, wanted) => {
    const ledger = await emptyLedger();
    const quarterHours = [
      "2026-09-30T23:45:00Z",
      "2026-10-14T23:45:00Z",
      "2026-10-15T00:00:00Z",
      "2026-10-31T00:00:00Z",
    ].map(toInstant);
    await ledger.replaceBuckets(batchOf([], [], quarterHours));
    const months = await ledger.months(day as BillingStartDay);
    expect(
      months.map(({ month, period: { start, end }, quarterHours: count }) =>
        [month, toIso(start).slice(0, 10), toIso(end).slice(0, 10), count].join(" "),
      ),
    ).toEqual(wanted);
  });
});

describe("a file that is not what it should be is refused, and the ledger stays as it was", () => {
  test.each([
    ["a torn file", async (bytes: Buffer) => bytes.subarray(0, bytes.length - 100), /no Parquet file, or only part/],
    ["a text", async () => Buffer.from("not a parquet file at all"), /no Parquet file/],
    ["nothing", async () => Buffer.alloc(0), /no Parquet file/],
  ])("%s", async (name, spoil, words) => {
    const ledger = await filled();
    const path = join(folder, `${name}.parquet`);
    await ledger.writeMonthFile(SEPTEMBER, path);
    await writeFile(path, await spoil(await readFile(path)));
    const before = await everything(ledger);
    await expect(ledger.readMonthFile(SEPTEMBER, path)).rejects.toThrow(words);
    expect(await everything(ledger)).toEqual(before);
  });

  test("another month's file", async () => {
    const ledger = await filled();
    const path = join(folder, "october.parquet");
    await ledger.writeMonthFile(period(toInstant("2026-10-01"), toInstant("2026-11-01")), path);
    await expect(ledger.readMonthFile(SEPTEMBER, path)).rejects.toThrow(
      "It holds 2026-10-01T00:00:00.000Z to 2026-11-01T00:00:00.000Z, which is another month.",
    );
  });
});
