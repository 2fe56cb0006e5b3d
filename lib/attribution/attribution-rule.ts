import { z } from "zod";

/** What a rule looks at; `caller` holds the keyed hash of an Entra object id, never the id itself. */
export const RULE_KINDS = [
  "apimSubscription",
  "apimProduct",
  "caller",
  "application",
  "deployment",
  "account",
] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

const day = z.iso.datetime({ offset: true });

/**
 * One rule as it is stored: traffic whose `kind` equals `value` (without regard to case; a deployment is written
 * `account/deployment` with the account's short name) belongs to `team`. Half-open in time; null is open.
 */
export const attributionRuleSchema = z.strictObject({
  id: z.string().min(1),
  kind: z.enum(RULE_KINDS),
  value: z.string().min(1),
  team: z.string().min(1),
  application: z.string().default(""),
  from: day.nullable().default(null),
  to: day.nullable().default(null),
});

export type AttributionRule = z.infer<typeof attributionRuleSchema>;
