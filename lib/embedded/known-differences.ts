/** A documented example whose printed output the engine does not give, and why. */
export type KnownDifference = { readonly id: string; readonly reason: string };

const NOT_THERE = "Log Analytics does not run it either, so it is refused.";

/** Every documented example that differs; docs/kql.md prints it. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    id: "asin-function.md#1",
    reason: "The page is stale: asin(0.5) is 0.5235…, the printed value belongs to another argument.",
  },
  { id: "beta-inv-function.md#1", reason: "beta_inv is not among the functions the engine promises; it is refused." },
  {
    id: "bin-function.md#2",
    reason: "The page prints 14:00:00:00; the service writes a timespan of 14 days as 14.00:00:00.",
  },
  {
    id: "buildschema-aggregation-function.md#1",
    reason: "buildschema is not among the functions the engine promises; it is refused.",
  },
  { id: "dynamic.md#3", reason: `It begins with a control command. ${NOT_THERE}` },
  { id: "inline-external-table-operator.md#1", reason: NOT_THERE },
  { id: "inline-external-table-operator.md#2", reason: NOT_THERE },
  { id: "inline-external-table-operator.md#4", reason: NOT_THERE },
  { id: "inline-external-table-operator.md#5", reason: NOT_THERE },
  {
    id: "join-innerunique.md#3",
    reason:
      "Which of the left rows with one key is kept is not specified; the engine keeps the first, the page shows another.",
  },
  { id: "range-operator.md#2", reason: "The page prints seven of the ten rows that its own query gives." },
  { id: "replace-regex-function.md#1", reason: "The page prints tostring(1) as 1.000000; the service writes 1." },
  { id: "strcat-function.md#2", reason: "The page prints the value as a numbered list, which is its own decoration." },
  { id: "table-function.md#2", reason: "It reads the sample table StormEvents, which no workspace has." },
  { id: "toguid-function.md#1", reason: 'The page\'s query says "is not" and its output "isn\'t".' },
  {
    id: "variancepif-aggregation-function.md#1",
    reason:
      "The page prints the sample variance 850; the population variance, which the function's text promises, is 833.",
  },
];
