import { attributionRuleSchema, type RuleKind } from "../attribution/attribution-rule.ts";
import type { Principal } from "../auth/principal.ts";
import { listAttributionRules } from "../db/attribution-rules.ts";
import { formatInstant } from "../format/format-time.ts";
import { toInstant } from "../time/instant.ts";
import type { ZoneId } from "../time/zone.ts";
import { deploymentPath, teamPath } from "../url/page-path.ts";
import { type ReportSources, sourcesOr } from "./page-context.ts";
import type { Row } from "./table-model.ts";

const KIND_NAMES: Readonly<Record<RuleKind, string>> = {
  apimSubscription: "API Management subscription",
  apimProduct: "API Management product",
  caller: "caller",
  application: "application",
  deployment: "deployment",
  account: "account",
};

/** The ownership rules in force, in the order in which they are tried; empty for a person who sees only some teams. */
export async function loadOwnershipRules(
  principal: Principal,
  zone: ZoneId,
  given?: ReportSources,
): Promise<readonly Row[]> {
  if (principal.sees.kind !== "everything") return [];
  const { state } = await sourcesOr(given);
  const stored = await listAttributionRules(state.db);
  return stored.map(({ id, definition }, index): Row => {
    const read = attributionRuleSchema.safeParse(definition);
    if (!read.success)
      return {
        id,
        cells: {
          order: { text: String(index + 1), sort: index },
          kind: { text: "not readable", state: "watch" },
          value: { text: read.error.issues[0]?.message ?? "unknown" },
        },
      };
    const rule = read.data;
    const time = (text: string | null) => (text === null ? null : formatInstant(toInstant(text), zone));
    const [from, to] = [time(rule.from), time(rule.to)];
    return {
      id,
      cells: {
        order: { text: String(index + 1), sort: index },
        kind: { text: KIND_NAMES[rule.kind] },
        value:
          rule.kind === "caller"
            ? { text: `${rule.value.slice(0, 8)}…`, title: "the hash of the caller's id; the id itself is not kept" }
            : { text: rule.value, ...(rule.kind === "deployment" ? { href: deploymentPath(rule.value) } : {}) },
        team: { text: rule.team, href: teamPath(rule.team) },
        application: { text: rule.application || "–" },
        holds: {
          text: from === null && to === null ? "always" : `${from ? `from ${from}` : ""}${to ? ` until ${to}` : ""}`,
        },
      },
    };
  });
}
