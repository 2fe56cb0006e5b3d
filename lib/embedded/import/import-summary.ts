/** Where a request trace belongs: the deployment whose calls it is. Empty text is "not told". */
export type TracePlacement = {
  /** Lower-case ARM id of the account. */
  readonly account: string;
  readonly deployment: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly region: string;
  /** Epoch ms that the first row of the earliest trace is moved to; null keeps the times of the file. */
  readonly start: number | null;
};

/** `paths` are absolute files and folders. `receivedAt` (epoch ms) becomes the ingestion time of the new rows. */
export type ImportRequest = {
  readonly paths: readonly string[];
  readonly trace: TracePlacement | null;
  readonly rejectsFile: string;
  readonly receivedAt: number;
};

/** A line that could not be taken: where it is and why. `file` is "" for a path that could not be read at all. */
export type RejectedLine = { readonly file: string; readonly line: number; readonly reason: string };

/** Records are rows of the workspace; one row of a trace is one request and several records. */
export type ImportedFile = {
  readonly file: string;
  readonly kind: "logs" | "trace";
  readonly lines: number;
  readonly added: number;
  readonly known: number;
  readonly rejected: number;
  /** Requests and tokens of a trace's rows, also of those that were known; null for logs. */
  readonly trace: { readonly requests: number; readonly inputTokens: bigint; readonly outputTokens: bigint } | null;
  /** Read in full by an earlier import and unchanged since. */
  readonly isUnchanged: boolean;
};

export type ImportProgress = {
  readonly file: string;
  readonly files: number;
  readonly fileCount: number;
  readonly lines: number;
  readonly added: number;
};

export type ImportSummary = {
  readonly files: readonly ImportedFile[];
  readonly addedByCategory: ReadonlyMap<string, number>;
  /** The first ones; all of them are in `rejectsFile`. */
  readonly rejected: readonly RejectedLine[];
  readonly rejectedCount: number;
  readonly rejectsFile: string | null;
  /** Start of the first and of the last record that was added, epoch ms. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
};

export type ImportHooks = {
  readonly onProgress: (progress: ImportProgress) => void;
  readonly onRejected: (line: RejectedLine) => void;
  readonly signal: AbortSignal;
};
