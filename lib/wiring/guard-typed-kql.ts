import { z } from "zod";
import { canHoldPromptText } from "../kql/deny-list.ts";
import type { TypedAnswer, TypedQuestion } from "../log-analytics/log-analytics.ts";

/** What typed KQL may not use: it would leave the workspace, or read what can hold prompts. */
const REFUSED = /\b(externaldata|workspace|cluster|database|app|adx|arg)\s*\(|^\s*\.|\b(pack_all|AppGenAIContent)\b/im;
const WORD = /[A-Za-z_][\w]*/g;

const bodySchema = z.looseObject({
  tables: z.array(
    z.looseObject({ columns: z.array(z.looseObject({ name: z.string() })), rows: z.array(z.array(z.unknown())) }),
  ),
});

/**
 * KQL that people type, towards a real workspace: calls that leave the workspace and columns that can hold prompt text
 * are refused before anything is sent, and such columns are taken out of an answer that brought them by `*`.
 */
export function guardTypedKql(
  ask: (question: TypedQuestion) => Promise<TypedAnswer>,
): (question: TypedQuestion) => Promise<TypedAnswer> {
  return async (question) => {
    const refused = REFUSED.exec(question.text)?.[0] ?? question.text.match(WORD)?.find(canHoldPromptText);
    if (refused) return refusal(refused.trim());
    const answer = await ask(question);
    return answer.status === 200 ? { ...answer, body: withoutPrompts(answer.body) } : answer;
  };
}

function withoutPrompts(body: string): string {
  const parsed = bodySchema.safeParse(JSON.parse(body));
  if (!parsed.success || !parsed.data.tables.some(({ columns }) => columns.some(({ name }) => canHoldPromptText(name))))
    return body;
  const tables = parsed.data.tables.map((table) => {
    const kept = table.columns.flatMap(({ name }, index) => (canHoldPromptText(name) ? [] : [index]));
    return {
      ...table,
      columns: kept.map((index) => table.columns[index]),
      rows: table.rows.map((row) => kept.map((index) => row[index])),
    };
  });
  return JSON.stringify({ ...parsed.data, tables });
}

function refusal(what: string): TypedAnswer {
  const message = `'${what}' is not available here: typed queries read this workspace only, and never columns that can hold prompt text.`;
  return { status: 400, body: JSON.stringify({ error: { code: "BadArgumentError", message } }) };
}
