import { StreamLanguage } from "@codemirror/language";

const OPERATORS = new Set(
  "where extend project project-away project-keep project-rename project-reorder summarize count take limit top sort order distinct join lookup union mv-expand mv-apply make-series parse parse-where print range datatable getschema serialize sample search as let invoke render evaluate scan partition by on kind with from to step asc desc nulls first last in has contains startswith endswith matches regex and or not between typeof materialize toscalar".split(
    " ",
  ),
);
const LITERAL_NAMES = new Set([
  "true",
  "false",
  "null",
  "dynamic",
  "datetime",
  "timespan",
  "time",
  "guid",
  "long",
  "int",
  "real",
  "decimal",
  "string",
  "bool",
]);

/** Colours for KQL by its words; what a word means is the binder's business. */
export const kqlLanguage = StreamLanguage.define<{ isInBlock: boolean }>({
  name: "kql",
  startState: () => ({ isInBlock: false }),
  languageData: { commentTokens: { line: "//" }, closeBrackets: { brackets: ["(", "[", "{", '"', "'"] } },
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^\/\/.*/)) return "comment";
    if (stream.match(/^[hH]?@?"(?:[^"\\]|\\.)*"?/) || stream.match(/^[hH]?@?'(?:[^'\\]|\\.)*'?/)) return "string";
    if (stream.match(/^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?:d|h|m|s|ms|microsecond|tick)?\b/)) return "number";
    if (stream.match(/^[A-Za-z_][\w]*(?:-[a-z]+)*/)) {
      const word = stream.current();
      if (OPERATORS.has(word) || OPERATORS.has(word.replace(/^!/, ""))) return "keyword";
      if (LITERAL_NAMES.has(word)) return "typeName";
      if (/^\s*\(/.test(stream.string.slice(stream.pos))) return "function";
      if (word.includes("-")) stream.backUp(word.length - word.indexOf("-"));
      return "variableName";
    }
    if (stream.match(/^[|=<>!~+\-*/%]+/)) return "operator";
    stream.next();
    return "punctuation";
  },
  tokenTable: {},
});
