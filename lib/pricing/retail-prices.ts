import type { Instant } from "../time/instant.ts";
import { toIso } from "../time/instant.ts";
import { type RawMeter, type RawPriceList, readApiPage, readPriceList } from "./raw-meter.ts";

/** Why a price list could not be pulled; nothing of a pull that failed is kept. */
export class PricePullError extends Error {
  override readonly name = "PricePullError";
  readonly code: "throttled" | "refused" | "unreadable" | "empty" | "endless" | "no-source";
  constructor(code: PricePullError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What a pull needs from outside: the network, and to wait. `fetch` is the platform's own. */
export type PricePullPort = {
  readonly fetch: (url: string, init: { readonly signal?: AbortSignal }) => Promise<Response>;
  readonly wait: (ms: number) => Promise<void>;
  readonly now: () => Instant;
  readonly onProgress?: (rows: number) => void;
  readonly signal?: AbortSignal;
};

/** What to pull: a region without which a query spans every region, and the service, product or price type wanted. */
export type PriceQuery = {
  readonly endpoint: string;
  readonly currency: string;
  readonly regions: readonly string[];
  readonly serviceName: string;
};

/** The Retail Prices API of the public cloud; the other clouds have no anonymous price source. */
export const RETAIL_PRICES_ENDPOINT = "https://prices.azure.com/api/retail/prices";

const MAX_PAGES = 200;
const MAX_TRIES = 6;

/**
 * Pulls the consumption meters of each region, and the reservations of provisioned throughput, page by page.
 * A 429 or a server error in mid-pull is waited out (`Retry-After`, else doubling from one second); whatever fails for good
 * throws a PricePullError and nothing of the pull is kept. An empty answer is an error.
 */
export async function pullRetailPrices(query: PriceQuery, port: PricePullPort): Promise<RawPriceList> {
  if (query.regions.length === 0) {
    throw new PricePullError("refused", "A pull needs at least one region: without one the answer spans every region.");
  }
  const readAt = port.now();
  const meters: RawMeter[] = [];
  const refused: { row: number; reason: string }[] = [];
  for (const filter of filtersOf(query)) {
    const items = await pullPages(query, filter, port);
    if (items.length === 0) {
      if (filter.mayBeEmpty) continue;
      throw new PricePullError(
        "empty",
        `The Retail Prices API answered no rows to ${filter.text}. Nothing was changed.`,
      );
    }
    const list = readPriceList({ Items: items }, `Azure Retail Prices API, ${toIso(readAt).slice(0, 10)}`, readAt);
    meters.push(...list.meters);
    refused.push(...list.refused);
    port.onProgress?.(meters.length);
  }
  return { meters, refused, source: `Azure Retail Prices API, ${toIso(readAt).slice(0, 10)}`, readAt };
}

type Filter = { readonly text: string; readonly mayBeEmpty: boolean };

function filtersOf(query: PriceQuery): Filter[] {
  const consumption = query.regions.map((region) => ({
    text: `serviceName eq '${quote(query.serviceName)}' and armRegionName eq '${quote(region)}' and priceType eq 'Consumption'`,
    mayBeEmpty: false,
  }));
  return [...consumption, { text: "contains(productName,'Provisioned Throughput Reservation')", mayBeEmpty: true }];
}

function quote(text: string): string {
  return text.replaceAll("'", "''");
}

async function pullPages(query: PriceQuery, filter: Filter, port: PricePullPort): Promise<unknown[]> {
  const first = new URL(query.endpoint);
  first.searchParams.set("api-version", "2023-01-01-preview");
  first.searchParams.set("currencyCode", `'${query.currency}'`);
  first.searchParams.set("$filter", filter.text);
  const items: unknown[] = [];
  let next: string | null = first.href;
  for (let pages = 0; next !== null; pages += 1) {
    if (pages >= MAX_PAGES) throw new PricePullError("endless", `The price list did not end after ${MAX_PAGES} pages.`);
    const address: string = next;
    const page = readApiPage(await askPage(address, port));
    if (!page) throw new PricePullError("unreadable", `The Retail Prices API answered ${address} with another shape.`);
    items.push(...page.items);
    next = page.next;
    if (next !== null && new URL(next).host !== first.host) {
      throw new PricePullError(
        "refused",
        `The price list goes on at ${new URL(next).host}, which is not ${first.host}.`,
      );
    }
  }
  return items;
}

async function askPage(address: string, port: PricePullPort): Promise<unknown> {
  let problem = "";
  for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
    const response = await port.fetch(address, port.signal ? { signal: port.signal } : {}).catch((cause: unknown) => {
      if (port.signal?.aborted) throw cause;
      problem = cause instanceof Error ? cause.message : String(cause);
      return undefined;
    });
    if (response?.ok) {
      return response.json().catch((cause: unknown) => {
        throw new PricePullError(
          "unreadable",
          `The Retail Prices API answered ${address} with something else than JSON.`,
          { cause },
        );
      });
    }
    if (response) {
      problem = `HTTP ${response.status}`;
      await response.body?.cancel();
      if (response.status !== 429 && response.status < 500) break;
    }
    if (attempt < MAX_TRIES - 1) await port.wait(waitMs(response, attempt, port.now()));
  }
  throw new PricePullError(
    problem === "HTTP 429" ? "throttled" : "refused",
    `The Retail Prices API did not answer ${address}: ${problem}. Nothing was changed; the prices of the last sync stay in use.`,
  );
}

/** `Retry-After` in seconds or as a date, at most two minutes; without it 1, 2, 4, 8 … seconds. */
function waitMs(response: Response | undefined, attempt: number, now: Instant): number {
  const header = response?.headers.get("retry-after");
  const seconds = header === null || header === undefined ? Number.NaN : Number(header);
  if (Number.isFinite(seconds)) return Math.min(Math.max(seconds, 0) * 1_000, 120_000);
  const until = header ? Date.parse(header) : Number.NaN;
  return Number.isFinite(until) ? Math.min(Math.max(until - now, 0), 120_000) : 1_000 * 2 ** attempt;
}
