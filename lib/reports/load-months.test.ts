import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR, type Principal } from "../auth/principal.ts";
import { closeMonth } from "../commands/close-month.ts";
import { openState, type State } from "../db/state.ts";
import { batchOf, ownedRequests, usageCharge } from "../ledger/ledger.testing.ts";
import { type OpenedLedger, openLedger } from "../ledger/open-ledger.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { addMs, type Instant, QUARTER_HOUR_MS, toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { openArchive } from "../wiring/archive.ts";
import { loadMonths } from "./load-months.ts";
import type { StatedSources } from "./page-context.ts";

const NOW = toInstant("2026-11-21T12:00:00Z");
let dataDir: string;
let state: State;
let ledger: OpenedLedger;

/** 100 tokens at 200,000,000 picodollars on the 15th of three months; October has a hole of two hours. */
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "token-ledger-load-months-"));
  state = await openState({ sqlitePath: ":memory:" });
  ledger = await newLedger();
  const quarterHours: Instant[] = [];
  const hole = [toInstant("2026-10-20T10:00:00Z"), toInstant("2026-10-20T12:00:00Z")] as const;
  for (let at = toInstant("2026-09-10"); at < NOW; at = addMs(at, QUARTER_HOUR_MS))
    if (at < hole[0] || at >= hole[1]) quarterHours.push(at);
  const days = ["2026-09-15T10:00:00Z", "2026-10-15T10:00:00Z", "2026-11-15T10:00:00Z"];
  const charges = days.map((at) => usageCharge(at, { tokens: 1_000_000n }));
  await ledger.replaceBuckets({ ...batchOf(charges, [], quarterHours), bookVersion: "book-1" });
});
afterAll(async () => {
  ledger.close();
  await state.close();
  await rm(dataDir, { recursive: true, force: true });
});

function newLedger() {
  return openLedger({ path: ":memory:", zones: [], questions: () => [] });
}

async function months(of: OpenedLedger, principal: Principal = LOCAL_ADMINISTRATOR) {
  const stated = { book: "USD", currency: "USD", pair: null, note: null };
  // Only what the loader reads.
  const sources = { ledger: of, charged: of, state, stated } as unknown as StatedSources;
  return loadMonths(principal, sources, { zone: UTC, now: NOW });
}

function texts(report: Awaited<ReturnType<typeof months>>) {
  return report?.rows.map(({ cells }) =>
    [cells.month, cells.cost, cells.state, cells.after].map((cell) =>
      cell?.note ? `${cell.text} (${cell.note})` : cell?.text,
    ),
  );
}

test("says of each month whether it is closed, can be closed, or why not; then what came after and what is missing", async () => {
  const open = await months(ledger);
  expect(texts(open)).toEqual([
    ["November 2026", "$2.00", "open (It ends at 2026-12-01 00:00 UTC.)", "–"],
    ["October 2026", "$2.00", "open (2 hours of it were never read, the first at 2026-10-20 10:00 UTC.)", "–"],
    ["September 2026", "$2.00", "open; can be closed", "–"],
  ]);
  expect(open?.closable).toEqual([
    { month: "2026-09", name: "September 2026", cost: "$2.00", books: "price book book-1" },
  ]);

  const archive = openArchive({ state, ledger, dataDir });
  const room = { state, ledger, archive, now: () => NOW, priceBook: async () => loadBundledCatalogue() };
  const { archived } = await closeMonth(LOCAL_ADMINISTRATOR, room, { month: "2026-09" });
  const late = batchOf(
    [usageCharge("2026-09-15T10:00:00Z", { tokens: 1_500_000n })],
    [ownedRequests("2026-09-15T10:00:00Z", { requests: 3n })],
  );
  await ledger.replaceBuckets({ ...late, readAt: toInstant("2026-11-20T08:00:00Z") });
  const closed = await months(ledger);
  expect(closed?.closable).toEqual([]);
  expect(texts(closed)?.[2]).toEqual([
    "September 2026",
    "$2.00",
    "closed (21 Nov 2026 12:00 UTC by Local administrator)",
    "+$1.00 (3 requests, 500,000 tokens, in no total; last seen 20 Nov 08:00 UTC)",
  ]);
  expect(closed?.rows[2]?.cells).toMatchObject({
    books: { text: "book-1" },
    rows: { exact: String(archived.rows) },
    bytes: { exact: String(archived.bytes) },
    hash: { text: archived.hash.slice(0, 12) },
  });

  const fresh = await newLedger();
  for (const name of await readdir(join(dataDir, "archive"))) await rm(join(dataDir, "archive", name));
  await openArchive({ state, ledger: fresh, dataDir }).load();
  const missing = await months(fresh);
  expect(texts(missing)).toEqual([["September 2026", "–", "missing: its archive cannot be used", "–"]]);
  expect(missing?.failures).toEqual([expect.stringContaining("The file is missing.")]);
  fresh.close();
});

test("who sees single teams only is told of no month, and who may not change anything may not close one", async () => {
  const lead: Principal = { ...LOCAL_ADMINISTRATOR, role: "viewer", sees: { kind: "teams", teams: ["checkout"] } };
  expect(await months(ledger, lead)).toBeNull();
  expect((await months(ledger, { ...LOCAL_ADMINISTRATOR, role: "viewer" }))?.canClose).toBe(false);
});
