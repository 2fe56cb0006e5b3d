import type { z } from "zod";
import { InputError } from "./command-context.ts";

/** The input as the schema understands it; throws an InputError with one message per field. */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields: Record<string, string> = {};
  for (const issue of parsed.error.issues) fields[issue.path.join(".") || "input"] ??= issue.message;
  throw new InputError(fields);
}
