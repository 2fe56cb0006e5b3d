import { describe, expect, test } from "vitest";
import { parseMoney } from "../../money/money.ts";
import { toInstant } from "../../time/instant.ts";
import { parseReservations, ReservationFileError, readReservationExport } from "./reservation-file.ts";

const row = (parts = "") => `reservations:
  - { id: r-1, name: core, scope: Global, ptu: 10, from: "2026-06-01T00:00:00Z", to: "2027-06-01T00:00:00Z"${parts} }`;
const read = (text: string) => parseReservations(text, "reservations.yaml", "USD");

describe("reservations.yaml", () => {
  test("a total as it was paid", () =>
    expect(read(row(', total: "25000.50", region: eastus2, appliedTo: ["/subscriptions/AAA"]'))).toEqual([
      {
        id: "r-1",
        name: "core",
        scope: "Global",
        region: "eastus2",
        units: 10n,
        term: { start: toInstant("2026-06-01"), end: toInstant("2027-06-01") },
        total: parseMoney("25000.50"),
        appliedTo: ["/subscriptions/aaa"],
        source: "reservations.yaml",
      },
    ]));

  test("without a total the list price of the term, and the source says so", () =>
    expect(read(row(", term: year"))[0]).toMatchObject({
      total: parseMoney("26520"),
      appliedTo: "shared",
      source: "reservations.yaml, at the list price of a year",
    }));

  test.each([
    ["text that is not YAML", "reservations: [", /is not YAML/],
    ["a field that it does not know", row(", cost: 1"), /reservations.0/],
    ["a negative total", row(', total: "-1"'), /reservations.0.total write a plain decimal/],
    ["a total as a number, which may have lost digits", row(", total: 0.1"), /reservations.0.total/],
    ["half a unit", row().replace("ptu: 10", "ptu: 0.5"), /reservations.0.ptu/],
    ["no unit", row().replace("ptu: 10", "ptu: 0"), /reservations.0.ptu/],
    [
      "an end before the beginning",
      row(', total: "1"').replace("2027", "2025"),
      /reservations.0 \(core\): it ends before it begins/,
    ],
    [
      "another currency",
      row(', total: "1", currency: EUR'),
      /in EUR, the price book in USD: two currencies never meet/,
    ],
    ["neither a total nor a term", row(), /Write the total/],
    ["the same id twice", `${row(', total: "1"')}\n${row(', total: "1"').split("\n")[1]}`, /r-1 stands twice/],
  ])("refuses %s and says where", (_name, text, message) => {
    expect(() => read(text)).toThrow(ReservationFileError);
    expect(() => read(text)).toThrow(message);
  });
});

describe("the list that the portal exports", () => {
  const HEADER =
    "Name,Reservation Id,Status,Purchase date,Expiration date,Term,Scope,Scope subscription,Type,Product name,Region,Quantity";
  const exported = (...lines: string[]) =>
    readReservationExport([HEADER, ...lines].join("\n"), "reservations.csv", "USD");

  test("provisioned throughput is read at list price, other products are left out", () =>
    expect(
      exported(
        "ptu-global,g-1,Succeeded,2026-06-01,2027-06-01,1 Year,Shared,,Azure OpenAI,Global Provisioned Throughput,East US 2,20",
        "vm,g-2,Succeeded,2026-06-01,2027-06-01,1 Year,Shared,,VirtualMachines,Standard_D2s_v5,East US,1",
        "ptu-zone,g-3,Succeeded,06/01/2026,07/01/2026,P1M,Single,AAA,Azure OpenAI,Data Zone Provisioned Throughput,East US,5",
      ),
    ).toMatchObject([
      { id: "g-1", scope: "Global", region: "eastus2", units: 20n, total: parseMoney("53040"), appliedTo: "shared" },
      { id: "g-3", scope: "DataZone", units: 5n, total: parseMoney("1430"), appliedTo: ["/subscriptions/aaa"] },
    ]));

  test.each([
    [
      "a quantity that is none",
      "p,g,S,2026-06-01,2027-06-01,1 Year,Shared,,OpenAI,Provisioned,East US,many",
      /line 2: the quantity "many"/,
    ],
    [
      "a term of three years",
      "p,g,S,2026-06-01,2027-06-01,3 Years,Shared,,OpenAI,Provisioned,East US,5",
      /line 2: the term "3 Years"/,
    ],
    ["a row that is cut short", "p,g,S", /line 2: has 3 cells/],
  ])("refuses %s", (_name, line, message) => expect(() => exported(line)).toThrow(message));
});
