import { type ClassValue, clsx } from "clsx";
import { twMerge } from "tailwind-merge";

/** Class names joined, the later of two that set the same property winning. */
export function cn(...classes: ClassValue[]): string {
  return twMerge(clsx(classes));
}
