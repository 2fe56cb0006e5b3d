import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { listAudit } from "../db/audit-log.ts";
import { openState } from "../db/state.ts";
import { batchOf, usageCharge } from "../ledger/ledger.testing.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import { toDecimal } from "../money/money.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { priceUsage } from "../pricing/price-usage.ts";
import { toInstant } from "../time/instant.ts";
import { UTC, type ZoneId } from "../time/zone.ts";
import { openArchive } from "../wiring/archive.ts";
import { answerProgress } from "./answer-progress.ts";
import { applyRepricing, previewRepricing, repricingView } from "./repricing.ts";

const LIST = loadBundledCatalogue();
const LESS_TEN: PriceBook = {
  ...LIST,
  version: "less ten",
  negotiated: [
    {
      id: "a",
      about: {},
      terms: { kind: "discount", percent: "10" },
      validFrom: toInstant("2026-10-01"),
      validTo: null,
      source: "EA 4711",
    },
  ],
};
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A million tokens of gpt-4.1 at 2 USD on each day that is named, priced by the list. */
async function room(days: readonly string[], book: PriceBook = LESS_TEN, zones: readonly string[] = ["UTC"]) {
  const ledger = await openLedger({ path: ":memory:", zones: [UTC], questions: () => [] });
  const state = await openState({ sqlitePath: ":memory:" });
  closers.push(ledger.close, state.close);
  const charges = days.map((day) => {
    const asked = usageCharge(day, { tokens: 1_000_000n });
    return { ...asked, pricing: priceUsage(asked.fact, LIST) };
  });
  if (charges.length > 0) await ledger.replaceBuckets(batchOf(charges));
  const now = () => toInstant("2026-11-21T12:07:00Z");
  const dataDir = await mkdtemp(join(tmpdir(), "token-ledger-repricing-"));
  closers.push(() => rm(dataDir, { recursive: true, force: true }));
  const archive = openArchive({ state, ledger, dataDir });
  return { ledger, state, now, priceBook: async () => book, zones: () => zones as ZoneId[], archive };
}

const DAYS = ["2026-09-15T10:00:00Z", "2026-09-30T20:00:00Z", "2026-10-20T10:00:00Z", "2026-11-21T12:00:00Z"];

describe("previewRepricing", () => {
  test("tells before and after by month and team, and writes nothing", async () => {
    const asked = await room(DAYS);
    const preview = await previewRepricing(LOCAL_ADMINISTRATOR, asked);
    const rows = preview?.rows.map(({ label, team, before, after, changed }) => [
      label,
      team,
      toDecimal(before),
      toDecimal(after),
      changed,
    ]);
    expect(rows).toEqual([
      ["2026-09", "checkout", "4", "4", 0],
      ["2026-10", "checkout", "2", "1.8", 1],
      ["2026-11", "checkout", "2", "1.8", 1],
    ]);
    expect([toDecimal(preview?.before ?? (0n as never)), toDecimal(preview?.after ?? (0n as never))]).toEqual([
      "8",
      "7.6",
    ]);
    expect(await listAudit(asked.state.db, 10)).toEqual([]);
    expect(preview && repricingView(preview).months.map(({ id, difference }) => [id, difference.exact])).toEqual([
      ["2026-10 checkout", "-200000000000"],
      ["2026-11 checkout", "-200000000000"],
    ]);
  });

  test("months are those of the reporting zone", async () => {
    const preview = await previewRepricing(LOCAL_ADMINISTRATOR, await room(DAYS, LESS_TEN, ["Asia/Kolkata"]));
    // 20:00 UTC on 30 September is 01:30 on 1 October in India.
    expect(preview?.rows.map(({ label, charges }) => [label, charges])).toEqual([
      ["2026-09", 1],
      ["2026-10", 2],
      ["2026-11", 1],
    ]);
  });

  test("an empty ledger has nothing to price", async () =>
    expect(await previewRepricing(LOCAL_ADMINISTRATOR, await room([]))).toBeNull());

  test("only an administrator may ask", async () => {
    const viewer = { ...LOCAL_ADMINISTRATOR, role: "viewer" as never };
    await expect(previewRepricing(viewer, await room(DAYS))).rejects.toThrow("change prices");
    await expect(applyRepricing(viewer, await room(DAYS))).rejects.toThrow("change prices");
  });
});

describe("applyRepricing", () => {
  test("does what the preview said, tells its progress and stands in the audit log", async () => {
    const asked = await room(DAYS);
    const told: string[] = [];
    const applied = await applyRepricing(LOCAL_ADMINISTRATOR, asked, ({ daysDone, daysTotal }) =>
      told.push(`${daysDone}/${daysTotal}`),
    );
    expect([toDecimal(applied.before), toDecimal(applied.after), applied.changed]).toEqual(["8", "7.6", 2]);
    expect(told[0]).toBe("7/68");
    expect(told.at(-1)).toBe("68/68");
    const [entry] = await listAudit(asked.state.db, 10);
    expect([entry?.action, entry?.subjectId, entry?.actorId]).toEqual([
      "price_book.apply",
      "less ten",
      LOCAL_ADMINISTRATOR.id,
    ]);
    expect((await previewRepricing(LOCAL_ADMINISTRATOR, asked))?.changed).toBe(0);
  });

  test("what was stopped goes on where it stopped, and is one act", async () => {
    const asked = await room(DAYS);
    const abort = new AbortController();
    const stopped = applyRepricing(LOCAL_ADMINISTRATOR, asked, () => abort.abort(), abort.signal);
    await expect(stopped).rejects.toThrow();
    expect(await listAudit(asked.state.db, 10)).toEqual([]);
    const told: number[] = [];
    const applied = await applyRepricing(LOCAL_ADMINISTRATOR, asked, ({ daysDone }) => told.push(daysDone));
    expect(told[0]).toBe(14);
    expect(toDecimal(applied.after)).toBe("7.6");
    expect(await listAudit(asked.state.db, 10)).toHaveLength(1);
  });

  test("an empty ledger is refused", async () =>
    await expect(applyRepricing(LOCAL_ADMINISTRATOR, await room([]))).rejects.toThrow("nothing to price again"));
});

describe("answerProgress", () => {
  const ask = (headers: Record<string, string>) =>
    new Request("http://localhost/api/repricing", { method: "POST", headers });
  const linesOf = async (response: Response) =>
    (await response.text())
      .split("\n")
      .filter(Boolean)
      .map((line): unknown => JSON.parse(line));

  test("a line for each step and one for the end", async () => {
    const response = answerProgress(ask({}), undefined, async (tell) => {
      tell({ daysDone: 1 });
      return { changed: 2 };
    });
    expect(await linesOf(response)).toEqual([{ progress: { daysDone: 1 } }, { done: { changed: 2 } }]);
  });
  test("what broke is the last line", async () => {
    const response = answerProgress(ask({}), undefined, async () => {
      throw new Error("the disk is full");
    });
    expect(await linesOf(response)).toEqual([{ error: "the disk is full" }]);
  });
  test("another site is refused before anything is done", async () => {
    const response = answerProgress(ask({ "sec-fetch-site": "cross-site" }), undefined, async () => {
      throw new Error("must not run");
    });
    expect(response.status).toBe(403);
  });
});
