// Prints the engine's time, hand-written SQL's time and their ratio for a dashboard's questions over ten million calls:
// `npm run bench:kql`, or `node --conditions=react-server scripts/bench-kql.ts --rows 1000000`.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { compareQuestion, geometricMean } from "../lib/embedded/bench/compare-question.ts";
import { DASHBOARD_QUESTIONS } from "../lib/embedded/bench/dashboard-questions.ts";
import { fillCalls } from "../lib/embedded/bench/fill-calls.ts";
import { openEmbeddedWorkspace } from "../lib/embedded/workspace.ts";
import { toInstant } from "../lib/time/instant.ts";

const { values } = parseArgs({
  options: { rows: { type: "string", default: "10000000" }, repeats: { type: "string", default: "3" } },
});
const rows = Number(values.rows);
const folder = await mkdtemp(path.join(tmpdir(), "bench-kql-"));
try {
  const boot = async () => {
    const workspace = await openEmbeddedWorkspace({
      path: path.join(folder, "bench.duckdb"),
      tempDir: folder,
      now: () => toInstant("2026-03-10T12:00:00Z"),
      onFault: ({ sql, error }) => console.error(error, sql),
    });
    await workspace.engine.warmUp();
    return workspace;
  };
  const workspace = await boot();
  const filling = performance.now();
  await fillCalls(workspace.database, rows);
  console.error(`${rows.toLocaleString("en")} rows in ${Math.round((performance.now() - filling) / 1000)} s`);
  console.log("question                                    rows  engine ms  outside ms   SQL ms  ratio");
  const ratios: number[] = [];
  for (const question of DASHBOARD_QUESTIONS) {
    const { resultRows, engineMs, outsideMs, sqlMs, ratio } = await compareQuestion(
      question,
      workspace,
      Number(values.repeats),
    );
    ratios.push(ratio);
    console.log(
      [
        question.name.padEnd(40),
        String(resultRows).padStart(7),
        engineMs.toFixed(0).padStart(10),
        outsideMs.toFixed(1).padStart(11),
        sqlMs.toFixed(0).padStart(8),
        ratio.toFixed(2).padStart(6),
      ].join(" "),
    );
  }
  console.log(`geometric mean ${geometricMean(ratios).toFixed(2)} · worst ${Math.max(...ratios).toFixed(2)}`);
  await workspace.close();
  const [question] = DASHBOARD_QUESTIONS.filter(({ name }) => name.includes("24 h"));
  if (!question) throw new Error("There is no question about a day.");
  const booted = await boot();
  const timed = async () => {
    const started = performance.now();
    await booted.engine.query({ text: question.kql, isTyped: true });
    return `${(performance.now() - started).toFixed(1)} ms`;
  };
  console.log(`after a boot, ${question.name}: first ${await timed()}, second ${await timed()}`);
  await booted.close();
} finally {
  await rm(folder, { recursive: true });
}
