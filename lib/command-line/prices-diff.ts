import { priceDecimal } from "../money/unit-price.ts";
import type { PriceBook } from "../pricing/price-book.ts";
import { diffPrices, type PriceChange } from "../pricing/price-changes.ts";
import type { PriceLine } from "../pricing/priced-usage.ts";
import { parseLocalDay, startOfDay, UTC } from "../time/zone.ts";
import { type CommandIo, type ExitCode, UsageError } from "./command.ts";

/** Prints which token prices are others on `to` than on `from`, one JSON line each. */
export async function printPriceDiff(
  from: string | undefined,
  to: string | undefined,
  io: CommandIo,
  book: PriceBook,
): Promise<ExitCode> {
  const [start, end] = [parseLocalDay(from ?? ""), parseLocalDay(to ?? "")];
  if (!start || !end || start >= end) throw new UsageError("Say --from and --to as two days, the earlier first.");
  for (const change of diffPrices(book, startOfDay(start, UTC), startOfDay(end, UTC))) {
    await io.out(`${JSON.stringify(changeDocument(change))}\n`);
  }
  return 0;
}

function changeDocument({ key, regions, before, after, basisPoints }: PriceChange): Readonly<Record<string, unknown>> {
  const price = (line: PriceLine | null) => line && priceDecimal(line.contractedUnitPrice, 1_000_000n);
  return {
    ...key,
    regions,
    meterName: (after ?? before)?.meterName ?? null,
    before: price(before),
    after: price(after),
    changePercent: basisPoints === null ? null : Number(basisPoints) / 100,
  };
}
