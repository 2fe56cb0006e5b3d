import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Who may import whom, as `docs/architecture.md` tells it: a room imports what its row lists, itself, and nothing else of ours.
 * `type:` allows types only. `any` allows every room of lib but `embedded`.
 */
export const IMPORT_TABLE: Readonly<Record<string, readonly string[]>> = {
  money: [],
  time: [],
  env: ["time"],
  format: ["money", "time"],
  url: ["money", "time", "ledger", "attribution"],
  kql: ["time"],
  upstream: ["time"],
  "log-analytics": ["kql", "upstream", "time"],
  metrics: ["kql", "upstream", "time"],
  "cost-management": ["upstream", "pricing", "money", "time"],
  queries: ["kql", "log-analytics", "time"],
  usage: ["queries", "money", "time"],
  pricing: ["usage", "money", "time"],
  attribution: ["pricing", "usage", "money", "time"],
  ledger: ["type:usage", "type:pricing", "type:attribution", "type:auth", "money", "time"],
  ingestion: [
    "queries",
    "log-analytics",
    "metrics",
    "usage",
    "pricing",
    "attribution",
    "ledger",
    "kql",
    "money",
    "time",
  ],
  forecast: ["money", "time"],
  budgets: ["forecast", "money", "time"],
  alerts: ["budgets", "money", "time"],
  notifications: ["alerts", "time"],
  auth: ["time"],
  db: [
    "budgets",
    "alerts",
    "notifications",
    "attribution",
    "pricing",
    "auth",
    "type:evaluation",
    "type:usage",
    "money",
    "time",
  ],
  embedded: ["kql", "time", "type:usage", "type:metrics"],
  runtime: ["type:any", "type:embedded"],
  reports: ["any"],
  doctor: ["any"],
  evaluation: ["any"],
  commands: ["any"],
  wiring: ["any", "embedded"],
  "command-line": ["any"],
  components: ["type:any", "format", "url", "time", "components"],
  app: ["reports", "components", "url", "auth", "format", "runtime", "type:any"],
  "app/api": ["reports", "commands", "evaluation", "auth", "url", "runtime", "type:any"],
  scripts: ["any", "scripts"],
  "scripts/bench": ["any", "embedded", "scripts"],
  e2e: ["e2e"],
};

/** Rooms that compose stages and must not know one another. */
const SIDEWAYS: readonly (readonly [string, string])[] = [
  ["reports", "evaluation"],
  ["reports", "commands"],
  ["evaluation", "reports"],
  ["evaluation", "commands"],
  ["commands", "reports"],
];

/** Edges of single files that the table would forbid, each with its reason. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "components/filters/control-bar.tsx -> lib/ledger/charge-query.ts":
    "the list of dimensions is a constant of the type",
  "app/api/values/route.ts -> lib/ledger/charge-query.ts": "the list of dimensions is a constant of the type",
  "lib/command-line/soak-queries.ts -> lib/embedded/fuzz/fuzz-queries.ts":
    "the soak mutates queries against the engine itself",
  "lib/command-line/soak-queries.ts -> lib/embedded/workspace.ts": "the soak mutates queries against the engine itself",
  "lib/command-line/soak-queries.ts -> lib/embedded/fuzz/sample-rows.ts":
    "the soak mutates queries against the engine itself",
  "lib/command-line/soak-imports.ts -> lib/embedded/import/import-kills.testing.ts":
    "the soak kills processes that import into the engine itself",
  "lib/command-line/soak-imports.ts -> lib/embedded/import/import-batches.ts":
    "the soak kills processes that import into the engine itself",
  "lib/ledger/standing-keys.ts -> lib/pricing/stated-end.ts":
    "the end of a range that stored charges stand at is a rule of pricing",
  "scripts/kql-docs.ts -> lib/embedded/support-matrix.ts": "docs/kql.md is written from the engine's own registries",
};

/** One forbidden edge. */
export type ImportFault = { readonly file: string; readonly imports: string; readonly why: string };

/** Checks every source file below `root` against the table. Tests and test support may import what they test with. */
export function checkImports(root: string, files: readonly string[] = sourceFiles(root)): ImportFault[] {
  return files.flatMap((file) => {
    const room = roomOf(file);
    if (room === undefined) return [];
    const allowed = IMPORT_TABLE[room];
    if (allowed === undefined)
      return [{ file, imports: "-", why: `the room "${room}" has no row in the import table` }];
    return importsOf(readFileSync(join(root, file), "utf8")).flatMap(({ specifier, isTypeOnly }) => {
      const target = resolveOurs(file, specifier);
      if (target === undefined) return [];
      const targetRoom = roomOf(target);
      if (targetRoom === undefined || targetRoom === room || isAllowed(room, targetRoom, isTypeOnly, allowed))
        return [];
      if (EXCEPTIONS[`${file} -> ${target}`]) return [];
      return [{ file, imports: target, why: `${room} may import ${allowed.join(", ") || "nothing of ours"}` }];
    });
  });
}

function isAllowed(room: string, target: string, isTypeOnly: boolean, allowed: readonly string[]): boolean {
  if (SIDEWAYS.some(([from, to]) => from === room && to === target)) return false;
  const isLib = !["app", "app/api", "components", "scripts", "scripts/bench", "e2e"].includes(target);
  const matches = (name: string) => name === target || (name === "any" && isLib && target !== "embedded");
  return allowed.some((entry) => (entry.startsWith("type:") ? isTypeOnly && matches(entry.slice(5)) : matches(entry)));
}

function sourceFiles(root: string): string[] {
  const isTest = /\.test\.tsx?$|\.testing\.ts$|\/testing\/|\/goldens\//;
  return globSync("{app,components,lib,scripts,e2e}/**/*.{ts,tsx}", { cwd: root }).filter((file) => !isTest.test(file));
}

/** The room of a file: its folder in lib, or the top-level folder; undefined for files outside any room. */
function roomOf(file: string): string | undefined {
  const parts = file.split("/");
  if (parts[0] === "lib") return (parts[1] ?? "").replace(/\.tsx?$/, "");
  if (parts[0] === "app" && parts[1] === "api") return "app/api";
  if (parts[0] === "scripts" && /^(bench|demo|soak)/.test(parts[1] ?? "")) return "scripts/bench";
  return ["app", "components", "scripts", "e2e"].includes(parts[0] ?? "") ? parts[0] : undefined;
}

function importsOf(source: string): { specifier: string; isTypeOnly: boolean }[] {
  const found: { specifier: string; isTypeOnly: boolean }[] = [];
  const statement = /^\s*(?:import|export)\s+(type\s+)?([^"';]*?)\s*(?:from\s*)?["']([^"']+)["']/gm;
  for (const match of source.matchAll(statement)) {
    const names = /\{([^}]*)\}/.exec(match[2] ?? "")?.[1];
    const onlyTypeNames =
      names !== undefined &&
      !/^[\w*]/.test((match[2] ?? "").trim()) &&
      names
        .split(",")
        .filter((name) => name.trim())
        .every((name) => /^\s*type\s/.test(name));
    found.push({ specifier: match[3] ?? "", isTypeOnly: match[1] !== undefined || onlyTypeNames });
  }
  for (const match of source.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)) {
    const before = source.slice(0, match.index);
    const line = before.slice(before.lastIndexOf("\n") + 1);
    const isTypePosition = /(?::|<|\||&|typeof)\s*$/.test(line) || /^(?:export )?type \w+ = $/.test(line);
    found.push({ specifier: match[1] ?? "", isTypeOnly: isTypePosition });
  }
  return found;
}

function resolveOurs(file: string, specifier: string): string | undefined {
  if (specifier.startsWith("#")) return specifier.slice(1);
  if (!specifier.startsWith(".")) return undefined;
  return normalize(join(dirname(file), specifier));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = process.cwd();
  if (!existsSync(join(root, "package.json"))) throw new Error("Run this from the project's root.");
  const faults = checkImports(root);
  for (const fault of faults)
    console.error(`${relative(root, join(root, fault.file))} imports ${fault.imports}: ${fault.why}`);
  if (faults.length > 0) process.exit(1);
}
