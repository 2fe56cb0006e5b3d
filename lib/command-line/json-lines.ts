/** One line of a JSON-lines input: its number from 1, and its value or why it is none. Blank lines are passed over. */
export type JsonLine =
  | { readonly line: number; readonly value: unknown; readonly error?: undefined }
  | { readonly line: number; readonly value?: undefined; readonly error: string };

/** Reads JSON lines from bytes, in order, without holding more than a line; a byte-order mark is passed over. */
export async function* readJsonLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<JsonLine> {
  const decoder = new TextDecoder();
  let rest = "";
  let line = 0;
  for await (const chunk of input) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) {
      line += 1;
      if (text.trim() !== "") yield parse(text, line);
    }
  }
  rest += decoder.decode();
  if (rest.trim() !== "") yield parse(rest, line + 1);
}

function parse(text: string, line: number): JsonLine {
  try {
    const value: unknown = JSON.parse(text);
    return { line, value };
  } catch {
    return { line, error: `line ${line} is not JSON` };
  }
}
