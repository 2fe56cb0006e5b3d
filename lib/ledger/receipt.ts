import { type Money, money } from "../money/money.ts";
import { costOf } from "../money/unit-price.ts";
import type { PriceLine } from "../pricing/priced-usage.ts";
import { type Instant, type Period, toInstant } from "../time/instant.ts";
import type { ZoneId } from "../time/zone.ts";
import type { ChargeQuery } from "./charge-query.ts";
import { contentHash, lineFromText } from "./charge-rows.ts";
import { keyConditions } from "./conditions.ts";
import type { BucketOrigin, Receipt, ReceiptLine } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { ceilQuarter, floorQuarter } from "./period-buckets.ts";
import { chargeColumn, chargeFigures, IS_AT_MOST, toBigInt } from "./sum-charges.ts";

/** What the ledger is told for a receipt: the questions of a period as KQL, and how far the data reaches. */
export type ReceiptContext = {
  readonly questions: (
    within: Period,
    origin: BucketOrigin,
  ) => readonly { readonly name: string; readonly kql: string }[];
  readonly byOrigin: Receipt["byOrigin"];
  readonly dataTo: Instant | null;
  readonly isComplete: boolean;
};

/** The price line that a charge stands at: of a range at its dear end the upper one, and then the other one is cheaper. */
const STATED_LINE = `CASE WHEN ${IS_AT_MOST} THEN k.upperLineId ELSE k.lineId END`;
const CHEAPER_LINE = `CASE WHEN ${IS_AT_MOST} THEN k.lineId END`;

/** Everything behind a figure; the lines add up to it. */
export async function receipt(
  database: LedgerDatabase,
  query: ChargeQuery,
  zones: readonly ZoneId[],
  context: ReceiptContext,
): Promise<Receipt> {
  const figures = chargeFigures({ ...query, grain: "total" }, zones);
  const conditions = keyConditions(query.sees, query.filter, chargeColumn);
  const from = `FROM ${figures.sql} f JOIN charge_key k ON k.id = f.key WHERE ${conditions.sql}`;
  const values = [...figures.values, ...conditions.values];
  const [lines, sources, rules, counts] = await Promise.all([
    database.rows(
      `SELECT s.*, p.text, q.text FROM (
         SELECT ${STATED_LINE} AS lineId, ${CHEAPER_LINE} AS cheaperLineId, k.part, k.tokenKind, k.model, k.version, k.scope, k.region, k.pricing, k.note,
           sum(f.quantity), sum(f.charges), sum(f.listCost), sum(f.contractedCost) AS cost, sum(f.contractedCostUpper)
         ${from} GROUP BY 1, 2, k.part, k.tokenKind, k.model, k.version, k.scope, k.region, k.pricing, k.note) s
       LEFT JOIN price_line p ON p.id = s.lineId LEFT JOIN price_line q ON q.id = s.cheaperLineId ORDER BY s.cost DESC, s.model, s.version, s.tokenKind, s.scope, s.region, s.part, p.text, q.text`,
      values,
    ),
    database.rows(
      `SELECT k.source, k.confidence, sum(f.quantity) ${from} AND k.part = 'usage' GROUP BY k.source, k.confidence ORDER BY 1, 2`,
      values,
    ),
    database.rows(
      `SELECT k.rule, sum(f.quantity) ${from} AND k.part = 'usage' GROUP BY k.rule ORDER BY 2 DESC, 1`,
      values,
    ),
    rowCounts(database, query),
  ]);
  const receiptLines = lines.map((row): ReceiptLine => {
    const isUsage = String(row[2]) === "usage";
    const [quantity, contractedCost] = [toBigInt(row[10]), money(toBigInt(row[13]))];
    return {
      line: lineOrNull(row[15]),
      unit: isUsage ? "token" : "ptu-minute",
      tokenKind: isUsage ? String(row[3]) : String(row[2]),
      model: String(row[4]),
      version: String(row[5]),
      scope: String(row[6]),
      region: String(row[7]),
      pricing: String(row[8]) as ReceiptLine["pricing"],
      note: String(row[9]),
      quantity,
      charges: toBigInt(row[11]),
      listCost: money(toBigInt(row[12])),
      contractedCost,
      contractedCostLower: cheaperCost(quantity, lineOrNull(row[16])) ?? contractedCost,
      contractedCostUpper: money(toBigInt(row[14])),
    };
  });
  return {
    query,
    lines: receiptLines,
    rowsCounted: counts.rows,
    duplicatesDropped: counts.duplicates,
    byOrigin: context.byOrigin,
    bySource: sources.map((row) => ({ source: String(row[0]), confidence: String(row[1]), tokens: toBigInt(row[2]) })),
    byRule: rules.map((row) => ({ rule: String(row[0]), tokens: toBigInt(row[1]) })),
    questions: askedQuestions(query.period, context),
    dataTo: context.dataTo,
    isComplete: context.isComplete,
    // Without the lines' numbers: a ledger that was built anew gives the same lines others.
    hash: contentHash(lines.map(([, , ...row]) => row.map(String).join("\t"))),
  };
}

function lineOrNull(text: unknown): PriceLine | null {
  return typeof text === "string" ? lineFromText(text) : null;
}

/** What tokens would cost at the other end of their range, rounded once; only tokens stand at a dear end. */
function cheaperCost(tokens: bigint, line: PriceLine | null): Money | null {
  return line && costOf(tokens, line.contractedUnitPrice);
}

/** The questions of each stretch of the period, by where it was read. */
function askedQuestions(within: Period, { byOrigin, questions }: ReceiptContext): Receipt["questions"] {
  if (byOrigin.length === 0) return questions(within, "logs");
  return byOrigin.flatMap(({ origin, from, to }) => {
    const start = toInstant(Math.max(from, within.start));
    return questions({ start, end: toInstant(Math.min(to, within.end)) }, origin);
  });
}

/** Rows behind the deployments that the figure is made of; filters that rows do not know count the whole deployment. */
async function rowCounts(database: LedgerDatabase, query: ChargeQuery): Promise<{ rows: bigint; duplicates: bigint }> {
  const [from, to] = [floorQuarter(query.period.start), ceilQuarter(query.period.end)];
  const conditions = keyConditions(query.sees, query.filter, chargeColumn);
  const [row] = await database.rows(
    `SELECT coalesce(sum(n.rows), 0), coalesce(sum(n.duplicates), 0) FROM row_count n
     WHERE n.qh >= ${from} AND n.qh < ${to} AND EXISTS (
       SELECT 1 FROM charge_key k WHERE k.account = n.account AND k.deploymentName = n.deployment AND ${conditions.sql})`,
    [...conditions.values],
  );
  return { rows: toBigInt(row?.[0]), duplicates: toBigInt(row?.[1]) };
}
