/**
 * The `$filter` text: `*` splits a dimension into series, several values of one dimension are joined by `or`, dimensions by
 * `and`. Undefined when there is nothing to filter or split by.
 */
export function metricsFilter(
  splitBy: readonly string[],
  wanted: Readonly<Record<string, readonly string[]>>,
): string | undefined {
  const named = Object.entries(wanted).filter(([, values]) => values.length > 0);
  const clauses = [
    ...named.map(([name, values]) => clauseOf(name, values)),
    ...splitBy.filter((name) => !named.some(([other]) => other === name)).map((name) => `${name} eq '*'`),
  ];
  return clauses.length > 0 ? clauses.join(" and ") : undefined;
}

function clauseOf(name: string, values: readonly string[]): string {
  const terms = values.map((text) => `${name} eq '${text.replaceAll("'", "''")}'`);
  return terms.length > 1 ? `(${terms.join(" or ")})` : terms.join("");
}
