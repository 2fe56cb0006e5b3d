import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseMoney, toDecimal } from "../money/money.ts";
import { checked, parseReservations, readReservationExport } from "../pricing/provisioned/reservation-file.ts";
import type { Reservation } from "../pricing/provisioned/reservations.ts";
import { toInstant } from "../time/instant.ts";

/** What a person writes, what the portal exports, and what the Reservations API told. */
const FILES = { yaml: "reservations.yaml", csv: "reservations.csv", azure: "reservations-azure.json" } as const;

/**
 * The reservations of a data folder: `reservations.yaml`, then those of `reservations.csv` and of the Reservations API that
 * it does not name. None without the files. `currency` is the price book's. Throws a ReservationFileError for a file that
 * cannot be used.
 */
export async function readReservations(dataDir: string, currency: string): Promise<Reservation[]> {
  const [yaml, csv, azure] = await Promise.all(Object.values(FILES).map((name) => textOf(join(dataDir, name))));
  const all = [
    ...(yaml === undefined ? [] : parseReservations(yaml, FILES.yaml, currency)),
    ...(csv === undefined ? [] : readReservationExport(csv, FILES.csv, currency)),
    ...(azure === undefined ? [] : storedReservations(azure, currency)),
  ];
  const first = new Map<string, Reservation>();
  for (const reservation of all) if (!first.has(reservation.id)) first.set(reservation.id, reservation);
  return [...first.values()];
}

/** Keeps what the Reservations API told, replacing what it told before. */
export async function saveAzureReservations(
  dataDir: string,
  reservations: readonly Reservation[],
  currency: string,
): Promise<void> {
  const path = join(dataDir, FILES.azure);
  const rows = reservations.map(({ term, total, units, ...rest }) => ({
    ...rest,
    from: term.start,
    to: term.end,
    total: toDecimal(total),
    units: units.toString(),
  }));
  await writeFile(`${path}.new`, JSON.stringify({ currency, reservations: rows }, null, 2), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

const storedSchema = z.object({
  currency: z.string(),
  reservations: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      scope: z.enum(["Global", "DataZone", "Regional"]),
      region: z.string(),
      units: z.string().transform(BigInt),
      from: z.number().transform(toInstant),
      to: z.number().transform(toInstant),
      total: z.string().transform(parseMoney),
      appliedTo: z.union([z.literal("shared"), z.array(z.string())]),
      source: z.string(),
    }),
  ),
});

function storedReservations(text: string, currency: string): Reservation[] {
  const stored = storedSchema.parse(JSON.parse(text));
  return checked(
    stored.reservations.map((row) => ({
      ...row,
      place: `${FILES.azure}: ${row.name}`,
      term: null,
      currency: stored.currency,
    })),
    currency,
  );
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
}
