import { z } from "zod";
import { toInstant } from "../time/instant.ts";

/** A `long` or `int` cell as a count. The SDK rounds what is beyond 2⁵³, so only a safe integer passes. */
export const count = z
  .number()
  .refine(Number.isSafeInteger, "a whole number that JSON carries exactly")
  .transform((value) => BigInt(value));

/** A sum of whole numbers; the sum of nothing may arrive as null and is zero. */
export const total = count.nullable().transform((value) => value ?? 0n);

/** A `datetime` cell that is never null in its question. */
export const instant = z.date().transform((value) => toInstant(value));

/** A text cell; a null text arrives as empty. */
export const text = z
  .string()
  .nullable()
  .transform((value) => value ?? "");

/** A `dynamic` cell that holds a list of whole numbers. */
export const integers = z.array(z.number().refine(Number.isSafeInteger)).readonly();

/** The same as one check of the whole list: answers that fold their rows hold millions of entries. */
export const wholeNumbers = z.custom<readonly number[]>(
  (value) => Array.isArray(value) && value.every(Number.isSafeInteger),
  "a list of whole numbers that JSON carries exactly",
);
