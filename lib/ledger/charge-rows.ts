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
type ChargeKeyColumn = (typeof CHARGE_KEY_COLUMNS)[number];

/** Columns that tell no keys apart: the names follow from account and deployment, the meter from the price line. */
export const FOLLOWING_CHARGE_COLUMNS = ["accountName", "deployment", "meter"] as const;

const IDENTIFYING_CHARGE_COLUMNS = CHARGE_KEY_COLUMNS.filter(
  (column) => !FOLLOWING_CHARGE_COLUMNS.some((following) => following === column),
);

/** A charge as the ledger stores it: the quarter hour, its price lines and its figures. */
export type ChargeRow = {
  readonly qh: number;
  readonly line: PriceLine | null;
  readonly upperLine: PriceLine | null;
  readonly quantity: bigint;
  readonly listCost: bigint;
  readonly contractedCost: bigint;
  readonly contractedCostUpper: bigint;
};

/** The figures of a charge; a cost that a BIGINT cannot hold is refused by name. */
export function chargeRow(charge: Charge): ChargeRow {
  const costs = costsOf(charge.pricing);
  const { listCost, contractedCost, contractedCostUpper } = costs;
  for (const amount of [listCost, contractedCost, contractedCostUpper]) {
    if (amount > MAX_BIGINT || amount < -MAX_BIGINT) {
      const { account, deployment } = charge.kind === "usage" ? charge.fact : charge;
      throw new RangeError(
        `A charge of ${account}/${deployment} is too large for the ledger: ${amount} picodollars in one quarter hour.`,
      );
    }
  }
  const at = charge.kind === "usage" ? charge.fact.quarterHour : charge.quarterHour;
  return {
    qh: floorQuarter(at),
    quantity: charge.kind === "usage" ? charge.fact.tokens : charge.unitMinutes,
    ...linesOf(charge.pricing),
    listCost,
    contractedCost,
    contractedCostUpper,
  };
}

/** The values of the identifying columns of a charge's key, in their order. */
export function identifyingValues(charge: Charge, lineId: number, upperLineId: number): readonly (string | number)[] {
  const { team, application, rule, confidence } = charge.owner;
  const note = noteOf(charge.pricing);
  const { pricing } = charge.pricing;
  if (charge.kind === "capacity") {
    const { part, account, deployment, model, version, scope, region } = charge;
    return [
      ...[part, account, deployment, model, version, scope, region, "provisioned", "any", "", "", "", "", "", "no"],
      ...[
        charge.paidBy === "reservation" ? "reservation" : "inventory",
        "exact",
        "",
        team,
        application,
        rule,
        confidence,
        pricing,
        note,
        lineId,
        upperLineId,
      ],
    ];
  }
  const { fact } = charge;
  return [
    "usage",
    fact.account,
    fact.deployment,
    fact.model,
    fact.version,
    fact.scope,
    fact.region,
    fact.mode,
    fact.contextBand,
    fact.tokenKind,
    fact.modality,
    fact.operation,
    fact.apiVersion,
    fact.streamType,
    fact.isSpillover ? "yes" : "no",
    fact.source,
    fact.confidence,
    fact.identityId,
    team,
    application,
    rule,
    confidence,
    pricing,
    note,
    lineId,
    upperLineId,
  ];
}

/** All columns of a key from the values of its identifying columns. */
export function chargeKeyColumns(
  identifying: readonly (string | number)[],
  pricing: Pricing,
): Readonly<Record<ChargeKeyColumn, string | number>> {
  // Every column is either identifying or set below.
  const told = Object.fromEntries(
    IDENTIFYING_CHARGE_COLUMNS.map((column, index) => [column, identifying[index] ?? ""]),
  ) as Record<ChargeKeyColumn, string | number>;
  const account = String(told.account);
  return {
    ...told,
    accountName: shortName(account),
    deployment: deploymentKey(account, String(told.deploymentName)),
    meter:
      pricing.pricing === "priced"
        ? pricing.line.meterName
        : pricing.pricing === "range"
          ? pricing[pricing.stated].meterName
          : "",
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
  const known = lineTexts.get(line);
  if (known !== undefined) return known;
  const text = JSON.stringify(line, (_name, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
  lineTexts.set(line, text);
  return text;
}

/** A price book resolves a key to one and the same line, thousands of times. */
const lineTexts = new WeakMap<PriceLine, string>();

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

/** The unknown part of a range, or the reason why there is no price. */
function noteOf(pricing: Pricing): string {
  if (pricing.pricing === "range") return pricing.unknownPart;
  return pricing.pricing === "unpriced" ? pricing.reason : "";
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
