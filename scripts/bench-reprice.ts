// `npm run bench:reprice`: how long it takes to price the demo tenant's whole past again, there and back, with its progress.
// Reads the data folder `.bench/full` that `npm run bench` makes, or the one that DATA_DIR names.
import { join } from "node:path";
import { LOCAL_ADMINISTRATOR } from "../lib/auth/principal.ts";
import { applyRepricing, previewRepricing } from "../lib/commands/repricing.ts";
import { parseEnv } from "../lib/env.ts";
import { toDecimal } from "../lib/money/money.ts";
import type { PriceBook } from "../lib/pricing/price-book.ts";
import type { Runtime } from "../lib/runtime.ts";
import { toInstant } from "../lib/time/instant.ts";
import { openRuntime } from "../lib/wiring/open-runtime.ts";

/** The promise is for 90 days; a longer past may take as much longer. */
const LIMIT_OF_90_DAYS_MS = 15_000;
const dataDir = process.env.DATA_DIR ?? join(process.cwd(), ".bench", "full");
const env = parseEnv({ ...process.env, DATA_DIR: dataDir, DEMO_NOW: "2026-11-21T12:00:00Z" }, process.cwd());
const runtime = await openRuntime(env, {
  what: "npm run bench:reprice",
  onMissingFolder: "empty",
  onProgress: (text) => process.stderr.write(text),
});
try {
  const book = await runtime.priceBook();
  const discount = {
    id: "bench",
    about: {},
    terms: { kind: "discount", percent: "8.63" },
    validFrom: toInstant("2026-01-01"),
    validTo: null,
    source: "bench",
  } as const;
  const discounted: PriceBook = { ...book, version: `${book.version}-bench`, negotiated: [discount] };
  const there = await measure("a discount of 8.63 % on everything", { ...runtime, priceBook: async () => discounted });
  const back = await measure("the book of before", runtime);
  if ([there, back].some(({ applyMs, limitMs }) => applyMs > limitMs)) process.exitCode = 1;
} finally {
  await runtime.close();
}

async function measure(what: string, room: Runtime) {
  const asked = performance.now();
  const preview = await previewRepricing(LOCAL_ADMINISTRATOR, room);
  const previewMs = Math.round(performance.now() - asked);
  const started = performance.now();
  let steps = 0;
  const applied = await applyRepricing(LOCAL_ADMINISTRATOR, room, ({ daysDone, daysTotal }) => {
    steps += 1;
    process.stderr.write(`${daysDone} of ${daysTotal} days\n`);
  });
  const applyMs = Math.round(performance.now() - started);
  if (preview === null || preview.after !== applied.after) throw new Error("The act is not what its preview said.");
  const days = Math.round((applied.period.end - applied.period.start) / 86_400_000);
  const limitMs = Math.round((LIMIT_OF_90_DAYS_MS * Math.max(days, 90)) / 90);
  const line = { what, days, charges: applied.changed, previewMs, applyMs, limitMs, steps };
  process.stdout.write(
    `${JSON.stringify({ ...line, before: toDecimal(applied.before), after: toDecimal(applied.after) })}\n`,
  );
  return { applyMs, limitMs };
}
