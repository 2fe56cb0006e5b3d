import { expect, test } from "vitest";
import { bind } from "../kql/bind.ts";
import { LOG_ANALYTICS_TABLES } from "../kql/tables/log-analytics-tables.ts";
import { rejectedAnswer } from "./service-error.ts";

test.each([
  ["AzureDiagnostics | wher x", "SyntaxError", "SYN0002", 19],
  ["AzureDiagnostics | | count", "SyntaxError", "SYN0002", 18],
  ["AzureDiagnostics | where (", "SyntaxError", "SYN0002", 26],
  ["AzureDiagnostics | take", "SyntaxError", "SYN0002", 23],
  ["print 'abc", "SyntaxError", "SYN0002", 10],
  ["AzureDiagnostics | where Foo == 1", "SemanticError", "SEM0100", 25],
  ["Foo | count", "SemanticError", "SEM0100", 0],
  ["AzureDiagnostics | take 'a'", "SemanticError", undefined, 24],
  ["print strlen()", "SemanticError", undefined, 6],
])("%s is answered as the service answers it: %s %s at %i", (text, kind, code, pos) => {
  const bound = bind(text, LOG_ANALYTICS_TABLES);
  const first = bound.status === "rejected" ? bound.diagnostics[0] : undefined;
  if (!first) throw new Error("The query was not rejected.");
  const { status, body } = rejectedAnswer(first, "");
  expect(status).toBe(400);
  const { error } = JSON.parse(body);
  expect([error.code, error.innererror.code]).toEqual(["BadArgumentError", kind]);
  expect([error.innererror.innererror.code, error.innererror.innererror.pos]).toEqual([code, pos]);
});
