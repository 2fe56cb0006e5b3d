import { createHash } from "node:crypto";
import { accountId, DEMO_ACCOUNTS } from "../accounts.ts";
import { type BilledLine, costOfLine, monthOf } from "./bill-month.ts";

export const INVOICE_FORMATS = ["actual", "focus"] as const;
export type InvoiceFormat = (typeof INVOICE_FORMATS)[number];

/** The lines as Cost Management exports them, one CSV line at a time: an actual-cost export or FOCUS. */
export function* writeInvoice(
  lines: readonly BilledLine[],
  format: InvoiceFormat,
  month: string,
): Generator<string, void> {
  const columns = format === "focus" ? focusCells : actualCells;
  let isFirst = true;
  for (const line of lines) {
    const cells = columns(line, month);
    if (isFirst) yield `${Object.keys(cells).join(",")}\n`;
    isFirst = false;
    yield `${Object.values(cells).map(quoted).join(",")}\n`;
  }
}

function actualCells(line: BilledLine): Record<string, string> {
  const account = DEMO_ACCOUNTS[line.account];
  return {
    Date: line.day,
    SubscriptionId: account.subscription,
    ResourceGroup: account.resourceGroup,
    ResourceLocation: account.region,
    ResourceId: accountId(account),
    ConsumedService: "Microsoft.CognitiveServices",
    MeterId: meterIdOf(line.meter.name),
    MeterCategory: "Foundry Models",
    MeterSubCategory: "Azure OpenAI",
    MeterName: line.meter.name,
    MeterRegion: account.region,
    UnitOfMeasure: line.meter.unit,
    Quantity: quantityOf(line),
    UnitPrice: unitPriceOf(line, 0n),
    EffectivePrice: unitPriceOf(line, line.discountBasisPoints),
    CostInBillingCurrency: decimal(costOfLine(line), 12),
    BillingCurrencyCode: "USD",
    ChargeType: "Usage",
    PricingModel: "OnDemand",
    Tags: JSON.stringify({ deployment: line.deployment }),
  };
}

function focusCells(line: BilledLine, month: string): Record<string, string> {
  const account = DEMO_ACCOUNTS[line.account];
  const day = Date.parse(line.day);
  const { start, end } = monthOf(month);
  const cost = decimal(costOfLine(line), 12);
  return {
    BilledCost: cost,
    BillingAccountId: "demo-billing-account",
    BillingCurrency: "USD",
    BillingPeriodStart: iso(start),
    BillingPeriodEnd: iso(end),
    ChargeCategory: "Usage",
    ChargePeriodStart: iso(day),
    ChargePeriodEnd: iso(day + 86_400_000),
    ConsumedQuantity: quantityOf(line),
    ConsumedUnit: line.meter.unit,
    ContractedCost: cost,
    EffectiveCost: cost,
    ListCost: decimal(costOfLine(line, "list"), 12),
    ListUnitPrice: unitPriceOf(line, 0n),
    ContractedUnitPrice: unitPriceOf(line, line.discountBasisPoints),
    PricingQuantity: quantityOf(line),
    PricingUnit: line.meter.unit,
    ProviderName: "Microsoft",
    RegionId: account.region,
    ResourceId: accountId(account),
    ServiceCategory: "AI and Machine Learning",
    ServiceName: "Azure OpenAI",
    SkuMeter: line.meter.name,
    SubAccountId: `/subscriptions/${account.subscription}`,
    Tags: JSON.stringify({ deployment: line.deployment }),
    x_SkuMeterId: meterIdOf(line.meter.name),
    x_SkuMeterName: line.meter.name,
  };
}

/** Tokens in thousands or millions with every digit; capacity in hours, cut after ten decimals as exports do. */
function quantityOf({ meter, quantity }: BilledLine): string {
  switch (meter.unit) {
    case "1K":
      return decimal(quantity, 3);
    case "1M":
      return decimal(quantity, 6);
    case "1 Hour":
      return decimal((quantity * 10n ** 10n) / 60n, 10);
  }
}

function unitPriceOf({ meter, unitListPicodollars }: BilledLine, basisPoints: bigint): string {
  const size = { "1K": 1_000n, "1M": 1_000_000n, "1 Hour": 60n }[meter.unit];
  const { numerator, denominator } = unitListPicodollars;
  return decimal((size * numerator * (10_000n - basisPoints)) / (denominator * 10_000n), 12);
}

/** A stable made-up id; two names never share one. */
function meterIdOf(name: string): string {
  const hex = createHash("sha256").update(`demo meter ${name}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

/** A whole number of 10^-places as a plain decimal. */
export function decimal(value: bigint, places: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -places)}${fraction === "" ? "" : `.${fraction}`}`;
}

function quoted(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function iso(at: number): string {
  return new Date(at).toISOString().replace(".000", "");
}
