import type { Position } from "../kql/position.ts";

/** Whether Log Analytics would run what the engine refuses. */
export type ElsewhereStatus = "runs" | "refused_there_too" | "unknown";

/** A construct the engine does not run; it is never replaced by something that is nearly the same. */
export class Refusal extends Error {
  readonly offset: number;
  readonly length: number;
  readonly elsewhere: ElsewhereStatus;

  constructor(message: string, details: { offset: number; length: number; elsewhere: ElsewhereStatus }) {
    super(message);
    this.name = "Refusal";
    this.offset = details.offset;
    this.length = details.length;
    this.elsewhere = details.elsewhere;
  }
}

/** The sentence a person reads: what, where, and whether Log Analytics runs it. */
export function refusalMessage(refusal: Refusal, position: Position): string {
  const place = `(line ${position.line}, column ${position.column})`;
  switch (refusal.elsewhere) {
    case "runs":
      return `${refusal.message} ${place}. It does run on Azure Log Analytics.`;
    case "refused_there_too":
      return `${refusal.message} ${place}. Azure Log Analytics does not run it either.`;
    case "unknown":
      return `${refusal.message} ${place}.`;
  }
}
