import { expect, test } from "vitest";
import { ForbiddenError } from "../auth/authorise.ts";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import type { DoctorSources } from "../doctor/check.ts";
import { sources } from "../doctor/doctor.testing.ts";
import { loadDoctor } from "./load-doctor.ts";

test("the checks are an administrator's", async () => {
  const viewer = { ...LOCAL_ADMINISTRATOR, role: "viewer" } as const;
  await expect(loadDoctor(viewer, sources({}))).rejects.toBeInstanceOf(ForbiddenError);
});

test("many who ask at once get the same checks, in the order failed, to look at, fine, not made", async () => {
  let asked = 0;
  const ledger = {
    sourceClocks: async () => [],
    coverage: async () => {
      asked++;
      return [];
    },
  };
  const given = sources({ ledger: ledger as unknown as DoctorSources["ledger"] });
  const [one, other] = await Promise.all([
    loadDoctor(LOCAL_ADMINISTRATOR, given),
    loadDoctor(LOCAL_ADMINISTRATOR, given),
  ]);
  expect(other).toBe(one);
  const order = ["fail", "warn", "ok", "skipped"];
  const shown = one.groups.map(({ status }) => order.indexOf(status));
  expect(shown).toEqual(shown.toSorted());
  expect(one.groups.flatMap(({ checks }) => checks.map(({ id }) => id)).toSorted()).toEqual(
    ["D01", "D02", "D03", "D04", "D05", "D06", "D07", "D08", "D09", "D10", "D11", "D12", "D13", "D14", "D15", "D16"]
      .concat(["D17", "D18", "D19", "D23", "D24"])
      .toSorted(),
  );
  expect(asked).toBeLessThanOrEqual(1);
});
