import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { PriceStore, StoredPrices } from "../pricing/price-store.ts";
import { toInstant } from "../time/instant.ts";

const instant = z.number().transform(toInstant);

/** Files of before each row kept its own source name the last list for all of them. */
const storedSchema = z.object({
  source: z.string(),
  syncedAt: instant,
  meters: z.array(
    z.object({
      productName: z.string(),
      meterName: z.string(),
      meterId: z.string().nullable(),
      unitOfMeasure: z.string(),
      price: z.string(),
      currency: z.string(),
      regions: z.array(z.string()),
      validFrom: instant,
      validTo: instant.nullable(),
      type: z.enum(["Consumption", "Reservation", "DevTestConsumption"]),
      reservationTerm: z.string().nullable(),
      tierMinimumUnits: z.number(),
      source: z.string().optional(),
      firstSeen: instant,
      lastSeen: instant,
    }),
  ),
});

/** Synced prices in `DATA_DIR/prices/synced.json`, replaced by one rename, so a reader sees the old list or the new one. */
export function openSyncedPrices(dataDir: string): PriceStore {
  const path = syncedPricesPath(dataDir);
  return {
    load: async () => {
      const text = await readFile(path, "utf8").catch((error: unknown) => {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      });
      return text === undefined ? undefined : readStored(text, path);
    },
    save: async (prices) => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const file = await open(`${path}.new`, "w", 0o600);
      try {
        await file.writeFile(JSON.stringify(prices));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
    },
  };
}

/** The file that holds the synced prices of a data folder. */
export function syncedPricesPath(dataDir: string): string {
  return join(dataDir, "prices", "synced.json");
}

function readStored(text: string, path: string): StoredPrices {
  try {
    const stored = storedSchema.parse(JSON.parse(text));
    return { ...stored, meters: stored.meters.map((meter) => ({ ...meter, source: meter.source ?? stored.source })) };
  } catch (cause) {
    throw new Error(`The synced prices in ${path} cannot be read. Remove the file and run npm run prices -- sync.`, {
      cause,
    });
  }
}
