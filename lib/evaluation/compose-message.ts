import { type Notice, type NoticeEntry, noticeKindOf } from "../alerts/notice.ts";
import { scopeKey } from "../budgets/budget.ts";
import { formatCount } from "../format/format-count.ts";
import { formatMoney, formatMoneyAtLeast } from "../format/format-money.ts";
import { formatPeriod } from "../format/format-time.ts";
import { toDecimal } from "../money/money.ts";
import { type Instant, toIso } from "../time/instant.ts";

const LISTED = 50;

/**
 * The frozen JSON of a message: `type`, `timestamp` and `data`, as Standard Webhooks recommends. Amounts are decimal text.
 * The first fifty entries are listed, the others counted.
 */
export function composeMessage(notice: Notice, now: Instant, appUrl: string | undefined): string {
  const listed = notice.entries.slice(0, LISTED);
  return JSON.stringify({
    type: notice.kind,
    timestamp: toIso(now),
    data: {
      title: titleOf(notice),
      text: notice.entries.map(entryText).slice(0, LISTED).join("\n"),
      entries: listed.map(entryOf),
      more: notice.entries.length - listed.length,
      link: appUrl === undefined ? null : new URL("/alerts", appUrl).href,
    },
  });
}

/** One crossing as a sentence, also the title of its line in the history. */
export function entryText({ budget, crossing }: NoticeEntry): string {
  const { currency } = budget;
  const isAtLeast = crossing.unpricedTokens > 0n || crossing.valueUpper > crossing.value;
  const figure = formatMoneyAtLeast(crossing.value, isAtLeast, currency);
  const line = `${crossing.percent} % of ${formatMoney(crossing.amount, { currency })}`;
  const period = formatPeriod(crossing.period, budget.zone);
  const fact =
    crossing.basis === "actual"
      ? `${budget.name}: spend reached ${line} (${figure}) in ${period}`
      : `${budget.name}: the forecast for the end of ${period} reached ${line} (${figure})`;
  return `${fact}${doubtText({ budget, crossing })}.${causeText({ budget, crossing })}`;
}

function titleOf(notice: Notice): string {
  const budgets = new Set(notice.entries.map(({ budget }) => budget.id));
  const [first] = notice.entries;
  if (!first) return "";
  if (budgets.size > 1) return `${budgets.size} budgets: figures changed behind us`;
  const lines = notice.entries.map(
    ({ crossing }) => `${crossing.percent} %${crossing.basis === "forecast" ? " (forecast)" : ""}`,
  );
  return `Budget ${first.budget.name}: ${lines.join(", ")} reached`;
}

function doubtText({ budget, crossing }: NoticeEntry): string {
  const upper =
    crossing.valueUpper > crossing.value
      ? `, at most ${formatMoney(crossing.valueUpper, { currency: budget.currency })} for what has a price`
      : "";
  const unpriced =
    crossing.unpricedTokens > 0n ? `, and ${formatCount(crossing.unpricedTokens)} tokens have no price` : "";
  return upper + unpriced;
}

function causeText({ crossing }: NoticeEntry): string {
  switch (crossing.cause) {
    case "spend":
      return "";
    case "revision":
      return " The budget was changed; the line had been passed already.";
    case "late_data":
      return " Restated: rows of earlier days arrived late.";
    case "repricing":
      return " Restated: prices changed.";
    case "reattribution":
      return " Restated: ownership rules changed.";
  }
}

function entryOf({ budget, crossing }: NoticeEntry) {
  return {
    kind: noticeKindOf(crossing.cause),
    budget: { id: budget.id, name: budget.name, scope: scopeKey(budget.scope), zone: budget.zone },
    threshold: { id: crossing.thresholdId, basis: crossing.basis, percent: Number(crossing.percent) },
    period: { start: toIso(crossing.period.start), end: toIso(crossing.period.end) },
    revision: crossing.revision,
    currency: budget.currency,
    amount: toDecimal(crossing.amount),
    value: toDecimal(crossing.value),
    valueUpper: toDecimal(crossing.valueUpper),
    unpricedTokens: crossing.unpricedTokens.toString(),
    cause: crossing.cause,
    crossedAt: toIso(crossing.crossedAt),
  };
}
