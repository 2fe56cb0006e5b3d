import { describe, expect, test } from "vitest";
import { type DemoTruth, readDemoTruth, type TruthLine } from "../embedded/demo/truth/demo-truth.ts";
import type { ChargeSum } from "../ledger/charge-query.ts";
import type { OpenedLedger } from "../ledger/open-ledger.ts";
import { addMs, HOUR_MS, MINUTE_MS, period, toInstant } from "../time/instant.ts";
import { addDays, dayOf, type LocalDay, periodOfDays, UTC, type ZoneId } from "../time/zone.ts";
import { openDemoPipe } from "./demo-pipe.testing.ts";

const ZONES = ["UTC", "Asia/Kolkata", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"] as ZoneId[];
const GROUPS = ["total", "deployment", "model", "team"] as const;
const EVERYTHING = { kind: "everything" } as const;

describe("the demo tenant's figures", () => {
  test("equal its truth to the last token and picodollar, in five zones, by deployment, model and team", {
    timeout: 300_000,
  }, async () => {
    // The seventeen days hold the hole in the logs, the runaway key, the closed endpoint and the filter wave.
    const createdAt = toInstant("2026-11-20T12:00:00Z");
    const days = 17;
    const pipe = await openDemoPipe({ createdAt, days, requestsPerDay: 600, zones: ZONES });
    const { ledger, ingestion } = await pipe.openFresh();
    const cycle = await ingestion.runCycle(createdAt);
    expect(cycle.failures).toEqual([]);
    const progress = await ingestion.readBack(createdAt, () => {});
    expect(progress.state).toBe("complete");
    const truth = await readDemoTruth(pipe.workspace.database, { sources: ["expected"] });
    if (!truth) throw new Error("The workspace holds a demo, so it has a truth.");

    let compared = 0;
    for (const zone of ZONES) {
      const from = addDays(dayOf(addMs(createdAt, -days * 24 * HOUR_MS), zone), 1);
      const to = dayOf(toInstant(truth.settledUntil), zone);
      for (const group of GROUPS) {
        const wanted = truthFigures(truth, zone, group, from, to);
        const shown = await ledgerFigures(ledger, zone, group, from, to);
        expect(shown, `${zone} by ${group}`).toEqual(wanted);
        compared += wanted.size;
      }
    }
    // 16 days × 5 zones × (1 total, 18 deployments, 13 models, 9 teams) and a little, so that an empty comparison fails.
    expect(compared).toBeGreaterThan(3_000);
    ledger.close();
    await pipe.close();
  });

  test("are the same when records arrive bit by bit and late as when they are all there", {
    timeout: 300_000,
  }, async () => {
    const createdAt = toInstant("2026-11-20T12:00:00Z");
    const start = addMs(createdAt, -7 * HOUR_MS);
    const pipe = await openDemoPipe({ createdAt, days: 2, requestsPerDay: 900, zones: ZONES, until: start });
    const followed = await pipe.openFresh();
    await followed.ingestion.runCycle(start);
    await followed.ingestion.readBack(start, () => {});
    const steps = [11, 44, 45, 61, 150, 152, 290, 420];
    for (const minutes of steps) {
      await pipe.grow(addMs(start, minutes * MINUTE_MS));
      expect((await followed.ingestion.runCycle(pipe.now())).failures).toEqual([]);
    }
    const recounted = await pipe.openFresh();
    await recounted.ingestion.runCycle(pipe.now());
    await recounted.ingestion.readBack(pipe.now(), () => {});
    const query = {
      sees: EVERYTHING,
      period: period(addMs(createdAt, -3 * 24 * HOUR_MS), addMs(createdAt, HOUR_MS)),
      zone: UTC,
      grain: "day",
      groupBy: ["deployment", "team", "source", "confidence", "tokenKind", "part"],
      filter: {},
    } as const;
    const sorted = (sums: readonly ChargeSum[]) =>
      sums
        .map((sum) => JSON.stringify(sum, (_name, value) => (typeof value === "bigint" ? `${value}` : value)))
        .toSorted();
    expect(sorted(await followed.ledger.sumCharges(query))).toEqual(sorted(await recounted.ledger.sumCharges(query)));
    const requests = { ...query, groupBy: ["deployment", "team", "status", "cause"], hasLatency: true } as const;
    const byKey = async (ledger: OpenedLedger) =>
      (await ledger.sumRequests(requests))
        .map((sum) => JSON.stringify(sum, (_name, value) => (typeof value === "bigint" ? `${value}` : value)))
        .toSorted();
    expect(await byKey(followed.ledger)).toEqual(await byKey(recounted.ledger));
    followed.ledger.close();
    recounted.ledger.close();
    await pipe.close();
  });
});

type Figures = Map<string, string>;

function truthFigures(truth: DemoTruth, zone: ZoneId, group: string, from: LocalDay, to: LocalDay): Figures {
  const lines = truth.lines.filter(
    (line) => line.zone === zone && line.groupBy === group && line.day >= from && line.day < to && !isNothing(line),
  );
  return sortedMap(
    lines.map(({ day, value, tokens, unpricedTokens, picodollars }) => [
      `${day} ${value}`,
      [tokens.input, tokens.cached_input, tokens.output, unpricedTokens, picodollars.upper, picodollars.upper].join(
        " ",
      ),
    ]),
  );
}

function isNothing({ tokens, picodollars }: TruthLine): boolean {
  return [tokens.input, tokens.cached_input, tokens.output, picodollars.upper].every((figure) => figure === "0");
}

async function ledgerFigures(
  ledger: OpenedLedger,
  zone: ZoneId,
  group: (typeof GROUPS)[number],
  from: LocalDay,
  to: LocalDay,
): Promise<Figures> {
  const sums = await ledger.sumCharges({
    sees: EVERYTHING,
    period: periodOfDays(from, to, zone),
    zone,
    grain: "day",
    groupBy: group === "total" ? [] : [group],
    filter: {},
  });
  return sortedMap(
    sums.map((sum) => [
      `${sum.bucket} ${group === "total" ? "" : sum.keys[group]}`,
      [
        sum.inputTokens,
        sum.cachedInputTokens,
        sum.outputTokens,
        sum.unpricedTokens,
        sum.contractedCost,
        sum.contractedCostUpper,
      ].join(" "),
    ]),
  );
}

function sortedMap(entries: readonly [string, string][]): Figures {
  return new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
