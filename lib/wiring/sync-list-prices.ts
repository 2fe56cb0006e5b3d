import { setTimeout as sleep } from "node:timers/promises";
import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { openSyncedPrices } from "../db/synced-prices.ts";
import { priceDecimal } from "../money/unit-price.ts";
import { loadBundledCatalogue } from "../pricing/catalogue.ts";
import { datedMeters, priceRowsOf } from "../pricing/dated-meters.ts";
import { type ImplausibleRow, implausibleRows } from "../pricing/plausibility.ts";
import { mergePrices } from "../pricing/price-store.ts";
import type { RawPriceList } from "../pricing/raw-meter.ts";
import { PricePullError, pullRetailPrices, RETAIL_PRICES_ENDPOINT } from "../pricing/retail-prices.ts";
import type { Runtime } from "../runtime.ts";
import { addMs, period, toInstant } from "../time/instant.ts";

/** What to pull; left out, the regions are those of the deployments seen in the last 90 days, else all public ones. */
export type PullOptions = {
  readonly regions?: readonly string[];
  readonly currency?: string;
  readonly endpoint?: string;
  readonly onProgress?: (rows: number) => void;
  readonly signal?: AbortSignal;
};

/** What a sync kept: the list that was read, and how many rows are stored now. */
export type SyncResult = { readonly list: RawPriceList; readonly kept: number };

/** Pulls list prices from the Retail Prices API. Throws a PricePullError where the cloud has no anonymous price source. */
export async function pullListPrices(runtime: Runtime, options: PullOptions = {}): Promise<RawPriceList> {
  const { regions, currency, endpoint, onProgress, signal } = options;
  if (runtime.env.AZURE_CLOUD !== "public" && !endpoint) {
    throw new PricePullError(
      "no-source",
      `The cloud ${runtime.env.AZURE_CLOUD} has no anonymous price source: import a price sheet, or load a recorded list with --from FILE.`,
    );
  }
  return pullRetailPrices(
    {
      endpoint: endpoint ?? RETAIL_PRICES_ENDPOINT,
      currency: currency ?? (await runtime.priceBook()).currency,
      regions: regions && regions.length > 0 ? regions : await regionsInUse(runtime),
      serviceName: "Foundry Models",
    },
    {
      fetch: (url, init) => fetch(url, init),
      wait: (ms) => sleep(ms, undefined, signal ? { signal } : {}),
      now: () => toInstant(Date.now()),
      ...(onProgress ? { onProgress } : {}),
      ...(signal ? { signal } : {}),
    },
  );
}

/**
 * Adds a complete list to the synced prices of the data folder, all of it or nothing: throws a RangeError when a row could not
 * be read (a meter that is missing in a list counts as ended) or when two currencies would meet.
 */
export async function storeListPrices(runtime: Pick<Runtime, "dataDir">, list: RawPriceList): Promise<SyncResult> {
  const [first] = list.refused;
  if (first) {
    throw new RangeError(
      `${list.refused.length} of ${list.meters.length + list.refused.length} rows of the price list cannot be used, the first is row ${first.row}: ${first.reason}. Nothing was changed.`,
    );
  }
  const store = openSyncedPrices(runtime.dataDir);
  const before = await store.load();
  const currencies = new Set([...list.meters, ...(before?.meters ?? [])].map(({ currency }) => currency));
  if (currencies.size > 1) {
    throw new RangeError(`The price list mixes currencies (${[...currencies].join(", ")}). Nothing was changed.`);
  }
  const merged = mergePrices(before, list);
  await store.save(merged);
  return { list, kept: merged.meters.length };
}

/**
 * Prices of a list that lie so far from every other price of their model and kind that a unit was mixed up, in words: a person
 * who loads a file is asked to mend it. What the service itself says is stored and left out of the book instead.
 */
export function mixedUpUnits(list: RawPriceList): string[] {
  const rows = priceRowsOf(datedMeters(list).meters, { layer: "synced", source: list.source, readAt: list.readAt });
  const loaded = new Set<unknown>(rows);
  const isPerUnit = ({ row, reason }: ImplausibleRow) => loaded.has(row) && reason.includes("per 1K or per 1M");
  return implausibleRows([...rows, ...loadBundledCatalogue().rows])
    .filter(isPerUnit)
    .map(({ row, reason }) => `${row.meterName} at ${priceDecimal(row.price, 1_000_000n)} per 1M: ${reason}`);
}

const NINETY_DAYS_MS = 90 * 86_400_000;

async function regionsInUse(runtime: Runtime): Promise<string[]> {
  const now = runtime.now();
  const seen = await runtime.ledger.listDeployments({
    sees: LOCAL_ADMINISTRATOR.sees,
    period: period(addMs(now, -NINETY_DAYS_MS), now),
  });
  const used = new Set(seen.map(({ region }) => region).filter(isPublicRegion));
  if (used.size > 0) return [...used].toSorted();
  const bundled = loadBundledCatalogue().rows.flatMap((row) => (row.regions === "everywhere" ? [] : [...row.regions]));
  return [...new Set(bundled)].filter(isPublicRegion).toSorted();
}

function isPublicRegion(region: string): boolean {
  return /^[a-z]+[a-z0-9]*$/.test(region) && !/^(usgov|usdod|china|global|unknown)/.test(region);
}
