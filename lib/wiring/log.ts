import pino, { type Logger } from "pino";

/**
 * The process's structured log on standard error: JSON lines in UTC. Callers pass ids, counts and codes; never a token, a
 * cookie, a query's literals or anything that a person wrote.
 */
export function createLog(): Logger {
  return pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ["*.authorization", "*.token", "*.secret", "*.url"],
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
