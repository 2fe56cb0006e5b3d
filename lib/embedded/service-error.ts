import type { Diagnostic } from "../kql/bind.ts";
import type { Position } from "../kql/position.ts";

/** What the engine answers with: the HTTP status and the JSON text of the body. */
export type EngineAnswer = { readonly status: number; readonly body: string };

/** The binder's codes for a name that stands for nothing: of a table, and of a column, variable or function. */
const UNRESOLVED: Readonly<Record<string, string>> = {
  KS204: "Failed to resolve table or column expression named",
  KS142: "Failed to resolve scalar expression named",
};

/**
 * 400 for a query the binder rejected. The service's own code is given where it is known (SYN0002 for text that does not
 * parse, SEM0100 for a name that does not resolve); the binder's code stands in the message.
 */
export function rejectedAnswer(diagnostic: Diagnostic, token: string): EngineAnswer {
  const { kind, code, message, position } = diagnostic;
  const unresolved = UNRESOLVED[code];
  const words = unresolved === undefined ? message : `${unresolved} '${token}'. ${message}`;
  const known = kind === "syntax" ? "SYN0002" : unresolved === undefined ? undefined : "SEM0100";
  const text = code === "" ? words : `${words} [${code}]`;
  return badRequest(kind === "syntax" ? "SyntaxError" : "SemanticError", text, position, token, known);
}

/** 400 for what the engine, or Log Analytics itself, does not run. */
export function refusedAnswer(message: string, position: Position, token: string): EngineAnswer {
  return badRequest("SemanticError", message, position, token);
}

function badRequest(
  code: "SyntaxError" | "SemanticError",
  message: string,
  position: Position,
  token: string,
  innerCode?: string,
): EngineAnswer {
  const kind = code === "SyntaxError" ? "syntax" : "semantic";
  return errorAnswer(400, {
    code: "BadArgumentError",
    message: "The request had some invalid properties",
    innererror: {
      code,
      message: `A ${kind} error occurred.`,
      innererror: {
        ...(innerCode === undefined ? {} : { code: innerCode }),
        message,
        line: position.line,
        pos: position.column - 1,
        token,
      },
    },
  });
}

/** 504: the query did not end in time. */
export function timeoutAnswer(timeoutMs: number): EngineAnswer {
  return errorAnswer(504, {
    code: "GatewayTimeout",
    message: `The query was stopped after ${Math.round(timeoutMs / 1000)} s. Narrow its time range or aggregate earlier.`,
  });
}

/** 400 for a run-time error inside the query's own meaning, such as a number too large for a long. */
export function failedAnswer(message: string): EngineAnswer {
  return errorAnswer(400, {
    code: "BadArgumentError",
    message: "The request had some invalid properties",
    innererror: { code: "EngineError", message },
  });
}

/** 500: a fault of ours, found again in the log by its id. */
export function internalAnswer(id: string): EngineAnswer {
  return errorAnswer(500, {
    code: "InternalServerError",
    message: `The embedded engine failed on this query. Its log holds the details under ${id}.`,
  });
}

export function errorAnswer(status: number, error: Record<string, unknown>): EngineAnswer {
  return { status, body: JSON.stringify({ error }) };
}
