/** How far something long is, in days. */
export type Progress = { readonly daysDone: number; readonly daysTotal: number };

/** How something long ended. */
export type LongAnswer = { readonly ok: true; readonly done: unknown } | { readonly ok: false; readonly error: string };

type Line = { readonly progress?: Progress; readonly done?: unknown; readonly error?: string };

/** Starts something long and tells its progress, a line of JSON each. Never throws: a break is a message like any other. */
export async function sendLong(path: string, onProgress: (progress: Progress) => void): Promise<LongAnswer> {
  try {
    const response = await fetch(path, { method: "POST" });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!reader) return { ok: false, error: `The server answered ${response.status} without a word.` };
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      rest += value ?? "";
      const lines = rest.split("\n");
      rest = done ? "" : (lines.pop() ?? "");
      for (const text of lines.filter((line) => line.trim() !== "")) {
        const line: Line = JSON.parse(text);
        if (line.error !== undefined) return { ok: false, error: line.error };
        if (line.done !== undefined) return { ok: true, done: line.done };
        if (line.progress) onProgress(line.progress);
      }
      if (done) return { ok: false, error: "The server stopped telling before the end." };
    }
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : "The server did not answer." };
  }
}
