import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDemoTruth } from "../embedded/demo/truth/demo-truth.ts";
import type { OpenedLedger } from "../ledger/open-ledger.ts";
import { addMs, HOUR_MS, type Instant, period, toInstant } from "../time/instant.ts";
import { addDays, dayOf, periodOfDays, UTC, type ZoneId } from "../time/zone.ts";
import { openDemoPipe } from "./demo-pipe.testing.ts";

const ZONES = ["UTC", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"] as ZoneId[];
const EVERYTHING = { kind: "everything" } as const;
const DAY_MS = 24 * HOUR_MS;
/** The history holds the day on which `flagship` moved to a newer model. */
const CREATED = toInstant("2026-07-08T12:00:00Z");
const HISTORY_DAYS = 9;

describe("a demo whose raw tables begin two days ago, with nine days of summary rows before", {
  timeout: 120_000,
}, () => {
  let pipe: Awaited<ReturnType<typeof openDemoPipe>>;
  let ledger: OpenedLedger;
  let rawStart: Instant;
  beforeAll(async () => {
    pipe = await openDemoPipe({
      createdAt: CREATED,
      days: 2,
      historyDays: HISTORY_DAYS,
      requestsPerDay: 1_500,
      zones: ZONES,
    });
    const fresh = await pipe.openFresh();
    ledger = fresh.ledger;
    expect((await fresh.ingestion.runCycle(CREATED)).failures).toEqual([]);
    expect(await fresh.ingestion.readBack(CREATED, () => {})).toMatchObject({ state: "complete" });
    rawStart = toInstant("2026-07-06T00:00:00Z");
  }, 280_000);
  afterAll(async () => {
    ledger.close();
    await pipe.close();
  });

  test("equals its truth to the last token and picodollar in five zones, on both sides of the edge", async () => {
    const truth = await readDemoTruth(pipe.workspace.database, { sources: ["expected"] });
    if (!truth) throw new Error("The workspace holds a demo, so it has a truth.");
    let compared = 0;
    for (const zone of ZONES) {
      const from = addDays(dayOf(addMs(rawStart, -HISTORY_DAYS * DAY_MS), zone), 1);
      const to = dayOf(toInstant(truth.settledUntil), zone);
      for (const group of ["total", "deployment", "model", "team"] as const) {
        const wanted = truth.lines
          .filter((line) => line.zone === zone && line.groupBy === group && line.day >= from && line.day < to)
          .map(({ day, value, tokens: { input, cached_input, output }, unpricedTokens, picodollars: { upper } }) =>
            [day, value, input, cached_input, output, unpricedTokens, upper, upper].join(" "),
          )
          .filter((line) => !/( 0){6}$/.test(line));
        const sums = await ledger.sumCharges({
          sees: EVERYTHING,
          period: periodOfDays(from, to, zone),
          zone,
          grain: "day",
          groupBy: group === "total" ? [] : [group],
          filter: {},
        });
        const shown = sums.map((sum) =>
          [
            sum.bucket,
            group === "total" ? "" : sum.keys[group],
            sum.inputTokens,
            sum.cachedInputTokens,
            sum.outputTokens,
            sum.unpricedTokens,
            sum.contractedCost,
            sum.contractedCostUpper,
          ].join(" "),
        );
        expect(shown.toSorted(), `${zone} by ${group}`).toEqual(wanted.toSorted());
        compared += wanted.length;
      }
    }
    expect(compared).toBeGreaterThan(1_000);
  });

  test("counts the requests of the summary once, without a latency", async () => {
    const truth = await readDemoTruth(pipe.workspace.database, {
      sources: ["request_response"],
      groups: ["total"],
      zones: ["UTC"],
    });
    const within = period(addMs(rawStart, -5 * DAY_MS), addMs(rawStart, -2 * DAY_MS));
    const wanted = (truth?.lines ?? [])
      .filter(({ day }) => day >= "2026-07-01" && day < "2026-07-04")
      .reduce((sum, { requests }) => sum + BigInt(requests ?? "0"), 0n);
    const [sum] = await ledger.sumRequests({
      sees: EVERYTHING,
      period: within,
      zone: UTC,
      grain: "total",
      groupBy: [],
      filter: {},
      hasLatency: true,
    });
    expect(wanted).toBeGreaterThan(0n);
    expect(sum?.requests).toBe(wanted);
    expect(sum?.latency).toMatchObject({ measured: 0n, p50: null, p95: null });
  });

  test("says in receipts where the quarter hours were read, and compares counts of the raw tables only", async () => {
    const ask = (from: Instant, to: Instant) =>
      ledger.receipt({
        sees: EVERYTHING,
        period: period(from, to),
        zone: UTC,
        grain: "total",
        groupBy: [],
        filter: {},
      });
    const edge = await ask(addMs(rawStart, -DAY_MS), addMs(rawStart, DAY_MS));
    expect(edge.byOrigin).toEqual([
      { origin: "summary", quarterHours: 96, from: addMs(rawStart, -DAY_MS), to: rawStart },
      { origin: "logs", quarterHours: 96, from: rawStart, to: addMs(rawStart, DAY_MS) },
    ]);
    expect(edge.isComplete).toBe(true);
    const before = addMs(rawStart, -(HISTORY_DAYS + 1) * DAY_MS);
    expect(await ask(before, addMs(before, DAY_MS))).toMatchObject({ isComplete: false, byOrigin: [] });
    const old = await ledger.coverage({ sees: EVERYTHING, period: period(addMs(rawStart, -DAY_MS), rawStart) });
    expect(old.length).toBeGreaterThan(0);
    for (const row of old) {
      expect(row.requests).toBeGreaterThan(0n);
      expect([row.requestsByLog, row.requestsByMetric, row.requestsByGateway]).toEqual([null, null, null]);
    }
    const reach = await ledger.reach();
    expect(reach.filter(({ origin }) => origin === "summary").map(({ source }) => source)).toEqual([
      "gateway_log",
      "request_response",
      "span",
      "usage_log",
    ]);
    for (const { origin, from } of reach) {
      if (origin === "summary") expect(from).toBeLessThan(addMs(rawStart, -(HISTORY_DAYS - 1) * DAY_MS));
      else expect(from).toBeGreaterThanOrEqual(rawStart);
    }
  });

  test("leaves the quarter hours of a bin that did not run unread, not empty", async () => {
    await pipe.workspace.database.withConnection(
      async (connection) =>
        void (await connection.run(
          `DELETE FROM "TokenLedgerSummary_CL" WHERE "rowOf" = 'bin' AND "_BinStartTime" = TIMESTAMP '2026-06-28'`,
        )),
    );
    const again = await pipe.openFresh();
    await again.ingestion.runCycle(CREATED);
    await again.ingestion.readBack(CREATED, () => {});
    const states = await again.ledger.bucketStates(
      period(toInstant("2026-06-27T00:00:00Z"), toInstant("2026-06-30T00:00:00Z")),
      CREATED,
    );
    expect(states.map(({ state, start }) => [state, new Date(start).toISOString().slice(0, 10)])).toEqual([
      ["final", "2026-06-27"],
      ["unread", "2026-06-28"],
      ["final", "2026-06-29"],
    ]);
    again.ledger.close();
  });
});
