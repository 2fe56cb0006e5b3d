import { divideRounded } from "../money/money.ts";

/** What stands where a number does not apply. */
export const NOT_APPLICABLE = "–";

const STEPS = [
  { units: 1_000_000_000_000n, suffix: "T" },
  { units: 1_000_000_000n, suffix: "B" },
  { units: 1_000_000n, suffix: "M" },
  { units: 1_000n, suffix: "k" },
] as const;

/** `1,234,567`: a count in full. */
export function formatCount(count: bigint | number): string {
  const text = count.toString();
  return text.startsWith("-") ? `-${groupThousands(text.slice(1))}` : groupThousands(text);
}

/** `1.24 M`: a count of tokens or requests in three significant digits; counts below a thousand in full. */
export function formatCountShort(count: bigint): string {
  const magnitude = count < 0n ? -count : count;
  const sign = count < 0n ? "-" : "";
  if (magnitude < 1_000n) return `${sign}${magnitude}`;
  for (const [index, { units, suffix }] of STEPS.entries()) {
    const next = STEPS[index + 1];
    if (magnitude < units && !(next && divideRounded(magnitude, next.units) >= 1_000n)) continue;
    const hundredths = divideRounded(magnitude * 100n, units);
    if (hundredths < 100n) continue;
    const decimals = hundredths >= 100_00n ? 0 : hundredths >= 10_00n ? 1 : 2;
    const shown = divideRounded(magnitude * 10n ** BigInt(decimals), units).toString();
    const text = decimals === 0 ? shown : `${shown.slice(0, -decimals)}.${shown.slice(-decimals)}`;
    return `${sign}${text}\u00a0${suffix}`;
  }
  return `${sign}${magnitude}`;
}

/** `12.5 %` with one decimal, half away from zero; "–" without a whole. A share that is not zero is never `0.0 %`. */
export function formatShare(part: bigint, whole: bigint): string {
  if (whole <= 0n) return NOT_APPLICABLE;
  const tenths = divideRounded(part * 1_000n, whole);
  if (tenths === 0n && part !== 0n) return "<0.1\u00a0%";
  return `${tenthsText(tenths)}\u00a0%`;
}

/** How an amount stands against an earlier one, in words: `12.0 % more`, `3.1 % less`, `the same`, `new`; "–" for nothing against nothing. */
export function formatChange(now: bigint, before: bigint): string {
  if (before === 0n) return now === 0n ? NOT_APPLICABLE : "new";
  const tenths = divideRounded((now - before) * 1_000n, before < 0n ? -before : before);
  if (tenths === 0n) return "the same";
  return `${tenthsText(tenths < 0n ? -tenths : tenths)}\u00a0% ${tenths > 0n ? "more" : "less"}`;
}

/** `formatChange` for a column of numerals: `+12.0 %`, `-3.1 %`, `0.0 %`, `new`; "–" for nothing against nothing. */
export function formatChangeSigned(now: bigint, before: bigint): string {
  if (before === 0n) return now === 0n ? NOT_APPLICABLE : "new";
  const tenths = divideRounded((now - before) * 1_000n, before < 0n ? -before : before);
  const sign = tenths > 0n ? "+" : tenths < 0n ? "-" : "";
  return `${sign}${tenthsText(tenths < 0n ? -tenths : tenths)}\u00a0%`;
}

/** `formatChange` as a sentence against the earlier value: `12.0 % more than $83.20`, `the same as $83.20`, `nothing before`. */
export function formatChangeAgainst(now: bigint, before: bigint, beforeText: string): string {
  if (before === 0n) return now === 0n ? "nothing before either" : "nothing before";
  const change = formatChange(now, before);
  return change === "the same" ? `the same as ${beforeText}` : `${change} than ${beforeText}`;
}

/** A share between 0 and 1 from a model or a gauge, as `71.3 %`; "unknown" for null. */
export function formatRatio(ratio: number | null): string {
  if (ratio === null || !Number.isFinite(ratio)) return "unknown";
  return formatShare(BigInt(Math.round(ratio * 1_000_000)), 1_000_000n);
}

/** Digits with commas between thousands. */
export function groupThousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

function tenthsText(tenths: bigint): string {
  const magnitude = tenths < 0n ? -tenths : tenths;
  return `${tenths < 0n ? "-" : ""}${groupThousands((magnitude / 10n).toString())}.${magnitude % 10n}`;
}
