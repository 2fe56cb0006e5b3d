import type { z } from "zod";
import type { Kql } from "../kql/kql.ts";

/**
 * A question of the product in KQL: its name (for logs, receipts and the query budget), its text for given parameters,
 * and the schema that every row must satisfy.
 * `splitAlignMs` is given by a question whose rows each depend on one time bin only: when a range is too large for the
 * workspace, it is asked in pieces that start at multiples of this many milliseconds and the rows are put together.
 */
export type KqlQuery<Params, Row> = {
  readonly name: string;
  readonly text: (params: Params) => Kql;
  readonly row: z.ZodType<Row>;
  readonly splitAlignMs?: number;
};
