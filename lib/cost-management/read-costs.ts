import { readAmount, readMicroUnits } from "../pricing/reconcile/exact-decimal.ts";
import type { InvoiceChargeType, InvoiceLine } from "../pricing/reconcile/invoice-lines.ts";
import { type ArmClient, ArmError } from "./arm-client.ts";
import { type CostFilter, type CostGroup, type CostRow, queryCosts } from "./query-costs.ts";

export type CostPeriod = {
  readonly subscriptions: readonly string[];
  readonly firstDay: string;
  readonly lastDay: string;
};

/** Units that one of a meter's quantity stands for, or undefined when nobody tells: the API does not. */
export type UnitOfMeter = (meterName: string) => bigint | undefined;

const OURS: CostFilter = { name: "ServiceName", values: ["Foundry Models", "Cognitive Services", "Azure OpenAI"] };
const USAGE: CostFilter = { name: "ChargeType", values: ["Usage"] };
const OTHERS: CostFilter = {
  name: "ChargeType",
  values: ["Purchase", "Refund", "Adjustment", "RoundingAdjustment", "UnusedReservation"],
};
const METER: CostGroup = { type: "Dimension", name: "Meter" };
const RESOURCE: CostGroup = { type: "Dimension", name: "ResourceId" };
const DEPLOYMENT: CostGroup = { type: "TagKey", name: "deployment" };
const CHARGE_TYPE: CostGroup = { type: "Dimension", name: "ChargeType" };

/** Accounts whose lines are asked again by deployment: each is a query of its own, and the quota is shared by the tenant. */
const MOST_ACCOUNTS = 30;

/**
 * The lines of an invoice out of the Query API: usage by account, meter and day, split by the deployment tag where the parts
 * add up to the account's own line, and everything else by charge type. Two groupings are all that the service allows, so
 * meter ids and reservations are not told. Throws an ArmError; then nothing of it counts.
 */
export async function readCosts(
  arm: ArmClient,
  { subscriptions, firstDay, lastDay }: CostPeriod,
  unitOf: UnitOfMeter,
  signal?: AbortSignal,
): Promise<InvoiceLine[]> {
  const lines: InvoiceLine[] = [];
  const add = (row: CostRow, place: { account: string; deployment: string; chargeType: InvoiceChargeType }) => {
    lines.push(lineOf(row, lines.length + 1, place, unitOf));
  };
  for (const scope of subscriptions) {
    const ask = (groupBy: readonly CostGroup[], filters: readonly CostFilter[]) =>
      queryCosts(arm, { scope, firstDay, lastDay, groupBy, filters }, signal);
    const usage = await ask([RESOURCE, METER], [OURS, USAGE]);
    const byAccount = Map.groupBy(usage, ({ groups }) => groups.ResourceId ?? "");
    for (const [resource, whole] of byAccount) {
      const account = accountOf(resource);
      const parts =
        account !== "" && byAccount.size <= MOST_ACCOUNTS
          ? await ask([DEPLOYMENT, METER], [OURS, USAGE, { name: "ResourceId", values: [resource] }])
          : [];
      const isWhole = isSameCost(whole, parts);
      for (const row of isWhole ? parts : whole) {
        const deployment = isWhole ? (row.groups.deployment ?? "").toLowerCase() : "";
        add(row, { account, deployment, chargeType: "usage" });
      }
    }
    for (const row of await ask([CHARGE_TYPE, METER], [OURS, OTHERS])) {
      add(row, { account: "", deployment: "", chargeType: chargeTypeOf(row.groups.ChargeType ?? "") });
    }
  }
  return lines;
}

/** Whether rows by deployment are the account's rows: the same cost for each meter and day, to the picodollar. */
function isSameCost(whole: readonly CostRow[], parts: readonly CostRow[]): boolean {
  const sums = (rows: readonly CostRow[]) => {
    const totals = new Map<string, bigint>();
    for (const row of rows) {
      const key = `${row.day}|${(row.groups.Meter ?? "").toLowerCase()}`;
      totals.set(key, (totals.get(key) ?? 0n) + (readAmount(row.cost) ?? 0n));
    }
    return totals;
  };
  const [a, b] = [sums(whole), sums(parts)];
  return a.size === b.size && [...a].every(([key, cost]) => b.get(key) === cost);
}

function lineOf(
  row: CostRow,
  line: number,
  place: Pick<InvoiceLine, "account" | "deployment" | "chargeType">,
  unitOf: UnitOfMeter,
): InvoiceLine {
  const meterName = row.groups.Meter ?? "";
  const cost = readAmount(row.cost);
  if (cost === undefined)
    throw new ArmError("malformed", `A cost query gave "${row.cost}" as the cost of ${meterName}.`);
  const unit = unitOf(meterName);
  const microUnits = unit === undefined ? 0n : readMicroUnits(row.quantity, unit);
  if (microUnits === undefined) {
    throw new ArmError("malformed", `A cost query gave "${row.quantity}" as the quantity of ${meterName}.`);
  }
  return {
    ...place,
    line,
    day: row.day,
    meterId: null,
    meterName,
    isReserved: false,
    microUnits,
    cost,
    currency: row.currency,
  };
}

function accountOf(resourceId: string): string {
  return (/\/accounts\/([^/]+)/i.exec(resourceId)?.[1] ?? "").toLowerCase();
}

function chargeTypeOf(type: string): InvoiceChargeType {
  if (/^purchase$/i.test(type)) return "purchase";
  return /^unusedreservation$/i.test(type) ? "unused_reservation" : "adjustment";
}
