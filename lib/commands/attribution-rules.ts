import { z } from "zod";
import { type AttributionRule, attributionRuleSchema } from "../attribution/attribution-rule.ts";
import { requireAdministrator } from "../auth/authorise.ts";
import type { Principal } from "../auth/principal.ts";
import { listAttributionRules, replaceAttributionRules } from "../db/attribution-rules.ts";
import { callerHashKey } from "../db/secrets.ts";
import { uuidV7 } from "../time/uuid-v7.ts";
import { hashCaller } from "../usage/identity.ts";
import { audit } from "./audit.ts";
import type { CommandContext } from "./command-context.ts";
import { parseInput } from "./parse-input.ts";

const HASHED = /^[0-9a-f]{64}$/;

const inputSchema = z
  .array(attributionRuleSchema.extend({ id: z.string().min(1).optional() }))
  .max(5_000, "There can be at most 5,000 rules.")
  .superRefine((rules, context) => {
    const ids = rules.flatMap((rule) => rule.id ?? []);
    if (new Set(ids).size !== ids.length) context.addIssue({ code: "custom", message: "Two rules have the same id." });
  });

/**
 * Puts an ordered list of ownership rules in force. A `caller` value is hashed with the installation's key before it is
 * stored (one that is a hash already stays); a rule without an id gets one.
 */
export async function saveAttributionRules(
  principal: Principal,
  { state, now }: CommandContext,
  input: unknown,
): Promise<AttributionRule[]> {
  requireAdministrator(principal, "change the ownership rules");
  const wanted = parseInput(inputSchema, input);
  const key = await callerHashKey(state, now);
  const rules = wanted.map((rule) => ({
    ...rule,
    id: rule.id ?? uuidV7(now),
    value: rule.kind === "caller" && !HASHED.test(rule.value) ? hashCaller(rule.value, key) : rule.value,
  }));
  return state.transaction(async (tx) => {
    const before = await listAttributionRules(tx);
    await replaceAttributionRules(
      tx,
      rules.map((rule) => ({ id: rule.id, definition: rule })),
      now,
    );
    await audit(tx, principal, now, {
      action: "attribution_rules.replace",
      id: "installation",
      before: before.map((rule) => rule.definition),
      after: rules,
    });
    return rules;
  });
}
