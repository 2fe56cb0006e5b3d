import type { Period } from "../time/instant.ts";
import type { WorkspaceAnswer } from "./ask-workspace.ts";
import type { MissingPart, PartialReason, QueryPriority } from "./log-analytics.ts";

/** What came back for one question before its rows are read: columns and cells, or what is missing. */
export type RawOutcome =
  | { readonly status: "complete"; readonly answers: readonly WorkspaceAnswer[] }
  | {
      readonly status: "partial";
      readonly answers: readonly WorkspaceAnswer[];
      readonly reason: PartialReason;
      readonly message: string;
    }
  | { readonly status: "not_connected"; readonly missing: MissingPart };

export type RawQuestion = {
  readonly name: string;
  readonly kql: string;
  readonly period: Period | null;
  readonly priority: QueryPriority;
  readonly splitAlignMs: number | null;
};
