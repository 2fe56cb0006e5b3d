/** A date-time literal in the one form that the product's own questions use, so that nothing else is ever taken for one. */
const LITERAL = /\bdatetime\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})0000Z\)/g;

/** Where the lowering may compute with a literal instead of writing it down. */
const COMPUTED = /\b(?:make-series|range|datatable|between)\b|datetime\([^)]*\)\s*[-+*/%]|[-+*/%]\s*datetime\(/;

/**
 * A query's text with its date-times taken out: texts with the same `key` differ in nothing but those instants.
 * `instants` are the distinct ones as SQL, in order of appearance. Undefined where the plan may depend on them.
 */
export function datetimesOf(text: string): { readonly key: string; readonly instants: readonly string[] } | undefined {
  if (COMPUTED.test(text)) return undefined;
  const instants: string[] = [];
  const key = text.replace(LITERAL, (_literal, iso: string) => {
    const sql = `make_timestamp(${BigInt(Date.parse(`${iso}Z`)) * 1_000n})`;
    const known = instants.indexOf(sql);
    return `datetime(#${known >= 0 ? known : instants.push(sql) - 1})`;
  });
  return instants.length === 0 ? undefined : { key, instants };
}

/** Whether every instant stands in the SQL, so that another can take its place. */
export function canReuse(sql: string, instants: readonly string[]): boolean {
  return instants.every((instant) => sql.includes(instant));
}

/** The SQL of one run for other instants: each old one replaced by the new one at the same place of the list. */
export function withInstants(sql: string, from: readonly string[], to: readonly string[]): string {
  const replacement = new Map(from.map((instant, index) => [instant, to[index] ?? instant]));
  return sql.replace(/make_timestamp\(-?\d+\)/g, (instant) => replacement.get(instant) ?? instant);
}
