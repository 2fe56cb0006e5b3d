import { createHash } from "node:crypto";
import type { Charge } from "../attribution/charge.ts";
import type { PriceLine, Pricing } from "../pricing/priced-usage.ts";
import { floorQuarter } from "./period-buckets.ts";

/** The columns of `charge_key` after its id, in the order of the table. */
export const CHARGE_KEY_COLUMNS = [
  "part",
  "account",
  "accountName",
  "deploymentName",
  "deployment",
  "model",
  "version",
  "scope",
  "region",
  "mode",
  "contextBand",
  "tokenKind",
  "modality",
  "operation",
  "apiVersion",
  "streamType",
  "spillover",
  "source",
  "confidence",
  "identityId",
  "team",
  "application",
  "rule",
  "ownerConfidence",
  "pricing",
  "note",
  "lineId",
  "upperLineId",
  "meter",
] as const;

/** A charge as the ledger stores it: the quarter hour, the values of its key, and its figures. */
export type ChargeRow = {
  readonly qh: number;
  readonly key: Readonly<Record<Exclude<(typeof CHARGE_KEY_COLUMNS)[number], "lineId" | "upperLineId">, string>>;
  readonly line: PriceLine | null;
  readonly upperLine: PriceLine | null;
  readonly quantity: bigint;
  readonly listCost: bigint;
  readonly contractedCost: bigint;
  readonly contractedCostUpper: bigint;
};

/** The row of a charge; a cost that a BIGINT cannot hold is refused by name. */
export function chargeRow(charge: Charge): ChargeRow {
  const costs = costsOf(charge.pricing);
  const name =
    charge.kind === "usage"
      ? `${charge.fact.account}/${charge.fact.deployment}`
      : `${charge.account}/${charge.deployment}`;
  for (const amount of [costs.listCost, costs.contractedCost, costs.contractedCostUpper]) {
    if (amount > MAX_BIGINT || amount < -MAX_BIGINT) {
      throw new RangeError(
        `A charge of ${name} is too large for the ledger: ${amount} picodollars in one quarter hour.`,
      );
    }
  }
  return charge.kind === "usage"
    ? {
        qh: floorQuarter(charge.fact.quarterHour),
        key: {
          part: "usage",
          account: charge.fact.account,
          accountName: shortName(charge.fact.account),
          deploymentName: charge.fact.deployment,
          deployment: deploymentKey(charge.fact.account, charge.fact.deployment),
          model: charge.fact.model,
          version: charge.fact.version,
          scope: charge.fact.scope,
          region: charge.fact.region,
          mode: charge.fact.mode,
          contextBand: charge.fact.contextBand,
          tokenKind: charge.fact.tokenKind,
          modality: charge.fact.modality,
          operation: charge.fact.operation,
          apiVersion: charge.fact.apiVersion,
          streamType: charge.fact.streamType,
          spillover: charge.fact.isSpillover ? "yes" : "no",
          source: charge.fact.source,
          confidence: charge.fact.confidence,
          identityId: charge.fact.identityId,
          ...ownerColumns(charge),
          ...pricingColumns(charge.pricing),
        },
        quantity: charge.fact.tokens,
        ...linesOf(charge.pricing),
        ...costs,
      }
    : {
        qh: floorQuarter(charge.quarterHour),
        key: {
          part: charge.part,
          account: charge.account,
          accountName: shortName(charge.account),
          deploymentName: charge.deployment,
          deployment: deploymentKey(charge.account, charge.deployment),
          model: charge.model,
          version: charge.version,
          scope: charge.scope,
          region: charge.region,
          mode: "provisioned",
          contextBand: "any",
          tokenKind: "",
          modality: "",
          operation: "",
          apiVersion: "",
          streamType: "",
          spillover: "no",
          source: charge.paidBy === "reservation" ? "reservation" : "inventory",
          confidence: "exact",
          identityId: "",
          ...ownerColumns(charge),
          ...pricingColumns(charge.pricing),
        },
        quantity: charge.unitMinutes,
        ...linesOf(charge.pricing),
        ...costs,
      };
}

/** `account/deployment` with the account's short name: how the deployment dimension is written everywhere; empty for neither. */
export function deploymentKey(account: string, deployment: string): string {
  return account === "" && deployment === "" ? "" : `${shortName(account)}/${deployment}`;
}

/** The last part of an ARM id. */
export function shortName(account: string): string {
  return account.slice(account.lastIndexOf("/") + 1);
}

/** The canonical text of a price line: lines with the same text are one line. */
export function lineText(line: PriceLine): string {
  return JSON.stringify(line, (_name, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}

/** The price line of a canonical text. */
export function lineFromText(text: string): PriceLine {
  // Only `lineText` writes these texts.
  return JSON.parse(text, (name, value: unknown) =>
    (name === "numerator" || name === "denominator") && typeof value === "string" ? BigInt(value.slice(0, -1)) : value,
  ) as PriceLine;
}

/** A hash of canonical texts, whatever their order. */
export function contentHash(texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts.toSorted()) hash.update(text).update("\n");
  return hash.digest("hex");
}

const MAX_BIGINT = 2n ** 63n - 1n;

function ownerColumns({ owner }: Charge) {
  return { team: owner.team, application: owner.application, rule: owner.rule, ownerConfidence: owner.confidence };
}

function pricingColumns(pricing: Pricing) {
  switch (pricing.pricing) {
    case "priced":
      return { pricing: pricing.pricing, note: "", meter: pricing.line.meterName };
    case "range":
      return { pricing: pricing.pricing, note: pricing.unknownPart, meter: pricing.lower.meterName };
    case "unpriced":
      return { pricing: pricing.pricing, note: pricing.reason, meter: "" };
    case "included":
      return { pricing: pricing.pricing, note: "", meter: "" };
  }
}

function linesOf(pricing: Pricing): { line: PriceLine | null; upperLine: PriceLine | null } {
  if (pricing.pricing === "priced") return { line: pricing.line, upperLine: null };
  return pricing.pricing === "range"
    ? { line: pricing.lower, upperLine: pricing.upper }
    : { line: null, upperLine: null };
}

function costsOf(pricing: Pricing): { listCost: bigint; contractedCost: bigint; contractedCostUpper: bigint } {
  switch (pricing.pricing) {
    case "priced":
      return {
        listCost: pricing.listCost,
        contractedCost: pricing.contractedCost,
        contractedCostUpper: pricing.contractedCost,
      };
    case "range":
      return pricing;
    case "unpriced":
    case "included":
      return { listCost: 0n, contractedCost: 0n, contractedCostUpper: 0n };
  }
}
