import { symbol } from "#lib/format/format-money.ts";
import type { ChartUnit } from "#lib/reports/chart-model.ts";

const STEPS = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** The text of a tick: short, because the exact value is in the tooltip and the table. */
export function axisText(value: number, unit: ChartUnit, currency = "USD"): string {
  switch (unit) {
    case "money":
      return `${symbol(currency)}${short(value)}`;
    case "count":
      return short(value);
    case "milliseconds":
      return value >= 1_000 ? `${trim(value / 1_000)} s` : `${trim(value)} ms`;
    case "percent":
      return `${trim(value)} %`;
  }
}

function short(value: number): string {
  for (const [size, suffix] of STEPS) if (Math.abs(value) >= size) return `${trim(value / size)}${suffix}`;
  return trim(value);
}

function trim(value: number): string {
  return Number(value.toPrecision(value !== 0 && Math.abs(value) < 1 ? 2 : 4)).toString();
}
