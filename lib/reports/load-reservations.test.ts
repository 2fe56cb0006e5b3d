import { expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import type { ChargeSum } from "../ledger/charge-query.ts";
import { parseMoney } from "../money/money.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import type { Reservation } from "../pricing/provisioned/reservations.ts";
import { toInstant } from "../time/instant.ts";
import { loadReservations } from "./load-reservations.ts";

const now = toInstant("2026-11-21T12:00:00Z");
const RESERVATION: Reservation = {
  id: "r-1",
  name: "ptu-2026",
  scope: "Global",
  region: "",
  units: 10n,
  term: { start: toInstant("2026-06-01"), end: toInstant("2027-06-01") },
  total: parseMoney("26520"),
  appliedTo: ["/subscriptions/aaa"],
  source: "reservations.yaml",
};

function capacity(part: string, source: string, hours: bigint, cost: string): ChargeSum {
  return {
    bucket: null,
    keys: { part, source },
    inputTokens: 0n,
    cachedInputTokens: 0n,
    cacheWriteTokens: 0n,
    outputTokens: 0n,
    unpricedTokens: 0n,
    listCost: parseMoney(cost),
    contractedCost: parseMoney(cost),
    contractedCostUpper: parseMoney(cost),
    charges: 1n,
    capacityUnitMinutes: hours * 60n,
  } as ChargeSum;
}

function sources(sums: readonly ChargeSum[]) {
  const ledger = { sumCharges: async () => sums } as never;
  return {
    ledger,
    now: () => now,
    priceBook: async () => loadBundledCatalogue(),
    reservations: async () => [RESERVATION],
  };
}

test("reservations with their hour, and capacity apart: used, idle, unused, each by who pays", async () => {
  const report = await loadReservations(
    LOCAL_ADMINISTRATOR,
    sources([
      capacity("unused", "reservation", 10n, "3"),
      capacity("idle", "inventory", 20n, "20"),
      capacity("used", "reservation", 30n, "9"),
      capacity("used", "inventory", 8n, "8"),
    ]),
  );
  const [row] = report.reservations ?? [];
  // 26,520 dollars ÷ 10 units ÷ 8,760 hours = 0.30273972602739726027…
  expect([row?.cells.total?.text, row?.cells.hour?.text, row?.cells.state?.text, row?.cells.applies?.text]).toEqual([
    "$26,520.00",
    "0.302739",
    "running",
    "aaa",
  ]);
  expect(report.capacity.map(({ id, cells }) => [id, cells.hours?.text, cells.cost?.text, cells.cost?.share])).toEqual([
    ["used-reservation", "30", "$9.00", 0.225],
    ["used-inventory", "8", "$8.00", 0.2],
    ["idle-inventory", "20", "$20.00", 0.5],
    ["unused-reservation", "10", "$3.00", 0.075],
  ]);
});

test("people who see one team see the capacity that it used, and no reservation", async () => {
  const team = { ...LOCAL_ADMINISTRATOR, sees: { kind: "teams", teams: ["search"] } } as const;
  const report = await loadReservations(team, sources([capacity("used", "reservation", 30n, "9")]));
  expect([report.reservations, report.capacity.length]).toEqual([null, 1]);
});
