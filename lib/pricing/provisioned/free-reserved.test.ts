import { expect, test } from "vitest";
import { period, toInstant } from "../../time/instant.ts";
import { freeReserved } from "./free-reserved.ts";

const at = toInstant("2026-11-21T12:00:00Z");
const place = { scope: "Global", region: "eastus2", account: "/subscriptions/A/accounts/East" } as const;
const year = period(toInstant("2026-03-01"), toInstant("2027-03-01"));
const reserved = { scope: "Global", region: "", units: 100n, term: year, appliedTo: "shared" } as const;

test.each<[string, readonly (typeof reserved | object)[], bigint, bigint]>([
  ["all of it", [reserved], 0n, 100n],
  ["less what stands elsewhere", [reserved], 40n, 60n],
  ["never below nothing", [reserved], 140n, 0n],
  ["two of them", [reserved, { ...reserved, region: "eastus2", units: 15n }], 0n, 115n],
  ["not one of another scope", [{ ...reserved, scope: "DataZone" }], 0n, 0n],
  ["not one of another region", [{ ...reserved, region: "westeurope" }], 0n, 0n],
  ["one that applies to its subscription", [{ ...reserved, appliedTo: ["/subscriptions/a"] }], 0n, 100n],
  ["not one of a name that only begins alike", [{ ...reserved, appliedTo: ["/subscriptions/a/accounts/ea"] }], 0n, 0n],
  ["not one that begins later", [{ ...reserved, term: period(toInstant("2026-12-01"), year.end) }], 0n, 0n],
  ["not one that is over this instant", [{ ...reserved, term: period(year.start, at) }], 0n, 0n],
])("%s", (_name, reservations, elsewhere, free) =>
  expect(freeReserved(place, reservations as (typeof reserved)[], elsewhere, at).free).toBe(free),
);

test("says when the first of them ends", () => {
  const month = { ...reserved, term: period(toInstant("2026-11-01"), toInstant("2026-12-01")) };
  expect(freeReserved(place, [reserved, month], 0n, at).until).toBe(toInstant("2026-12-01"));
  expect(freeReserved(place, [], 0n, at).until).toBeNull();
});
