const MASK = (1n << 64n) - 1n;
const PRIMES = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const;

/** XXH64 of the bytes with seed 0 as a signed number, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. */
export function xxhash64(bytes: Buffer): bigint {
  const [p1, p2, p3, p4, p5] = PRIMES;
  let at = 0;
  let hash: bigint = p5;
  if (bytes.length >= 32) {
    const lanes = [(p1 + p2) & MASK, p2, 0n, -p1 & MASK];
    for (; at + 32 <= bytes.length; at += 32) {
      for (const [index, lane] of lanes.entries()) lanes[index] = round(lane, bytes.readBigUInt64LE(at + 8 * index));
    }
    const [a = 0n, b = 0n, c = 0n, d = 0n] = lanes;
    hash = (rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n)) & MASK;
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * p1 + p4) & MASK;
  }
  hash = (hash + BigInt(bytes.length)) & MASK;
  for (; at + 8 <= bytes.length; at += 8) {
    hash = (rotate(hash ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * p1 + p4) & MASK;
  }
  if (at + 4 <= bytes.length) {
    hash = (rotate(hash ^ ((BigInt(bytes.readUInt32LE(at)) * p1) & MASK), 23n) * p2 + p3) & MASK;
    at += 4;
  }
  for (; at < bytes.length; at += 1) hash = (rotate(hash ^ ((BigInt(bytes[at] ?? 0) * p5) & MASK), 11n) * p1) & MASK;
  hash = ((hash ^ (hash >> 33n)) * p2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * p3) & MASK;
  return BigInt.asIntN(64, hash ^ (hash >> 32n));
}

function round(lane: bigint, input: bigint): bigint {
  return (rotate((lane + input * PRIMES[1]) & MASK, 31n) * PRIMES[0]) & MASK;
}

function rotate(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & MASK;
}
