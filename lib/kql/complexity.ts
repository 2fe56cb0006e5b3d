/** More brackets within brackets, or more words and signs, than this keep the binder busy for seconds. */
const MAX_DEPTH = 300;
const MAX_TOKENS = 30_000;
/** The binder compares the arguments of a case with one another: 500 branches are half a second, 1,000 six. */
export const MAX_CASE = 1_001;
const PIECE = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/[^\n]*|[([{]|[)\]}]|\w+|[^\s\w]/g;

/**
 * Why a text is refused before the binder sees it, or null: the binder works on the caller's thread, cannot be stopped, and takes
 * time that grows with nesting, and twofold with each name that is used twice to declare the next.
 */
export function complexityFault(text: string): string | null {
  let tokens = 0;
  let before = "";
  const open: { readonly isCase: boolean; commas: number }[] = [];
  for (const [piece] of text.matchAll(PIECE)) {
    tokens += 1;
    if (tokens > MAX_TOKENS) return `The query has more than ${MAX_TOKENS} words and signs.`;
    const inside = open.at(-1);
    if (/^[([{]$/.test(piece)) open.push({ isCase: before === "case", commas: 0 });
    else if (/^[)\]}]$/.test(piece)) open.pop();
    else if (piece === "," && inside !== undefined) inside.commas += 1;
    if (open.length > MAX_DEPTH) return `The query is nested more than ${MAX_DEPTH} brackets deep.`;
    if (inside?.isCase === true && inside.commas >= MAX_CASE) return `'case' takes at most ${MAX_CASE} arguments here.`;
    before = piece;
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
