/** What a command answered: its JSON, or what was wrong, per field; `form` when it is about no field. */
export type CommandAnswer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly fields: Readonly<Record<string, string>> };

/** Sends a command to the server. Never throws: a server that does not answer is a message like any other. */
export async function sendCommand(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
): Promise<CommandAnswer> {
  try {
    const response = await fetch(path, {
      method,
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const answer: { error?: string; fields?: Record<string, string> } = await response.json();
    if (response.ok) return { ok: true, body: answer };
    const fields = answer.fields ?? {};
    return {
      ok: false,
      fields:
        Object.keys(fields).length > 0
          ? fields
          : { form: answer.error ?? `The server answered ${response.status}. Try again.` },
    };
  } catch (error) {
    const what = error instanceof Error ? error.message : "the server did not answer";
    return { ok: false, fields: { form: `Nothing was changed: ${what}. Try again.` } };
  }
}
