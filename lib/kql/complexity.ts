/** More brackets within brackets, or more words and signs, than this keep the binder busy for seconds. */
const MAX_DEPTH = 300;
const MAX_TOKENS = 30_000;
const PIECE = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/[^\n]*|[([{]|[)\]}]|\w+|[^\s\w]/g;

/**
 * Why a text is refused before the binder sees it, or null: the binder works on the caller's thread, cannot be stopped, and takes
 * time that grows with nesting, and twofold with each name that is used twice to declare the next.
 */
export function complexityFault(text: string): string | null {
  let depth = 0;
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECE)) {
    tokens += 1;
    if (tokens > MAX_TOKENS) return `The query has more than ${MAX_TOKENS} words and signs.`;
    if (/^[([{]$/.test(piece)) depth += 1;
    if (/^[)\]}]$/.test(piece)) depth -= 1;
    if (depth > MAX_DEPTH) return `The query is nested more than ${MAX_DEPTH} brackets deep.`;
  }
  return unfoldsInto(text) > MAX_UNFOLDED ? "The query's let statements use one another too often." : null;
}

const MAX_UNFOLDED = 8_000;

/** How many uses of names the text comes to when every `let` name is replaced by what it stands for. */
function unfoldsInto(text: string): number {
  const weights = new Map<string, number>();
  let largest = 0;
  let current: { readonly name: string; weight: number } | null = null;
  const close = (): void => {
    if (current !== null) weights.set(current.name, current.weight);
    current = null;
  };
  for (const [, declared, word] of text.matchAll(
    /\blet\s+(\w+)\s*=|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/[^\n]*|(\w+)/g,
  )) {
    if (declared !== undefined) {
      close();
      current = { name: declared, weight: 1 };
      continue;
    }
    const weight = word === undefined ? undefined : weights.get(word);
    if (weight === undefined) continue;
    if (current !== null) current.weight += weight;
    largest = Math.max(largest, current?.weight ?? weight);
    if (largest > MAX_UNFOLDED) return largest;
  }
  return largest;
}
