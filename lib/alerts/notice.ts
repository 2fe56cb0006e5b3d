import type { Budget } from "../budgets/budget.ts";
import type { BudgetCrossing, CrossingCause } from "./alert.ts";

export const NOTICE_KINDS = ["budget.threshold_crossed", "budget.revised", "budget.restated"] as const;
/** What a message is about: lines crossed by spend, by an edit of the budget, or because figures changed behind us. */
export type NoticeKind = (typeof NOTICE_KINDS)[number];

export type NoticeEntry = { readonly budget: Budget; readonly crossing: BudgetCrossing };

/**
 * One message to be sent: everything of one kind that belongs together. Crossings by spend and by an edit go out per budget;
 * restated ones go out together, because one cause (a new price) can touch many budgets.
 */
export type Notice = {
  readonly kind: NoticeKind;
  readonly instanceKey: string;
  /** Tells this message from every other of its instance; the same in every process and attempt. */
  readonly transition: string;
  readonly entries: readonly NoticeEntry[];
};

/** Groups what was crossed in one evaluation into messages; the highest line of a budget comes first and speaks for the lower ones. */
export function groupNotices(entries: readonly NoticeEntry[]): Notice[] {
  const groups = Map.groupBy(entries, (entry) => groupKeyOf(entry));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const sorted = group.toSorted(compareEntries);
    return [
      {
        kind: noticeKindOf(first.crossing.cause),
        instanceKey: instanceKeyOf(first),
        transition: sorted
          .map(({ crossing }) => crossing.id)
          .toSorted()
          .join(","),
        entries: sorted,
      },
    ];
  });
}

/** The kind of message that a cause belongs to. */
export function noticeKindOf(cause: CrossingCause): NoticeKind {
  switch (cause) {
    case "spend":
      return "budget.threshold_crossed";
    case "revision":
      return "budget.revised";
    case "late_data":
    case "repricing":
    case "reattribution":
      return "budget.restated";
  }
}

function groupKeyOf(entry: NoticeEntry): string {
  return `${noticeKindOf(entry.crossing.cause)}|${instanceKeyOf(entry)}`;
}

function instanceKeyOf({ crossing }: NoticeEntry): string {
  return noticeKindOf(crossing.cause) === "budget.restated"
    ? `restated/${crossing.cause}`
    : `budget/${crossing.budgetId}/${crossing.period.start}/r${crossing.revision}`;
}

/** By budget name, then spend before forecast, then the highest line first. */
function compareEntries(a: NoticeEntry, b: NoticeEntry): number {
  if (a.budget.name !== b.budget.name) return a.budget.name < b.budget.name ? -1 : 1;
  if (a.crossing.basis !== b.crossing.basis) return a.crossing.basis === "actual" ? -1 : 1;
  if (a.crossing.percent !== b.crossing.percent) return a.crossing.percent > b.crossing.percent ? -1 : 1;
  return a.crossing.id < b.crossing.id ? -1 : a.crossing.id > b.crossing.id ? 1 : 0;
}
