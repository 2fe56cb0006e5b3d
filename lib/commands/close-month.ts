import { z } from "zod";
import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import type { ArchivedMonth } from "../db/archived-months.ts";
import { type ClosedMonth, saveClosedMonth } from "../db/closed-months.ts";
import { unfinishedRepricing } from "../db/repricings.ts";
import { readBillingStartDay } from "../db/settings.ts";
import { whyNotClosable } from "../ledger/closable-month.ts";
import { toDecimal } from "../money/money.ts";
import type { Runtime } from "../runtime.ts";
import { billingPeriodNamed } from "../time/billing-period.ts";
import type { Period } from "../time/instant.ts";
import { audit } from "./audit.ts";
import { InputError } from "./command-context.ts";
import { parseInput } from "./parse-input.ts";

/** What closing a month reads and writes. */
export type ClosingRoom = Pick<Runtime, "ledger" | "state" | "now" | "priceBook" | "archive">;

const inputSchema = z.object({ month: z.string({ error: "Say which month, as 2026-10." }) });

/**
 * Closes a billing period for good, `{ month: "2026-10" }` being the one that starts in October (UTC): its charges and the price
 * books that they were made with are archived with a hash, and nothing moves them afterwards. Written to the audit log. Throws
 * an InputError that says why a period cannot be closed; then, and when the archive cannot be written, nothing is closed.
 */
export async function closeMonth(
  principal: Principal,
  room: ClosingRoom,
  input: unknown,
): Promise<{ readonly closed: ClosedMonth; readonly archived: ArchivedMonth }> {
  requireAdministrator(principal, "close a month");
  const { month } = parseInput(inputSchema, input);
  const startDay = await readBillingStartDay(room.state.db);
  const period = billingPeriodNamed(month, startDay);
  if (period === undefined)
    throw new InputError({ month: `Write the month as 2026-10, not ${JSON.stringify(month)}.` });
  const before = await room.ledger.closedPeriods();
  const why = await obstacle(room, period, before);
  if (why !== null) throw new InputError({ month: `${month} cannot be closed. ${why}` });
  const { currency } = await room.priceBook();
  const now = room.now();
  // First the ledger stands still, so that what is archived is what stays.
  await room.ledger.setClosed([...before, period]);
  let closed: ClosedMonth | undefined;
  try {
    const archived = await room.archive.store(month, period, async (tx, file, contents) => {
      if ((await readBillingStartDay(tx)) !== startDay)
        throw new InputError({
          month: "The start day of billing periods was changed meanwhile. Look again, then close.",
        });
      const { bookVersions, contractedCost, contractedCostUpper } = contents;
      const closedBy = principal.name;
      closed = { month, period, bookVersions, currency, contractedCost, contractedCostUpper, closedAt: now, closedBy };
      await saveClosedMonth(tx, closed);
      await audit(tx, principal, now, {
        action: "month.close",
        id: month,
        before: null,
        after: { cost: toDecimal(contractedCost), currency, bookVersions, hash: file.hash, rows: file.rows },
      });
    });
    if (closed === undefined) throw new Error("The archive noted a month without noting that it is closed.");
    return { closed, archived };
  } catch (error) {
    await room.ledger.setClosed(before);
    throw error;
  }
}

async function obstacle(room: ClosingRoom, period: Period, closed: readonly Period[]): Promise<string | null> {
  const now = room.now();
  const [states, stats, readBack, book] = await Promise.all([
    room.ledger.bucketStates(period, now),
    room.ledger.stats(),
    room.ledger.readBack(),
    room.priceBook(),
  ]);
  const isClosed = closed.some(({ start }) => start === period.start);
  const { firstQuarterHour } = stats;
  const why = whyNotClosable({ period, isClosed, states, firstQuarterHour, readBack, now });
  if (why !== null) return why;
  return (await unfinishedRepricing(room.state.db, book.version))
    ? "A re-pricing was interrupted and has reached only a part of the past. Apply it again first."
    : null;
}
