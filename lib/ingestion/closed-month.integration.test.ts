import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { OpenedLedger } from "../ledger/open-ledger.ts";
import { addMs, HOUR_MS, period, toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { openDemoPipe } from "./demo-pipe.testing.ts";

const EVERYTHING = { kind: "everything" } as const;
const OCTOBER = period(toInstant("2026-10-01"), toInstant("2026-11-01"));
/** The close; the demo is made later, so that rows of October are still on their way. */
const CLOSE = toInstant("2026-11-01T00:01:00Z");

let folder: string;
let pipe: Awaited<ReturnType<typeof openDemoPipe>>;
const ledgers: OpenedLedger[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "token-ledger-closed-"));
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
  await rm(folder, { recursive: true, force: true });
});

async function read(prepare: (ledger: OpenedLedger) => Promise<void> = async () => undefined) {
  const fresh = await pipe.openFresh();
  ledgers.push(fresh.ledger);
  await prepare(fresh.ledger);
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

/** Cost and tokens of what came after October, by day. */
async function november(ledger: OpenedLedger) {
  const within = period(OCTOBER.end, addMs(OCTOBER.end, 48 * HOUR_MS));
  const rows = await ledger.sumCharges({
    sees: EVERYTHING,
    period: within,
    zone: UTC,
    grain: "day",
    groupBy: ["deployment"],
    filter: {},
  });
  expect(rows.length).toBeGreaterThan(0);
  return rows;
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
  const { ledger: unclosed } = await read();
  const whole = await october(unclosed);
  expect({ requests: late?.requests, tokens: late?.tokens }).toEqual({
    requests: whole.requests - before.requests,
    tokens: whole.tokens - before.tokens,
  });
  expect(await november(ledger)).toEqual(await november(unclosed));

  // A new ledger begins with the archived month and reads the rest: what is older than its first look is no reason to stop.
  const path = join(folder, "october.parquet");
  await ledger.writeMonthFile(OCTOBER, path);
  const rebuilt = await read(async (fresh) => {
    await fresh.setClosed([OCTOBER]);
    await fresh.readMonthFile(OCTOBER, path);
  });
  expect(await october(rebuilt.ledger)).toEqual(before);
  expect(await november(rebuilt.ledger)).toEqual(await november(unclosed));
  const found = (await rebuilt.ledger.afterClose()).map(({ requests, tokens }) => ({ requests, tokens }));
  expect(found).toEqual([{ requests: late?.requests, tokens: late?.tokens }]);
}, 240_000);
