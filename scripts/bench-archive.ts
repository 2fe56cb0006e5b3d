// `npm run bench:archive`: how long a month of a large tenant takes into the archive and out of it, whether a new ledger that
// took it in writes the same bytes, and what reading a day again costs when the price book has changed.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Charge } from "../lib/attribution/charge.ts";
import { batchOf, usageCharge } from "../lib/ledger/ledger.testing.ts";
import { openLedger } from "../lib/ledger/open-ledger.ts";
import { loadBundledCatalogue } from "../lib/pricing/catalogue.ts";
import type { PriceBook } from "../lib/pricing/price-book.ts";
import { priceUsage } from "../lib/pricing/price-usage.ts";
import { addMs, HOUR_MS, type Instant, QUARTER_HOUR_MS, toInstant } from "../lib/time/instant.ts";
import { monthContaining, UTC } from "../lib/time/zone.ts";

const DAYS = 31;
const KEYS = 300;
const OCTOBER = monthContaining(toInstant("2026-10-15"), UTC);
const LIST = loadBundledCatalogue();
const discount = { kind: "discount", percent: "8.63" } as const;
const DISCOUNTED: PriceBook = {
  ...LIST,
  version: "bench",
  negotiated: [{ id: "bench", about: {}, terms: discount, validFrom: OCTOBER.start, validTo: null, source: "bench" }],
};

const folder = mkdtempSync(join(tmpdir(), "token-ledger-bench-"));
try {
  const ledger = await newLedger();
  for (let day = 0; day < DAYS; day += 1) await ledger.replaceBuckets(dayOfCharges(day, LIST));
  process.stdout.write(`${DAYS * 96 * KEYS} charges of ${DAYS} days\n`);
  await timed("a day read again, the same prices", () => ledger.replaceBuckets(dayOfCharges(3, LIST)));
  const { result } = await timed("a day read again, another price book", () =>
    ledger.replaceBuckets(dayOfCharges(3, DISCOUNTED)),
  );
  const [first, second] = [join(folder, "first.parquet"), join(folder, "second.parquet")];
  await timed("into the archive", () => ledger.writeMonthFile(OCTOBER, first));
  const fresh = await newLedger();
  await timed("out of the archive", () => fresh.readMonthFile(OCTOBER, first));
  await fresh.writeMonthFile(OCTOBER, second);
  const isSame = hashOf(first) === hashOf(second);
  process.stdout.write(
    `${statSync(first).size} bytes; written by the new ledger: ${isSame ? "the same" : "OTHER BYTES"}\n`,
  );
  if (!isSame || result.changed > 0) process.exitCode = 1;
  ledger.close();
  fresh.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function newLedger() {
  return openLedger({ path: ":memory:", zones: [], questions: () => [] });
}

/** Every quarter hour of a day under 300 keys: a hundred teams, two kinds of tokens. */
function dayOfCharges(day: number, book: PriceBook) {
  const start = addMs(OCTOBER.start, day * 24 * HOUR_MS);
  const charges = Array.from({ length: 96 * KEYS }, (_, index) =>
    charged(addMs(start, Math.floor(index / KEYS) * QUARTER_HOUR_MS), index % KEYS, book),
  );
  return { ...batchOf(charges), bookVersion: book.version };
}

function charged(at: Instant, key: number, book: PriceBook): Charge {
  const { fact, owner } = usageCharge(at, {
    tokens: BigInt(1 + ((key * 7_919 + at / QUARTER_HOUR_MS) % 100_000)),
    tokenKind: key % 3 === 0 ? "output" : "input",
    team: `team-${key % 100}`,
  });
  return { kind: "usage", fact, owner, pricing: priceUsage(fact, book) };
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<{ readonly result: T }> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  const ms = Math.round(performance.now() - started);
  process.stdout.write(`${what}: ${ms} ms, ${Math.round((user + system) / 1_000)} ms of processor time\n`);
  return { result };
}

function hashOf(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
