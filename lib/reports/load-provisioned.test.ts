import { afterEach, describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import type { SeenDeployment } from "../ledger/ledger.ts";
import { parseMoney } from "../money/money.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import type { Reservation } from "../pricing/provisioned/reservations.ts";
import { addMs, HOUR_MS, MINUTE_MS, toInstant } from "../time/instant.ts";
import { DEFAULT_PARAMS } from "../url/report-params.ts";
import type { AccountId, DeploymentName } from "../usage/usage-fact.ts";
import { loadProvisioned } from "./load-provisioned.ts";
import { type FakeMetric, inMemoryLedger } from "./testing/in-memory-ledger.ts";
import { reportSources } from "./testing/report-sources.ts";

const now = toInstant("2026-11-21T12:00:00Z");
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const chat: SeenDeployment = {
  account: "/accounts/east" as AccountId,
  deployment: "chat" as DeploymentName,
  key: "east/chat",
  model: "gpt-4.1",
  version: "2025-04-14",
  scope: "Global",
  mode: "standard",
  region: "eastus2",
  isProvisioned: false,
  firstSeen: now,
  lastSeen: now,
};

/** Every minute of the last 24 hours with the same load. */
function steady(promptTokens: number): FakeMetric[] {
  const start = addMs(now, -24 * HOUR_MS);
  return Array.from({ length: 1_440 }, (_, minute) => addMs(start, minute * MINUTE_MS)).flatMap((at) => [
    { at, account: "east", deployment: "chat", series: "promptTokens" as const, value: promptTokens },
    { at, account: "east", deployment: "chat", series: "requests" as const, value: 4 },
  ]);
}

async function report(
  metrics: readonly FakeMetric[],
  deployments: readonly SeenDeployment[] = [chat],
  reservations: readonly Reservation[] = [],
) {
  const sources = await reportSources(inMemoryLedger({ now, charges: [], metrics, deployments }), now);
  closers.push(sources.close);
  return loadProvisioned(LOCAL_ADMINISTRATOR, DEFAULT_PARAMS, 7, {
    ...sources,
    priceBook: async () => loadBundledCatalogue(),
    reservations: async () => reservations,
  });
}

describe("provisioned or pay-as-you-go", () => {
  test("15 units that are always full: the year's reservation, what the others cost, and where each term breaks even", async () => {
    // 15 PTU × 3,000 tokens a minute at $2 per million: 45,000 × 60 × 730 tokens are $3,942 a month.
    // Reserved by the year 15 × $2,652 / 12 = $3,315, by the month 15 × $260 = $3,900, by the hour 15 × 730 × $1 = $10,950.
    const { result, notes } = await report(steady(45_000));
    if (result.kind !== "answered") throw new Error(result.reason);
    const { rows, breakEven, sentence, chart } = result.answer;
    const row = rows.find(({ cells }) => cells.ptu?.text === "15")?.cells;
    expect([row?.hourly?.text, row?.month?.text, row?.year?.text]).toEqual(["$10,950.00", "$3,900.00", "$3,315.00"]);
    expect([row?.refused?.text, row?.utilisation?.text]).toEqual(["0.0\u00a0%", "0.0–100.0\u00a0%"]);
    expect(rows[0]?.cells.hourly?.text).toBe("$3,942.00");
    // A PTU-hour that is full is worth 180,000 tokens: $0.36. $260 / 730 and $2,652 / 8,760 are 98.9 % and 84.1 % of it.
    expect(breakEven).toEqual([
      { term: "by the hour", text: "never: dearer even when full", exact: "2778" },
      { term: "reserved by the month", text: "above 98.9\u00a0% use", exact: "989" },
      { term: "reserved by the year", text: "above 84.1\u00a0% use", exact: "841" },
    ]);
    // Were every prompt cached, $0.50 per million would make $985.50 and no unit would pay.
    expect(sentence).toContain("15 PTU reserved by the year or pay-as-you-go, $985.50 to $3,315.00 a month");
    expect(sentence).toContain("decides between them");
    expect(notes[0]).toContain("none to all");
    expect(chart.marks).toEqual([{ at: "0", word: "" }]);
  });

  test("a small load pays by the token, and the other choices say how much more they cost", async () => {
    const { result } = await report(steady(100));
    if (result.kind !== "answered") throw new Error(result.reason);
    expect(result.answer.sentence).toMatch(/^It would take pay-as-you-go, .*: no size pays at this load\.$/);
    expect(result.answer.reasons[1]).toContain("Not by the hour: its best size, 15 PTU, costs $10,950.00");
  });

  test("units that are reserved and free are paid already, so they cost nothing more", async () => {
    const reserved: Reservation = {
      id: "r",
      name: "core",
      scope: "Global",
      region: "",
      units: 15n,
      term: { start: toInstant("2026-03-01"), end: toInstant("2027-03-01") },
      total: parseMoney("39780"),
      appliedTo: "shared",
      source: "test",
    };
    const { result, notes } = await report(steady(45_000), [chat], [reserved]);
    if (result.kind !== "answered") throw new Error(result.reason);
    const cells = (ptu: string) => result.answer.rows.find((row) => row.cells.ptu?.text === ptu)?.cells;
    expect([cells("15")?.hourly?.text, cells("20")?.hourly?.text]).toEqual(["$0.00", "$3,650.00"]);
    expect(notes.at(-1)).toBe(
      "15 PTU (Global) are reserved, the first until 1 Mar 2027: 15 are paid already and cost nothing more.",
    );
  });

  test("without minutes, without a documented model and without a scope there is no answer, and the reason", async () => {
    const reason = async (...input: Parameters<typeof report>) => {
      const { result } = await report(...input);
      return result.kind === "unanswered" ? result.reason : "answered";
    };
    expect(await reason([])).toContain("no minute");
    expect(await reason(steady(100), [{ ...chat, model: "text-embedding-3-large" }])).toContain("No throughput");
    expect(await reason(steady(100), [{ ...chat, scope: "unknown" }])).toContain("scope is not told");
    expect(await reason(steady(100), [])).toContain("No deployment");
  });
});
