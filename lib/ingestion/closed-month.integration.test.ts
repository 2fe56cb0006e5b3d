import { afterAll, beforeAll, expect, test } from "vitest";
import type { OpenedLedger } from "../ledger/open-ledger.ts";
import { addMs, HOUR_MS, period, toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { openDemoPipe } from "./demo-pipe.testing.ts";

const EVERYTHING = { kind: "everything" } as const;
const OCTOBER = period(toInstant("2026-10-01"), toInstant("2026-11-01"));
/** The close; the demo is made later, so that rows of October are still on their way. */
const CLOSE = toInstant("2026-11-01T00:01:00Z");

let pipe: Awaited<ReturnType<typeof openDemoPipe>>;
const ledgers: OpenedLedger[] = [];
beforeAll(async () => {
  pipe = await openDemoPipe({
    createdAt: toInstant("2026-11-02T02:00:00Z"),
    days: 2,
    requestsPerDay: 900,
    zones: [UTC],
    until: CLOSE,
  });
}, 120_000);
afterAll(async () => {
  for (const ledger of ledgers) ledger.close();
  await pipe.close();
});

async function read() {
  const fresh = await pipe.openFresh();
  ledgers.push(fresh.ledger);
  expect((await fresh.ingestion.runCycle(pipe.now())).failures).toEqual([]);
  expect(await fresh.ingestion.readBack(pipe.now(), () => {})).toMatchObject({ state: "complete" });
  return fresh;
}

/** Tokens and cost of October that log rows tell, and its requests. */
async function october(ledger: OpenedLedger) {
  const charges = await ledger.sumCharges({
    sees: EVERYTHING,
    period: OCTOBER,
    zone: UTC,
    grain: "total",
    groupBy: ["confidence"],
    filter: {},
  });
  const requests = await ledger.sumRequests({
    sees: EVERYTHING,
    period: OCTOBER,
    zone: UTC,
    grain: "total",
    groupBy: [],
    filter: {},
    hasLatency: false,
  });
  const logged = charges.filter((row) => row.keys.confidence !== "metric_only");
  return {
    tokens: logged.reduce(
      (sum, row) => sum + row.inputTokens + row.cachedInputTokens + row.cacheWriteTokens + row.outputTokens,
      0n,
    ),
    cost: charges.reduce((sum, row) => sum + row.contractedCost, 0n),
    requests: requests.reduce((sum, row) => sum + row.requests, 0n),
  };
}

test("rows that come after the close are counted to the last token, and no figure of the month moves", async () => {
  const { ledger, ingestion } = await read();
  const before = await october(ledger);
  await ledger.setClosed([OCTOBER]);
  for (const hours of [0.25, 2, 24]) {
    await pipe.grow(addMs(CLOSE, hours * HOUR_MS));
    expect((await ingestion.runCycle(pipe.now())).failures).toEqual([]);
    expect(await october(ledger)).toEqual(before);
  }
  const [late] = await ledger.afterClose();
  expect(late?.requests).toBeGreaterThan(0n);
  const whole = await october((await read()).ledger);
  expect({ requests: late?.requests, tokens: late?.tokens }).toEqual({
    requests: whole.requests - before.requests,
    tokens: whole.tokens - before.tokens,
  });
  // November went on.
  const [november] = await ledger.sumRequests({
    sees: EVERYTHING,
    period: period(OCTOBER.end, addMs(OCTOBER.end, 48 * HOUR_MS)),
    zone: UTC,
    grain: "total",
    groupBy: [],
    filter: {},
    hasLatency: false,
  });
  expect(november?.requests).toBeGreaterThan(0n);
}, 240_000);
