/** Longer expressions than this are bound to a name before they are used several times. */
const SHORT = 48;
const LITERAL = /^\(?'(?:[^']|'')*'(?:::\w+)?\)?$/;

/**
 * `body` over expressions that it may use several times. DuckDB expands macros as text, so an expression that nests a few
 * of them would double at every level; a long one is therefore evaluated once, as the variable of a lambda over a list of one.
 */
export function once(expressions: readonly string[], body: (...names: string[]) => string): string {
  let depth = Math.max(0, ...expressions.flatMap(usedDepths));
  const bound: { readonly name: string; readonly value: string }[] = [];
  const names = expressions.map((value) => {
    if (value.length <= SHORT || LITERAL.test(value)) return value;
    depth += 1;
    const name = `once${depth}`;
    bound.push({ name, value });
    return name;
  });
  return bound.reduceRight(
    (inner, { name, value }) => `list_transform([${value}], lambda ${name}: ${inner})[1]`,
    body(...names),
  );
}

function usedDepths(text: string): number[] {
  return [...text.matchAll(/\bonce(\d+)\b/g)].map(([, depth]) => Number(depth));
}
