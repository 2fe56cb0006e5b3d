import { z } from "zod";
import { BUDGET_PERIODS, THRESHOLD_BASES } from "../budgets/budget.ts";
import { parseMoney } from "../money/money.ts";
import { parseFiscalStart, parseZone } from "../time/zone.ts";

const LARGEST_PERCENT = 1_000;

const scope = z.discriminatedUnion(
  "kind",
  [
    z.object({ kind: z.literal("everything") }),
    z.object({ kind: z.literal("team"), team: z.string().trim().min(1, "Choose a team.") }),
    z.object({
      kind: z.literal("deployment"),
      deployment: z
        .string()
        .trim()
        .regex(/^[^/]+\/[^/]+$/, "Choose a deployment, written account/deployment."),
    }),
    z.object({ kind: z.literal("model"), model: z.string().trim().min(1, "Choose a model.") }),
  ],
  "Choose what the budget counts: everything, a team, a deployment or a model.",
);

const threshold = z.object({
  basis: z.enum(THRESHOLD_BASES, "Choose actual or forecast."),
  percent: z
    .number("Write the threshold as a whole number of per cent.")
    .int("Write the threshold as a whole number of per cent.")
    .min(1, "A threshold starts at 1 %.")
    .max(LARGEST_PERCENT, `A threshold ends at ${LARGEST_PERCENT} %.`),
  recipients: z
    .array(z.string())
    .min(1, "Choose at least one channel, or none at all for every channel.")
    .nullable()
    .default(null),
});

/**
 * A budget as a form or a client sends it. The amount is a plain decimal text; zone and fiscal start left out are the
 * settings' own; thresholds left out are the usual ones (actual 50, 80 and 100 %, forecast 100 %).
 */
export const budgetInputSchema = z.object({
  name: z
    .string("Give the budget a name.")
    .trim()
    .min(1, "Give the budget a name.")
    .max(120, "A name has at most 120 characters."),
  scope,
  amount: z.string("Write the amount as a decimal such as 1234.56.").transform((text, context) => {
    try {
      const amount = parseMoney(text);
      if (amount > 0n) return amount;
      context.issues.push({ code: "custom", message: "The amount must be more than zero.", input: text });
    } catch {
      context.issues.push({ code: "custom", message: "Write the amount as a decimal such as 1234.56.", input: text });
    }
    return z.NEVER;
  }),
  period: z.enum(BUDGET_PERIODS, "Choose month, quarter or year."),
  zone: z
    .string()
    .optional()
    .transform((text, context) => {
      const zone = text === undefined ? undefined : parseZone(text);
      if (text === undefined || zone !== undefined) return zone;
      context.issues.push({ code: "custom", message: "Write an IANA time zone such as Europe/Berlin.", input: text });
      return z.NEVER;
    }),
  fiscalStart: z
    .string()
    .optional()
    .transform((text, context) => {
      const start = text === undefined ? undefined : parseFiscalStart(text);
      if (text === undefined || start !== undefined) return start;
      context.issues.push({
        code: "custom",
        message: "Write the first day of the fiscal year as MM-DD, such as 04-01.",
        input: text,
      });
      return z.NEVER;
    }),
  thresholds: z
    .array(threshold)
    .min(1, "Set at least one threshold.")
    .max(20, "A budget has at most 20 thresholds.")
    .default([
      { basis: "actual", percent: 50, recipients: null },
      { basis: "actual", percent: 80, recipients: null },
      { basis: "actual", percent: 100, recipients: null },
      { basis: "forecast", percent: 100, recipients: null },
    ])
    .superRefine((thresholds, context) => {
      const seen = new Set<string>();
      for (const [index, { basis, percent }] of thresholds.entries()) {
        const key = `${basis} ${percent}`;
        if (seen.has(key))
          context.addIssue({
            code: "custom",
            path: [index, "percent"],
            message: `The threshold ${key} % is there twice.`,
          });
        seen.add(key);
      }
    }),
});

export type BudgetInput = z.output<typeof budgetInputSchema>;
