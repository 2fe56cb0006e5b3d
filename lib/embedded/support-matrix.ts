import { AGGREGATE_FUNCTIONS, SCALAR_FAMILIES } from "./functions/registry.ts";
import { KNOWN_DIFFERENCES } from "./known-differences.ts";
import { TABULAR_OPERATORS } from "./lowering/operators/operator-registry.ts";
import { TUPLE_AGGREGATES } from "./lowering/operators/tuple-aggregates.ts";
import { SPECIAL_CALLS } from "./lowering/special-calls.ts";
import { WINDOW_FUNCTIONS } from "./lowering/window-calls.ts";

type Row = { readonly name: string; readonly note: string; readonly test: string };

/** `docs/kql.md`: what the embedded engine runs, from the registries themselves. */
export function supportMatrix(): string {
  const scalars = Object.entries(SCALAR_FAMILIES).map(([family, rows]) => section(`${family} functions`, rows));
  const aggregates = [...AGGREGATE_FUNCTIONS.values(), ...TUPLE_AGGREGATES.values()];
  return [
    INTRODUCTION,
    section("Tabular operators", TABULAR_OPERATORS()),
    ...scalars,
    section("Functions of the row and the row set", [...SPECIAL_CALLS, ...WINDOW_FUNCTIONS]),
    section("Aggregation functions", uniqueByName(aggregates)),
    SCALAR_OPERATORS,
    LIMITS,
    differences(),
  ].join("\n\n");
}

const INTRODUCTION = `# The KQL that the embedded workspace runs

<!-- Generated from the registries by \`node --conditions=react-server scripts/kql-docs.ts\`. Do not edit. -->

Queries are parsed and bound by Microsoft's own language service, then run as DuckDB SQL. What is listed here means what it
means on Azure Log Analytics; what is not listed is refused with its name, line and column, never replaced by something nearly
the same. The column *test* names the test that pins a row.`;

const SCALAR_OPERATORS = `## Scalar operators

\`+ - * / %\`, \`== != < <= > >=\`, \`and\`, \`or\`, \`not()\`, \`=~ !~\`, \`in !in in~ !in~\` (with lists, arrays and sub-queries),
\`between !between\`, \`has has_cs hasprefix hassuffix contains startswith endswith\` with their \`_cs\` and negated forms,
\`has_any has_all\`, \`matches regex\`, \`d.name\`, \`d["name"]\`, \`d[0]\`, \`d[-1]\`, \`* has "text"\`.`;

const LIMITS = `## Limits and known limitations

* 500,000 rows and 64 MB of rows: the answer is 200 with \`PartialError\`, as the service's. Time-out 180 s, or up to 600 s with
  \`Prefer: wait=\`: 504. KQL that a person types ends after 9 s unless it asks for more (\`--wait\`).
* A query text of more than 131,072 characters, deep nesting, a \`case\` of more than 500 branches, and functions that unfold into more than 40,000 steps are refused.
* Date-times hold microseconds; the service's seventh digit of the second is cut.
* A long that overflows ends the query with an error; the service wraps around.
* \`dcount\` and \`percentile\` are exact; the service estimates both.
* Decimals hold 18 digits after the point.
* Regular expressions are RE2's, as the service's are.
* Not run, although Log Analytics runs them: \`scan\`, \`reduce\`, \`find\`, \`externaldata\`, geospatial functions, graph operators,
  \`hll\` and \`tdigest\` states, plugins other than \`bag_unpack\` and \`pivot\`.
* Refused here as there: \`cluster()\`, \`database()\`, control commands, \`alias\` and \`declare query_parameters\`, more than one
  tabular result.`;

function section(title: string, rows: readonly Row[]): string {
  const lines = rows.map(({ name, note, test }) => `| \`${name}\` | ${cell(note)} | ${cell(test)} |`);
  return `## ${title}\n\n| name | note | test |\n| --- | --- | --- |\n${lines.join("\n")}`;
}

function differences(): string {
  const lines = KNOWN_DIFFERENCES.map(({ id, reason }) => `| ${id} | ${cell(reason)} |`);
  return `## Documented examples that come out differently

Of the examples in Microsoft's documentation that need no table, all but these give the printed output.

| example | why |
| --- | --- |
${lines.join("\n")}
`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function uniqueByName(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [row.name, row])).values()];
}
