import type { Instant } from "./time/instant.ts";

/** Everything that the process has open for one data folder: stores, clients and the clock. */
export type Runtime = {
  readonly dataDir: string;
  readonly mode: "demo" | "real";
  /** The clock; `DEMO_NOW` fixes it in a demo data folder. */
  readonly now: () => Instant;
};
