import { type Period, toInstant } from "../time/instant.ts";
import { UpstreamError } from "../upstream/call-upstream.ts";
import { LogAnalyticsError } from "./log-analytics.ts";
import type { RawOutcome, RawQuestion } from "./raw-outcome.ts";

export type SplitLimits = { readonly maxRows: number; readonly minSplitMs: number; readonly maxPieces: number };

/**
 * Asks, and where the answer is too large (504, cut short by the service, more rows than we read) and the question can
 * be split, asks both halves of its window instead: never below an hour, at most 64 pieces.
 * The halves are sent as timespans, which filter in addition to the text.
 */
export async function askInPieces(
  question: RawQuestion,
  ask: (question: RawQuestion) => Promise<RawOutcome>,
  limits: SplitLimits,
): Promise<RawOutcome> {
  let pieces = 1;

  async function askPiece(piece: RawQuestion): Promise<RawOutcome> {
    const outcome = await askOrTooLarge(piece);
    if (outcome !== "too_large" && outcome.status !== "partial") return outcome;
    const isCut = outcome === "too_large" || (outcome.status === "partial" && outcome.reason === "service");
    const halves = isCut ? halvesOf(piece, limits.minSplitMs) : null;
    if (!halves || pieces >= limits.maxPieces) {
      if (outcome === "too_large") throw tooLarge(question);
      return outcome;
    }
    pieces++;
    const [first, second] = halves;
    return together(await askPiece({ ...piece, period: first }), await askPiece({ ...piece, period: second }));
  }

  async function askOrTooLarge(piece: RawQuestion): Promise<RawOutcome | "too_large"> {
    try {
      const outcome = await ask(piece);
      if (outcome.status === "not_connected") return outcome;
      const rows = outcome.answers.reduce((sum, answer) => sum + answer.rows.length, 0);
      return rows > limits.maxRows ? "too_large" : outcome;
    } catch (error) {
      if (error instanceof UpstreamError && error.failure.kind === "gateway_timeout") return "too_large";
      throw error;
    }
  }

  return askPiece(question);
}

/** Both halves of the window, cut at a multiple of the question's alignment; null when it must not be cut further. */
export function halvesOf(question: RawQuestion, minSplitMs: number): readonly [Period, Period] | null {
  const { period, splitAlignMs } = question;
  if (!period || !splitAlignMs || period.end - period.start < 2 * minSplitMs) return null;
  const middle = toInstant(Math.round((period.start + period.end) / 2 / splitAlignMs) * splitAlignMs);
  if (middle <= period.start || middle >= period.end) return null;
  return [
    { start: period.start, end: middle },
    { start: middle, end: period.end },
  ];
}

/** Two parts of one answer; a part that is not there leaves the other. */
export function together(first: RawOutcome, second: RawOutcome): RawOutcome {
  if (first.status === "not_connected") return second;
  if (second.status === "not_connected") return first;
  const answers = [...first.answers, ...second.answers];
  const partial = [first, second].filter((part) => part.status === "partial");
  // Rows that were cut off weigh more than a workspace that said nothing.
  const cut = partial.find(({ reason }) => reason !== "workspace_failed") ?? partial[0];
  return cut ? { ...cut, answers } : { status: "complete", answers };
}

function tooLarge(question: RawQuestion): LogAnalyticsError {
  return new LogAnalyticsError("too_large", {
    query: question.name,
    message: `The question ${question.name} asks for more than one answer can hold. Choose a shorter period.`,
  });
}
