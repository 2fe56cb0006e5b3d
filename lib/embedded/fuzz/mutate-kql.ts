import { SCALAR_FUNCTIONS } from "../functions/registry.ts";
import { SEED_QUERIES } from "./seed-queries.ts";

/** A seeded source of numbers in [0, 1) (mulberry32), so that every mutant can be made again from its number. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const TOKEN = /\s+|[A-Za-z_$][\w$]*|\d+(?:\.\d+)?[a-z]*|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[=!<>]=|=~|!~|\.\.|\S/g;
const LITERALS = [
  "0",
  "-1",
  "9223372036854775807",
  "1.5",
  "real(nan)",
  "1e308",
  "''",
  "'a'",
  "'%_\\\\'",
  '"\'"',
  "true",
  "long(null)",
  "datetime(null)",
  "datetime(9999-12-31)",
  "datetime(0001-01-01)",
  "1d",
  "0s",
  "-1h",
  "10675199d",
  "dynamic(null)",
  "dynamic([])",
  "dynamic({})",
  "dynamic([1,'a',null,{'b':[1.5]}])",
  "guid(00000000-0000-0000-0000-000000000000)",
  "decimal(1.1)",
  "now()",
  "1000000000",
  "'\\u0000'",
  "'é😀'",
];
const OPERATORS = [
  "+",
  "-",
  "*",
  "/",
  "%",
  "==",
  "!=",
  "<",
  ">=",
  "and",
  "or",
  "has",
  "contains",
  "startswith",
  "in",
  "!in",
  "=~",
  "matches regex",
  "has_any",
  "between",
];
const TYPES = ["string", "long", "int", "real", "bool", "datetime", "timespan", "dynamic", "guid", "decimal"];

type Mutation = (tokens: string[], random: () => number, pool: readonly string[]) => string[];

const pick = <T>(from: readonly T[], random: () => number): T | undefined => from[Math.floor(random() * from.length)];
const place = (tokens: readonly string[], random: () => number): number => Math.floor(random() * tokens.length);
const placeOf = (tokens: readonly string[], test: RegExp, random: () => number): number => {
  const places = tokens.flatMap((token, index) => (test.test(token) ? [index] : []));
  return pick(places, random) ?? place(tokens, random);
};
const replaced = (tokens: string[], at: number, token: string | undefined): string[] =>
  at < tokens.length ? tokens.with(at, token ?? "") : tokens;

const MUTATIONS: readonly Mutation[] = [
  (tokens, random) => tokens.toSpliced(place(tokens, random), 1),
  (tokens, random) => tokens.toSpliced(place(tokens, random), 0, tokens[place(tokens, random)] ?? ""),
  (tokens, random) => {
    const [a, b] = [place(tokens, random), place(tokens, random)];
    return replaced(replaced(tokens, a, tokens[b]), b, tokens[a]);
  },
  (tokens, random) => replaced(tokens, placeOf(tokens, /^['"\d]/, random), pick(LITERALS, random)),
  (tokens, random) => replaced(tokens, placeOf(tokens, /^[A-Za-z_]/, random), pick(LITERALS, random)),
  (tokens, random) =>
    replaced(tokens, placeOf(tokens, /^[a-z_]+$/, random), pick([...SCALAR_FUNCTIONS.keys()], random)),
  (tokens, random) =>
    replaced(tokens, placeOf(tokens, /^([=!<>+\-*/%]+|and|or|has|in)$/, random), pick(OPERATORS, random)),
  (tokens, random) =>
    replaced(tokens, placeOf(tokens, new RegExp(`^(${TYPES.join("|")})$`), random), pick(TYPES, random)),
  (tokens, random) => {
    const names = tokens.filter((token) => /^[A-Za-z_]\w*$/.test(token));
    return replaced(tokens, placeOf(tokens, /^[A-Za-z_]\w*$/, random), pick(names, random));
  },
  (tokens, random) => {
    const name = pick([...SCALAR_FUNCTIONS.keys()], random);
    const at = placeOf(tokens, /^[A-Za-z_'"\d]/, random);
    return replaced(tokens, at, `${name}(${tokens[at]}${random() < 0.4 ? `, ${pick(LITERALS, random)}` : ""})`);
  },
  (tokens, random, pool) => {
    // The head of one query and the tail of another.
    const other = tokensOf(pick(pool, random) ?? "");
    const [head, tail] = [placeOf(tokens, /^\|$/, random), placeOf(other, /^\|$/, random)];
    return [...tokens.slice(0, head), ...other.slice(tail)];
  },
  (tokens, random) => tokens.slice(0, place(tokens, random)),
  // Two that the binder mostly lets pass, so that more mutants are run and not only refused.
  (tokens, random) => [...tokens, " | ", pick(STEPS, random) ?? "count"],
  (tokens, random) => replaced(tokens, placeOf(tokens, /^\d+$/, random), pick(NUMBERS, random)),
];

const NUMBERS = ["0", "1", "2", "7", "1000", "100000", "2147483648"];
/** Steps that fit behind most rows. */
const STEPS = [
  "count",
  "take 3",
  "take 0",
  "getschema",
  "summarize n_ = count()",
  "summarize take_any(*)",
  "extend all_ = pack_all()",
  "extend all_ = pack_all(true) | mv-expand kind=array all_",
  "extend all_ = tostring(pack_all()) | parse all_ with * ':' value_ ',' *",
  "serialize r_ = row_number() | extend p_ = prev(r_, 2, 0), c_ = row_cumsum(r_)",
  "as Rows_ | union Rows_",
  "where * has 'a'",
  "search 'a*'",
  "distinct *",
  "sample 2",
  "extend bag_ = pack_all() | project bag_ | evaluate bag_unpack(bag_, 'z_')",
  "extend k_ = strlen(tostring(pack_all())) | summarize arg_max(k_, *), percentile(k_, 95) by b_ = bin(k_, 10)",
  "extend k_ = 1 | join kind=fullouter (print k_ = 1, j_ = 'x') on k_",
  "extend l_ = range(1, 3, 1) | mv-apply l_ to typeof(long) on (summarize s_ = sum(l_))",
  "extend t_ = now() | make-series m_ = count() on t_ from ago(2h) to now() step 1h",
  "project-keep *_*",
  "sort by tostring(pack_all()) asc | where row_number() > 1",
  "partition by toscalar(print 1) (take 1)",
  "render timechart",
];

function tokensOf(query: string): string[] {
  return query.match(TOKEN) ?? [];
}

/** The mutant of a number: one to three changes to a query of the pool. */
export function mutantOf(number: number, pool: readonly string[] = SEED_QUERIES): string {
  const random = seeded(number * 2_654_435_761);
  let tokens = tokensOf(pick(pool, random) ?? "");
  const rounds = 1 + Math.floor(random() * random() * 3);
  for (let round = 0; round < rounds; round += 1) {
    tokens = pick(MUTATIONS, random)?.(tokens, random, pool) ?? tokens;
  }
  return tokens.join("");
}
