import { expect, test } from "vitest";
import { storedTable } from "../embedded/store/create-tables.ts";
import { AZURE_DIAGNOSTICS } from "../kql/tables/azure-diagnostics.ts";
import type { OpenedLedger } from "../ledger/open-ledger.ts";
import { addMs, HOUR_MS, period, toInstant } from "../time/instant.ts";
import { UTC } from "../time/zone.ts";
import { openDemoPipe } from "./demo-pipe.testing.ts";

const CREATED = toInstant("2026-11-12T12:00:00Z");
const WITHIN = period(addMs(CREATED, -20 * HOUR_MS), addMs(CREATED, -4 * HOUR_MS));
const EVERYTHING = { kind: "everything" } as const;
/** Called with a key and without spans, so that only the accounts' own log and the metrics know it. */
const [ACCOUNT, DEPLOYMENT] = ["aoai-labs-eus2", "sandbox"];

async function figuresOf(ledger: OpenedLedger) {
  const rows = await ledger.sumCharges({
    sees: EVERYTHING,
    period: WITHIN,
    zone: UTC,
    grain: "total",
    groupBy: ["confidence"],
    filter: { deployment: { include: [`${ACCOUNT}/${DEPLOYMENT}`] } },
  });
  const sum = (of: (row: (typeof rows)[number]) => bigint) => rows.reduce((total, row) => total + of(row), 0n);
  return {
    confidences: rows.map(({ keys }) => keys.confidence).toSorted(),
    tokens: sum((row) => row.inputTokens + row.cachedInputTokens + row.outputTokens),
    output: sum((row) => row.outputTokens),
    cost: sum((row) => row.contractedCost),
    listCost: sum((row) => row.listCost),
    upper: sum((row) => row.contractedCostUpper),
    atMost: sum((row) => row.contractedCostAtMost),
  };
}

test("the cost of a deployment does not fall when its token rows are gone: all of it shows as metric only", {
  timeout: 120_000,
}, async () => {
  const pipe = await openDemoPipe({ createdAt: CREATED, days: 2, requestsPerDay: 1_500, zones: [UTC] });
  const read = async () => {
    const { ledger, ingestion } = await pipe.openFresh();
    expect((await ingestion.runCycle(CREATED)).failures).toEqual([]);
    const figures = await figuresOf(ledger);
    const coverage = await ledger.coverage({ sees: EVERYTHING, period: WITHIN });
    ledger.close();
    const row = coverage.find(
      ({ account, deployment }) => account.endsWith(`/${ACCOUNT}`) && deployment === DEPLOYMENT,
    );
    return { ...figures, metricOnly: row?.metricOnlyTokens, requestsByLog: row?.requestsByLog };
  };
  const before = await read();
  expect(before.tokens).toBeGreaterThan(0n);
  expect(before.confidences).toContain("exact");

  await pipe.workspace.database.withConnection(async (connection) => {
    const table = storedTable(AZURE_DIAGNOSTICS);
    const ofDeployment = `"~properties_s.modelDeploymentName" = '${DEPLOYMENT}' AND lower("_ResourceId") LIKE '%/${ACCOUNT}'`;
    await connection.run(`DELETE FROM ${table} WHERE "Category" = 'AzureOpenAIRequestUsage' AND ${ofDeployment}`);
    await connection.run(
      `UPDATE ${table} SET "~properties_s.promptTokens" = NULL, "~properties_s.completionTokens" = NULL WHERE ${ofDeployment}`,
    );
  });
  const after = await read();
  expect(after.confidences).toEqual(["metric_only"]);
  expect(after.metricOnly).toBe(after.tokens);
  // The platform counts every token that a log row told, and those whose row was missing before.
  expect(after.tokens).toBeGreaterThanOrEqual(before.tokens);
  expect(after.output).toBeGreaterThanOrEqual(before.output);
  expect(after.requestsByLog).toBe(before.requestsByLog);
  // Metrics do not tell the cached share: the input stands without the discount, the output costs what it cost.
  expect(after.cost).toBeGreaterThanOrEqual(before.cost);
  expect(after.listCost).toBeGreaterThanOrEqual(before.listCost);
  expect(after.upper).toBe(after.cost);
  expect(after.atMost).toBeGreaterThan(0n);
  expect(after.atMost).toBeLessThan(after.cost);
  await pipe.close();
});
