import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { keepInvoice } from "../commands/load-invoice.ts";
import { type ArmClient, ArmError, createArmClient } from "../cost-management/arm-client.ts";
import { readCosts } from "../cost-management/read-costs.ts";
import { readAzureReservations } from "../cost-management/read-reservations.ts";
import { type BillingRead, saveBillingRead } from "../db/billing-reads.ts";
import { saveAzureReservations } from "../db/reservation-files.ts";
import { readBillingStartDay } from "../db/settings.ts";
import type { LedgerReads } from "../ledger/ledger.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { checked } from "../pricing/provisioned/reservation-file.ts";
import { meterKey } from "../pricing/reconcile/estimate-line.ts";
import { unitSizeOf } from "../pricing/unit-of-measure.ts";
import type { Runtime } from "../runtime.ts";
import { type BillingStartDay, billingPeriodContaining, billingPeriodName } from "../time/billing-period.ts";
import { addMs, type Instant, toIso } from "../time/instant.ts";
import { addDays, dayOf, daysBetween, type LocalDay, startOfDay, UTC } from "../time/zone.ts";
import { readInventory } from "../usage/inventory-file.ts";
import { azureConnection } from "./azure-clients.ts";

/** What reading the bill works on. */
export type BillingSources = Pick<Runtime, "env" | "now" | "dataDir" | "priceBook" | "state"> & {
  readonly ledger: Pick<LedgerReads, "sumCharges" | "bucketStates">;
};

/** What one reading of the bill did; `months` are those whose comparison was kept. */
export type CostsRead = {
  readonly read: BillingRead;
  readonly months: readonly { readonly id: string; readonly light: string }[];
};

/** The client for money questions of a connected data folder. */
export function billingClient(runtime: Pick<Runtime, "env" | "now">): ArmClient {
  const { credential, resourceManager, resourceManagerAudience } = azureConnection(runtime.env);
  return createArmClient({
    credential,
    endpoint: resourceManager,
    audience: resourceManagerAudience,
    now: runtime.now,
  });
}

/** Rows of a month move for some days after its end (pricing reference, section 8). */
const LATE_DAYS = 5;

/**
 * Reads the bill of the running billing period, and of the one before while its rows may still move, through the Query API; compares
 * each with the ledger and keeps the result in place of that of the night before. How it went is kept for the pages; a
 * missing right is a state and no failure of the server.
 */
export async function readBill(runtime: BillingSources, arm: ArmClient, signal?: AbortSignal): Promise<CostsRead> {
  const now = runtime.now();
  const subscriptions = await subscriptionsOf(runtime);
  if (subscriptions.length === 0) {
    const read = failed(now, "No subscription is known.", "Name the accounts in AZURE_OPENAI_RESOURCE_IDS.");
    await saveBillingRead(runtime.dataDir, { costs: read });
    return { read, months: [] };
  }
  const book = await runtime.priceBook();
  const months: { id: string; light: string }[] = [];
  try {
    for (const { month, firstDay, lastDay } of monthsToRead(
      dayOf(now, UTC),
      await readBillingStartDay(runtime.state.db),
    )) {
      const lines = await readCosts(arm, { subscriptions, firstDay, lastDay }, unitsOf(book), signal);
      const foreign = lines.find(({ currency }) => currency.toUpperCase() !== book.currency);
      if (foreign) {
        throw new ArmError(
          "refused",
          `The bill is in ${foreign.currency}, the price book in ${book.currency}: two currencies never meet. Sync prices in the billing currency with npm run prices -- sync --currency ${foreign.currency}.`,
        );
      }
      if (lines.length === 0) continue;
      const context = { state: runtime.state, now, ledger: runtime.ledger, book };
      const files = [`Cost Management ${month}`];
      const invoice = { basis: "actual", lines, otherLines: 0, billingStarts: [], files } as const;
      const { id, document } = await keepInvoice(LOCAL_ADMINISTRATOR, context, invoice, `cost-management-${month}`);
      months.push({ id, light: document.light });
    }
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    const grant = `Grant Cost Management Reader on ${subscriptions.join(" and ")}; a new grant can take some minutes.`;
    const read = stateOf(error, now, grant);
    await saveBillingRead(runtime.dataDir, { costs: read });
    return { read, months };
  }
  const read: BillingRead = {
    state: "ok",
    at: toIso(now),
    message:
      months.length === 0 ? "The bill has no line of Azure OpenAI yet." : `${months.length} months were compared.`,
    next: null,
  };
  await saveBillingRead(runtime.dataDir, { costs: read });
  return { read, months };
}

/** Reads the reservations of provisioned throughput that the identity may see, and keeps them for the price of capacity. */
export async function readReservationsOfAzure(
  runtime: BillingSources,
  arm: ArmClient,
  signal?: AbortSignal,
): Promise<BillingRead> {
  const now = runtime.now();
  const { currency } = await runtime.priceBook();
  let read: BillingRead;
  try {
    const drafts = await readAzureReservations(arm, signal);
    const reservations = checked(drafts, currency);
    await saveAzureReservations(runtime.dataDir, reservations, currency);
    read = {
      state: "ok",
      at: toIso(now),
      message: `${reservations.length} reservations of provisioned throughput.`,
      next: null,
    };
  } catch (error) {
    if (error instanceof ArmError) {
      const grant =
        "Grant Reservations Reader on /providers/Microsoft.Capacity, or write reservations.yaml; without either, units are priced by the hour.";
      read = stateOf(error, now, grant);
    } else if (error instanceof Error && error.name === "ReservationFileError") {
      read = failed(now, error.message, "Write this reservation into reservations.yaml with its total.");
    } else throw error;
  }
  await saveBillingRead(runtime.dataDir, { reservations: read });
  return read;
}

type Month = { readonly month: string; readonly firstDay: string; readonly lastDay: string };

/** Billing periods by name with their days that have ended; the one before the running one as long as late rows come. */
export function monthsToRead(today: LocalDay, startDay: BillingStartDay): Month[] {
  const running = billingPeriodContaining(startOfDay(today, UTC), startDay);
  const firstDay = dayOf(running.start, UTC);
  const yesterday = addDays(today, -1);
  const months: Month[] = [];
  if (daysBetween(firstDay, today) < LATE_DAYS) {
    const before = billingPeriodContaining(addMs(running.start, -1), startDay);
    months.push({
      month: billingPeriodName(before),
      firstDay: dayOf(before.start, UTC),
      lastDay: addDays(firstDay, -1),
    });
  }
  if (yesterday >= firstDay) months.push({ month: billingPeriodName(running), firstDay, lastDay: yesterday });
  return months;
}

async function subscriptionsOf(runtime: BillingSources): Promise<string[]> {
  const accounts = [
    ...runtime.env.AZURE_OPENAI_RESOURCE_IDS,
    ...(await readInventory(runtime.dataDir)).map(({ account }) => account),
  ];
  return [
    ...new Set(accounts.flatMap((id) => /^\/subscriptions\/[^/]+/i.exec(id)?.[0].toLowerCase() ?? [])),
  ].toSorted();
}

/** The unit of a meter where all prices of that name agree on one. */
function unitsOf(book: PriceBook): (meterName: string) => bigint | undefined {
  const units = new Map<string, bigint | null>();
  for (const { meterName, unitOfMeasure } of book.rows) {
    const [key, size] = [meterKey(meterName), unitSizeOf(unitOfMeasure) ?? 1n];
    const known = units.get(key);
    units.set(key, known === undefined || known === size ? size : null);
  }
  return (meterName) => units.get(meterKey(meterName)) ?? undefined;
}

function stateOf(error: ArmError, now: Instant, grant: string): BillingRead {
  if (error.code === "no_right") return { state: "no_right", at: toIso(now), message: error.message, next: grant };
  if (error.code === "throttled")
    return { state: "throttled", at: toIso(now), message: error.message, next: "It is asked again in the next night." };
  return failed(now, error.message, "It is asked again in the next night; npm run reconcile -- sync asks at once.");
}

function failed(now: Instant, message: string, next: string): BillingRead {
  return { state: "failed", at: toIso(now), message, next };
}
