/** Numbers in [0, 1) that are the same for the same seed parts, on every machine. */
export type Random = () => number;

/** A generator seeded by whole numbers; the parts are mixed, so neighbours share nothing. */
export function randomOf(...parts: readonly number[]): Random {
  let state = 0x9e3779b9;
  for (const part of parts) {
    state = mixed(state ^ (part | 0));
    state = mixed(state ^ Math.floor(part / 0x1_0000_0000));
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    return mixed(state) / 0x1_0000_0000;
  };
}

/** A value around `median` with a long right tail: `spread` 0 is none, 0.5 is usual for token counts. */
export function skewed(random: Random, median: number, spread: number): number {
  const bell = random() + random() + random() + random() - 2;
  return median * 2 ** (bell * spread * 3);
}

function mixed(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}
