import type { z } from "zod";
import type { Kql } from "../kql/kql.ts";

/**
 * A question of the product in KQL: its name (for logs, receipts and the query budget), its text for given parameters,
 * and the schema that every row must satisfy.
 */
export type KqlQuery<Params, Row> = {
  readonly name: string;
  readonly text: (params: Params) => Kql;
  readonly row: z.ZodType<Row>;
};
