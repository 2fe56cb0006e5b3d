import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ForbiddenError } from "../auth/authorise.ts";
import { LOCAL_ADMINISTRATOR, type Principal } from "../auth/principal.ts";
import type { ArchivedMonth } from "../db/archived-months.ts";
import { findBrokenAudit, listAudit } from "../db/audit-log.ts";
import { listClosedMonths } from "../db/closed-months.ts";
import { openState, type State } from "../db/state.ts";
import { describeOnBothDialects } from "../db/testing/both-dialects.ts";
import { batchOf, ownedRequests, usageCharge } from "../ledger/ledger.testing.ts";
import { type OpenedLedger, openLedger } from "../ledger/open-ledger.ts";
import { toDecimal } from "../money/money.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { priceUsage } from "../pricing/price-usage.ts";
import { FIRST_OF_MONTH } from "../time/billing-period.ts";
import { addMs, type Instant, period, QUARTER_HOUR_MS, toInstant, toIso } from "../time/instant.ts";
import { type FiscalStart, UTC, type ZoneId } from "../time/zone.ts";
import { archiveForgotten, openArchive } from "../wiring/archive.ts";
import { closeMonth } from "./close-month.ts";
import { InputError } from "./command-context.ts";
import { applyRepricing, closedText, previewRepricing, repricingView } from "./repricing.ts";
import { updateSettings } from "./settings.ts";

const LIST = loadBundledCatalogue();
const LESS_TEN: PriceBook = {
  ...LIST,
  version: "less ten",
  negotiated: [
    {
      id: "a",
      about: {},
      terms: { kind: "discount", percent: "10" },
      validFrom: toInstant("2026-01-01"),
      validTo: null,
      source: "EA 4711",
    },
  ],
};
const NOW = toInstant("2026-11-21T12:00:00Z");
const WITHIN = period(toInstant("2026-09-20"), toInstant("2026-11-21"));
const OCTOBER = period(toInstant("2026-10-01"), toInstant("2026-11-01"));
const FROM_15_OCTOBER = period(toInstant("2026-10-15"), toInstant("2026-11-15"));
/** Both edges of October with the quarter hours beside them, and one call a day inside. */
const CALLS = [
  "2026-09-30T23:45:00Z",
  "2026-10-01T00:00:00Z",
  "2026-10-15T10:00:00Z",
  "2026-10-31T23:45:00Z",
  "2026-11-01T00:00:00Z",
] as const;

let folders: string;
beforeAll(async () => {
  folders = await mkdtemp(join(tmpdir(), "token-ledger-closing-"));
});
afterAll(() => rm(folders, { recursive: true, force: true }));
const ledgers: OpenedLedger[] = [];
afterEach(() => {
  for (const ledger of ledgers.splice(0)) ledger.close();
});

async function emptyLedger(): Promise<OpenedLedger> {
  const zones = ["Asia/Kolkata" as ZoneId];
  const ledger = await openLedger({ path: ":memory:", zones, questions: () => [] });
  ledgers.push(ledger);
  return ledger;
}

/** A million tokens at 2 USD in each of the quarter hours of `CALLS`; every quarter hour around them is read. */
async function filledLedger(): Promise<OpenedLedger> {
  const ledger = await emptyLedger();
  const quarterHours: Instant[] = [];
  for (let at = WITHIN.start; at < WITHIN.end; at = addMs(at, QUARTER_HOUR_MS)) quarterHours.push(at);
  const charges = CALLS.map((at) => priced(at));
  const requests = CALLS.map((at) => ownedRequests(at));
  await ledger.replaceBuckets({ ...batchOf(charges, requests, quarterHours), bookVersion: LIST.version });
  return ledger;
}

function priced(at: string, tokens = 1_000_000n, book: PriceBook = LIST) {
  const { fact, owner } = usageCharge(at, { tokens });
  return { kind: "usage" as const, fact, owner, pricing: priceUsage(fact, book) };
}

async function roomOf(state: State, ledger: OpenedLedger, dataDir: string, book: PriceBook = LIST) {
  const archive = openArchive({ state, ledger, dataDir });
  return { state, ledger, archive, now: () => NOW, priceBook: async () => book, zones: () => [UTC] };
}

async function months(ledger: OpenedLedger) {
  const sees = { kind: "everything" } as const;
  const rows = await ledger.sumCharges({ sees, period: WITHIN, zone: UTC, grain: "month", groupBy: [], filter: {} });
  return rows.map((row) => `${row.bucket} ${toDecimal(row.contractedCost)}`);
}

async function receipt(ledger: OpenedLedger) {
  const sees = { kind: "everything" } as const;
  return ledger.receipt({ sees, period: OCTOBER, zone: UTC, grain: "total", groupBy: [], filter: {} });
}

const newFolder = () => mkdtemp(join(folders, "data-"));

await describeOnBothDialects("closing a month", (under) => {
  test("freezes its charges, archives them with a hash and stands in the audit log", async () => {
    const state = await under.open();
    const room = await roomOf(state, await filledLedger(), await newFolder());
    const { closed, archived } = await closeMonth(LOCAL_ADMINISTRATOR, room, { month: "2026-10" });
    expect([toDecimal(closed.contractedCost), closed.currency, closed.bookVersions]).toEqual([
      "6",
      "USD",
      [LIST.version],
    ]);
    expect(await listClosedMonths(state.db)).toEqual([closed]);
    expect(await room.archive.list()).toEqual([archived]);
    expect(archived.quarterHours).toBe(31 * 96);
    expect(await room.archive.verify()).toEqual([{ month: archived, problem: null }]);
    const [entry, ...others] = await listAudit(state.db, 10);
    expect(others).toEqual([]);
    expect(entry).toMatchObject({
      action: "month.close",
      subjectKind: "month",
      subjectId: "2026-10",
      actorId: LOCAL_ADMINISTRATOR.id,
      after: { cost: "6", currency: "USD", hash: archived.hash, bookVersions: [LIST.version] },
    });
    expect(await findBrokenAudit(state.db)).toBeNull();
  });

  test("re-pricing names it and leaves it alone, and moves both neighbours", async () => {
    const state = await under.open();
    const ledger = await filledLedger();
    const dataDir = await newFolder();
    await closeMonth(LOCAL_ADMINISTRATOR, await roomOf(state, ledger, dataDir), { month: "2026-10" });
    const room = await roomOf(state, ledger, dataDir, LESS_TEN);
    const preview = await previewRepricing(LOCAL_ADMINISTRATOR, room);
    expect(preview?.closed).toEqual([OCTOBER]);
    expect(preview && repricingView(preview).closed).toBe("October 2026");
    expect(preview?.rows.map((row) => [row.label, toDecimal(row.before), toDecimal(row.after), row.changed])).toEqual([
      ["2026-09", "2", "1.8", 1],
      ["2026-10", "6", "6", 0],
      ["2026-11", "2", "1.8", 1],
    ]);
    expect((await applyRepricing(LOCAL_ADMINISTRATOR, room)).changed).toBe(2);
    expect(await months(ledger)).toEqual(["2026-09-01 1.8", "2026-10-01 6", "2026-11-01 1.8"]);
    expect((await listAudit(state.db, 1))[0]?.after).toMatchObject({ closedMonths: ["2026-10"] });
    expect((await ledger.months(FIRST_OF_MONTH)).map(({ bookVersions }) => bookVersions)).toEqual([
      ["less ten"],
      [LIST.version],
      ["less ten"],
    ]);
  });

  test("a new ledger loads it from the archive exactly, and goes on leaving it alone", async () => {
    const state = await under.open();
    const dataDir = await newFolder();
    const before = await filledLedger();
    await closeMonth(LOCAL_ADMINISTRATOR, await roomOf(state, before, dataDir), { month: "2026-10" });
    const after = await emptyLedger();
    const room = await roomOf(state, after, dataDir);
    expect(await room.archive.load()).toEqual([]);
    expect(await receipt(after)).toEqual(await receipt(before));
    expect(await months(after)).toEqual(["2026-10-01 6"]);
    // The read-back comes by with today's prices and with a row that is late.
    await after.replaceBuckets(batchOf(CALLS.map((at) => priced(at, 1_500_000n, LESS_TEN))));
    expect(await months(after)).toEqual(["2026-09-01 2.7", "2026-10-01 6", "2026-11-01 2.7"]);
    expect((await after.afterClose()).map(({ tokens, contractedCost }) => [tokens, toDecimal(contractedCost)])).toEqual(
      [[1_500_000n, "3"]],
    );
    expect(await room.archive.load()).toEqual([]);
    expect((await after.afterClose()).length).toBe(1);
  });

  test.each([
    [
      "a changed byte",
      (bytes: Buffer) =>
        Buffer.concat([bytes.subarray(0, 40), Buffer.from([(bytes[40] ?? 0) ^ 1]), bytes.subarray(41)]),
      /was changed after it was written/,
    ],
    ["a torn file", (bytes: Buffer) => bytes.subarray(0, bytes.length / 2), /is not what was written/],
    ["a missing file", () => null, /is missing|has 0 bytes/],
  ] as const)("%s is refused by name, and nothing of it is loaded", async (_name, spoil, words) => {
    const state = await under.open();
    const dataDir = await newFolder();
    const ledger = await filledLedger();
    const room = await roomOf(state, ledger, dataDir);
    const { archived } = await closeMonth(LOCAL_ADMINISTRATOR, room, { month: "2026-10" });
    const whole = await spoilArchive(state, dataDir, spoil);
    const [verified] = await room.archive.verify();
    expect(verified?.problem).toMatch(words);
    expect(verified?.problem).toContain("2026-10");

    const fresh = await emptyLedger();
    const freshRoom = await roomOf(state, fresh, dataDir);
    const [failure, ...others] = await freshRoom.archive.load();
    expect(others).toEqual([]);
    expect(failure).toMatch(words);
    expect(failure).toContain(freshRoom.archive.nameOf(archived));
    expect(await fresh.heldMonths()).toEqual([{ month: "2026-10", hash: "", failure }]);
    // Nor does the workspace of today take its place.
    await fresh.replaceBuckets(batchOf(CALLS.map((at) => priced(at, 1_000_000n, LESS_TEN))));
    expect(await months(fresh)).toEqual(["2026-09-01 1.8", "2026-11-01 1.8"]);

    await whole();
    expect(await freshRoom.archive.load()).toEqual([]);
    expect(await months(fresh)).toEqual(["2026-09-01 1.8", "2026-10-01 6", "2026-11-01 1.8"]);
  });

  test("refuses in words, and closes nothing", async () => {
    const state = await under.open();
    const ledger = await filledLedger();
    const room = await roomOf(state, ledger, await newFolder());
    await closeMonth(LOCAL_ADMINISTRATOR, room, { month: "2026-10" });
    for (const [month, words] of [
      ["2026-10", "2026-10 cannot be closed. It is closed already."],
      ["2026-11", "2026-11 cannot be closed. It ends at 2026-12-01 00:00 UTC."],
      ["2026-08", "2026-08 cannot be closed. The ledger holds nothing of it."],
      ["October", 'Write the month as 2026-10, not "October".'],
      [undefined, "Say which month, as 2026-10."],
    ] as const) {
      await expect(closeMonth(LOCAL_ADMINISTRATOR, room, { month })).rejects.toThrow(new InputError({ month: words }));
    }
    const reader: Principal = { ...LOCAL_ADMINISTRATOR, role: "viewer" };
    await expect(closeMonth(reader, room, { month: "2026-09" })).rejects.toThrow(ForbiddenError);
    expect(await ledger.closedPeriods()).toEqual([OCTOBER]);
    expect((await listAudit(state.db, 10)).length).toBe(1);
  });

  test("when the archive cannot be written, the month stays open", async () => {
    const state = await under.open();
    const ledger = await filledLedger();
    const room = await roomOf(state, ledger, await newFolder());
    const archive = {
      ...room.archive,
      store: async () => {
        throw new Error("no space left");
      },
    };
    await expect(closeMonth(LOCAL_ADMINISTRATOR, { ...room, archive }, { month: "2026-10" })).rejects.toThrow(
      "no space left",
    );
    expect(await ledger.closedPeriods()).toEqual([]);
    expect(await listClosedMonths(state.db)).toEqual([]);
  });

  test("a close that was cut off before it was noted is forgotten at the next start", async () => {
    const state = await under.open();
    const ledger = await filledLedger();
    const room = await roomOf(state, ledger, await newFolder());
    await ledger.setClosed([OCTOBER]);
    await room.archive.load();
    expect(await ledger.closedPeriods()).toEqual([]);
  });

  test("what the workspace forgets is archived before it does, and again after it was priced again", async () => {
    const state = await under.open();
    const dataDir = await newFolder();
    const ledger = await filledLedger();
    const room = await roomOf(state, ledger, dataDir, LESS_TEN);
    const oldest = toInstant("2026-09-23T12:00:00Z");
    expect(await archiveForgotten(room, oldest)).toEqual(["2026-09"]);
    const first = await room.archive.list();
    await applyRepricing(LOCAL_ADMINISTRATOR, room);
    const second = await room.archive.list();
    expect(second.map(({ month, bookVersions }) => [month, bookVersions])).toEqual([["2026-09", ["less ten"]]]);
    expect(second[0]?.hash).not.toBe(first[0]?.hash);
    if (under.dialect === "sqlite") expect((await readdir(join(dataDir, "archive"))).length).toBe(1);

    const fresh = await emptyLedger();
    expect(await (await roomOf(state, fresh, dataDir)).archive.load()).toEqual([]);
    expect(await months(fresh)).toEqual(["2026-09-01 1.8"]);
    // A ledger that holds the month already keeps what it has.
    const owning = await filledLedger();
    await (await roomOf(state, owning, dataDir)).archive.load();
    expect(await months(owning)).toEqual(["2026-09-01 2", "2026-10-01 6", "2026-11-01 2"]);
  });
});

describe("billing periods that start on the 15th", () => {
  async function fromThe15th() {
    const state = await openState({ sqlitePath: ":memory:" });
    const defaults = { zone: UTC, fiscalStart: "01-01" as FiscalStart, theme: "system" } as const;
    const start = (billingStartDay: number) =>
      updateSettings(LOCAL_ADMINISTRATOR, { state, now: NOW, defaults }, { billingStartDay });
    await start(15);
    return { state, start, dataDir: await newFolder() };
  }

  test("are closed, archived and left alone at their own days, and then keep the start day", async () => {
    const { state, start, dataDir } = await fromThe15th();
    const ledger = await filledLedger();
    const room = await roomOf(state, ledger, dataDir, LESS_TEN);
    await expect(
      closeMonth(
        LOCAL_ADMINISTRATOR,
        { ...room, now: () => toInstant("2026-11-17T23:59:59.999Z") },
        { month: "2026-10" },
      ),
    ).rejects.toThrow("it can be closed from 2026-11-18 00:00 UTC on.");
    const { closed, archived } = await closeMonth(LOCAL_ADMINISTRATOR, room, { month: "2026-10" });
    // 15 October 10:00, 31 October 23:45 and 1 November 00:00; the two before belong to the period that starts on 15 September.
    expect([closed.period, toDecimal(closed.contractedCost)]).toEqual([FROM_15_OCTOBER, "6"]);
    expect((await room.archive.list()).map(({ month, period: of, hash }) => [month, of, hash])).toEqual([
      ["2026-10", FROM_15_OCTOBER, archived.hash],
    ]);
    const preview = await previewRepricing(LOCAL_ADMINISTRATOR, room);
    expect(preview && repricingView(preview).closed).toBe("15 Oct – 14 Nov 2026");
    expect((await applyRepricing(LOCAL_ADMINISTRATOR, room)).changed).toBe(2);
    expect(await months(ledger)).toEqual(["2026-09-01 1.8", "2026-10-01 5.8", "2026-11-01 2"]);

    const fresh = await emptyLedger();
    expect(await (await roomOf(state, fresh, dataDir)).archive.load()).toEqual([]);
    expect(await fresh.closedPeriods()).toEqual([FROM_15_OCTOBER]);
    expect(await months(fresh)).toEqual(["2026-10-01 4", "2026-11-01 2"]);

    await expect(start(1)).rejects.toThrow(
      "1 period is closed, the last 15 Oct – 14 Nov 2026. A closed period keeps its days, and another start day would cut through it: it stays day 15.",
    );
    expect(await start(15)).toMatchObject({ billingStartDay: 15 });
    await state.close();
  });

  test("months that were archived under another start day are archived again under their own", async () => {
    const { state, start, dataDir } = await fromThe15th();
    await start(1);
    const room = await roomOf(state, await filledLedger(), dataDir);
    await archiveForgotten(room, null);
    await start(15);
    expect(await archiveForgotten(room, null)).toEqual(["2026-09", "2026-10", "2026-11"]);
    expect((await room.archive.list()).map(({ period: { start: from } }) => toIso(from).slice(0, 10))).toEqual([
      "2026-09-15",
      "2026-10-15",
      "2026-11-15",
    ]);
    expect(await archiveForgotten(room, null)).toEqual([]);
    await state.close();
  });

  test("a start day that changes while a period is closed leaves it open", async () => {
    const { state, start, dataDir } = await fromThe15th();
    const ledger = await filledLedger();
    const room = await roomOf(state, ledger, dataDir);
    const archive: typeof room.archive = {
      ...room.archive,
      store: async (...args) => {
        await start(1);
        return room.archive.store(...args);
      },
    };
    await expect(closeMonth(LOCAL_ADMINISTRATOR, { ...room, archive }, { month: "2026-10" })).rejects.toThrow(
      "The start day of billing periods was changed meanwhile.",
    );
    expect([await ledger.closedPeriods(), await listClosedMonths(state.db)]).toEqual([[], []]);
    await state.close();
  });
});

test.each<[string, readonly [string, string][], string | null]>([
  ["none", [], null],
  ["one", [["2026-09-01", "2026-10-01"]], "September 2026"],
  [
    "two",
    [
      ["2026-08-01", "2026-09-01"],
      ["2026-09-01", "2026-10-01"],
    ],
    "August 2026, September 2026",
  ],
  [
    "three that follow each other",
    [
      ["2026-07-01", "2026-08-01"],
      ["2026-08-01", "2026-09-01"],
      ["2026-09-01", "2026-10-01"],
    ],
    "July 2026 to September 2026, 3 billing periods",
  ],
  [
    "three with one open between them",
    [
      ["2026-06-01", "2026-07-01"],
      ["2026-08-01", "2026-09-01"],
      ["2026-09-01", "2026-10-01"],
    ],
    "June 2026, August 2026, September 2026",
  ],
])("closed periods in words: %s", (_name, closed, text) =>
  expect(closedText(closed.map(([from, to]) => period(toInstant(from), toInstant(to))))).toBe(text),
);

describe("archiveForgotten", () => {
  // October begins 7 days after 24 September, November 7 days after 25 October.
  test.each([
    ["2026-08-01T00:00:00Z", []],
    ["2026-09-23T23:59:59.999Z", ["2026-09"]],
    ["2026-09-24T00:00:00Z", ["2026-09"]],
    ["2026-09-24T00:00:00.001Z", ["2026-09", "2026-10"]],
    ["2026-10-25T00:00:00Z", ["2026-09", "2026-10"]],
    // A workspace that keeps 20 days: the running month as well.
    ["2026-11-01T12:00:00Z", ["2026-09", "2026-10", "2026-11"]],
    [null, ["2026-09", "2026-10", "2026-11"]],
  ] as const)("of a workspace that tells what is younger than %s: %j", async (oldest, wanted) => {
    const state = await openState({ sqlitePath: ":memory:" });
    const room = await roomOf(state, await filledLedger(), await newFolder());
    const archive = { ...room.archive, store: async () => ({}) as ArchivedMonth };
    expect(await archiveForgotten({ ...room, archive }, oldest && toInstant(oldest))).toEqual(wanted);
    await state.close();
  });

  test("what is forgotten whole is archived once, what may still change each time", async () => {
    const state = await openState({ sqlitePath: ":memory:" });
    const room = await roomOf(state, await filledLedger(), await newFolder());
    const oldest = toInstant("2026-11-02T00:00:00Z");
    expect(await archiveForgotten(room, oldest)).toEqual(["2026-09", "2026-10", "2026-11"]);
    expect(await archiveForgotten(room, oldest)).toEqual(["2026-11"]);
    await state.close();
  });
});

/** Spoils the one file of the archive; null removes it. Returns what mends it again. */
async function spoilArchive(state: State, dataDir: string, spoil: (bytes: Buffer) => Buffer | null) {
  if (state.dialect === "postgres") {
    const parts = await state.db.selectFrom("archive_part").selectAll().execute();
    const spoiled = spoil(Buffer.from(parts[0]?.content ?? "", "base64"));
    if (spoiled === null) await state.db.deleteFrom("archive_part").execute();
    else
      await state.db
        .updateTable("archive_part")
        .set({ content: spoiled.toString("base64") })
        .execute();
    return async () => {
      await state.db.deleteFrom("archive_part").execute();
      await state.db.insertInto("archive_part").values(parts).execute();
    };
  }
  const [name = ""] = await readdir(join(dataDir, "archive"));
  const path = join(dataDir, "archive", name);
  const bytes = await readFile(path);
  const spoiled = spoil(bytes);
  if (spoiled === null) await rm(path);
  else await writeFile(path, spoiled);
  return () => writeFile(path, bytes);
}
