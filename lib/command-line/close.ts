import { LOCAL_ADMINISTRATOR } from "../auth/principal.ts";
import { closeMonth } from "../commands/close-month.ts";
import { toDecimal } from "../money/money.ts";
import { toIso } from "../time/instant.ts";
import { type Command, UsageError } from "./command.ts";

/** `npm run close`: closes a billing period for good. One that cannot be closed is refused with the reason. */
export const closeCommand: Command = {
  name: "close",
  usage:
    "npm run close -- YYYY-MM      closes the billing period (UTC) that starts in that month for good: its charges never move again",
  onMissingFolder: "empty",
  async run(args, io) {
    const [month, ...others] = args;
    if (month === undefined || others.length > 0) throw new UsageError("Say one month, as 2026-10.");
    const runtime = await io.runtime();
    const { closed, archived } = await closeMonth(LOCAL_ADMINISTRATOR, runtime, { month });
    const { bookVersions, currency, closedAt } = closed;
    const { rows, bytes, hash } = archived;
    const result = {
      month,
      from: toIso(closed.period.start),
      to: toIso(closed.period.end),
      closedAt: toIso(closedAt),
      contractedCost: toDecimal(closed.contractedCost),
      contractedCostUpper: toDecimal(closed.contractedCostUpper),
      currency,
      bookVersions,
      archive: { file: runtime.archive.nameOf(archived), rows, bytes, hash },
    };
    await io.out(`${JSON.stringify(result, null, 2)}\n`);
    return 0;
  },
};
