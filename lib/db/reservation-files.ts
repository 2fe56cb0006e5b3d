import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseReservations, readReservationExport } from "../pricing/provisioned/reservation-file.ts";
import type { Reservation } from "../pricing/provisioned/reservations.ts";

/** What a person writes, and what the portal exports. */
export const RESERVATION_FILES = { yaml: "reservations.yaml", csv: "reservations.csv" } as const;

/**
 * The reservations of a data folder: `reservations.yaml`, then those of `reservations.csv` that it does not name. None
 * without the files. `currency` is the price book's. Throws a ReservationFileError for a file that cannot be used.
 */
export async function readReservations(dataDir: string, currency: string): Promise<Reservation[]> {
  const [yaml, csv] = await Promise.all(Object.values(RESERVATION_FILES).map((name) => textOf(join(dataDir, name))));
  const written = yaml === undefined ? [] : parseReservations(yaml, RESERVATION_FILES.yaml, currency);
  const exported = csv === undefined ? [] : readReservationExport(csv, RESERVATION_FILES.csv, currency);
  const known = new Set(written.map(({ id }) => id));
  return [...written, ...exported.filter(({ id }) => !known.has(id))];
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
}
