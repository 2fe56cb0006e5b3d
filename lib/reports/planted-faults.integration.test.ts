import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { incidentsOf } from "../embedded/demo/incidents.ts";
import { openDemoPipe } from "../ingestion/demo-pipe.testing.ts";
import { toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { DEFAULT_PARAMS } from "../url/report-params.ts";
import type { DataGap } from "./gaps/data-gap.ts";
import { loadData } from "./load-data.ts";
import { demoReportSources } from "./testing/demo-reports.ts";

const CREATED = toInstant("2026-11-20T12:00:00Z");
const gaps = new Map<string, DataGap>();
let close = async () => {};

// Seventeen days reach back beyond the hole in the logs.
beforeAll(async () => {
  const pipe = await openDemoPipe({ createdAt: CREATED, days: 17, requestsPerDay: 1_500, zones: [UTC] });
  const { ledger, ingestion } = await pipe.openFresh();
  expect((await ingestion.runCycle(CREATED)).failures).toEqual([]);
  expect((await ingestion.readBack(CREATED, () => {})).state).toBe("complete");
  const sources = await demoReportSources({ ...pipe, ledger, now: CREATED });
  const params = { ...DEFAULT_PARAMS, period: { kind: "last", days: 18 } as const };
  const report = await loadData(LOCAL_ADMINISTRATOR, params, sources);
  for (const gap of report.gaps) gaps.set(gap.id, gap);
  close = async () => {
    await sources.close();
    ledger.close();
    await pipe.close();
  };
}, 280_000);
afterAll(() => close());

const seen = (id: string) => gaps.get(id)?.seen ?? `no gap named ${id}; there are ${[...gaps.keys()].join(", ")}`;

describe("the Data page names the demo tenant's planted faults", () => {
  test("the hole in the logs, with its account and hours", () => {
    const planted = incidentsOf(CREATED).find(({ kind }) => kind === "log_hole");
    const [hole, ...others] = [...gaps.values()].filter(({ id }) => id.startsWith("hole-"));
    expect(others).toEqual([]);
    expect(hole?.title).toBe(`A hole in the logs of ${planted?.account}`);
    expect(hole?.seen).toMatch(/^From 5 Nov 0[23]:\d\d UTC to 5 Nov 0[78]:\d\d UTC its metrics count /);
    expect(hole?.remedies.map(({ tool }) => tool)).toEqual(["Azure CLI", "Azure CLI"]);
  });

  test.each([
    ["two rows for most calls", "twin-rows", /^[\d,]+ rows tell of [\d,]+ calls/],
    ["rows written twice", "duplicates", /^[\d,]+ of [\d,]+ rows were copies/],
    ["usage rows in two parts", "added-rows", /^[\d,]+ rows came beside another/],
    ["token counts as arrays of two", "odd-arrays", /^[\d,]+ usage rows hold several/],
    ["missing usage rows", "usage-rows-missing", /^[\d,]+ answered calls have no usage row\. Metrics count /],
    ["429 rows without a deployment", "requests-without-deployment", /, [\d,]+ of them 429\.$/],
    ["rows that come hours late", "late-rows", /came [1-4] h/],
    ["sampled spans", "sampled-spans", /^[\d,]+ spans stand for [\d,]+ calls\.$/],
    ["lists, polls, key reads and another service", "other-operations", /^[\d,]+ lists, polls, key reads/],
    ["batch, which no log holds", "metric-only-deployments", /aoai-data-eus\/nightly-batch/],
    ["gateway ids that are not Azure OpenAI's", "gateway-cannot-be-joined", /aoai-prod-swc\/chat-eu/],
    ["a model without a price", "unpriced", /aoai-labs-eus2\/experimental/],
    ["calls of nobody", "unowned", /aoai-labs-eus2\/sandbox/],
    ["a short memory", "short-history", /^Its oldest row is of 3 Nov 2026/],
  ])("%s", (_fault, id, words) => {
    expect(seen(id)).toMatch(words);
  });

  test("and nothing that was not planted", () => {
    const known = [
      "twin-rows",
      "duplicates",
      "added-rows",
      "odd-arrays",
      "usage-rows-missing",
      "calls-without-tokens",
      "requests-without-deployment",
      "late-rows",
      "sampled-spans",
      "other-operations",
      "metric-only-deployments",
      "gateway-cannot-be-joined",
      "unpriced",
      "unowned",
      "short-history",
    ];
    expect([...gaps.keys()].filter((id) => !known.includes(id) && !id.startsWith("hole-"))).toEqual([]);
  });
});
