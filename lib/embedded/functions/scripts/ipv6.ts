import type { Script } from "./script-values.ts";

type Address = { readonly value: bigint; readonly prefix: number };

/** Functions over IPv6 addresses; an IPv4 address counts as ::ffff:a.b.c.d. */
export const ipv6Scripts: Readonly<Record<string, Script>> = {
  parse_ipv6: ([text]) => {
    const address = addressOf(text);
    return address === null ? "" : textOf(address.value);
  },
  ipv6_compare: ([left, right]) => compare(addressOf(left), addressOf(right)),
  ipv6_is_match: ([left, right]) => isSame(addressOf(left), addressOf(right)),
  ipv6_is_in_range: ([address, range]) => isSame(addressOf(address), addressOf(range)),
  ipv6_is_in_any_range: ([text, ...ranges]) => {
    const address = addressOf(text);
    return ranges.flat().some((range) => isSame(address, addressOf(range)) === true);
  },
};

const BITS = 128;

function compare(left: Address | null, right: Address | null): number | null {
  if (left === null || right === null) return null;
  const prefix = Math.min(left.prefix, right.prefix);
  const [a, b] = [masked(left.value, prefix), masked(right.value, prefix)];
  return a === b ? 0 : a > b ? 1 : -1;
}

function isSame(left: Address | null, right: Address | null): boolean | null {
  const order = compare(left, right);
  return order === null ? null : order === 0;
}

function addressOf(text: unknown): Address | null {
  if (typeof text !== "string") return null;
  const [, host = "", suffix] = /^\s*([^/\s]+)(?:\/(\d{1,3}))?\s*$/.exec(text) ?? [];
  const isIpv4 = !host.includes(":");
  const value = isIpv4 ? ipv4Of(host) : ipv6Of(host);
  const prefix = suffix === undefined ? BITS : Number(suffix) + (isIpv4 ? BITS - 32 : 0);
  if (value === null || prefix > BITS) return null;
  return { value: masked(isIpv4 ? (0xffffn << 32n) | value : value, prefix), prefix };
}

function ipv4Of(text: string): bigint | null {
  const octets = text.split(".");
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256)) return null;
  return octets.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

function ipv6Of(text: string): bigint | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = halves.map(groupsOf);
  if (head === undefined || head === null || tail === null) return null;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array.from({ length: tail === undefined ? 0 : missing }, () => 0n), ...(tail ?? [])];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

/** The groups of one side of `::`; a dotted tail stands for two. */
function groupsOf(text: string): bigint[] | null {
  if (text === "") return [];
  const groups: bigint[] = [];
  for (const piece of text.split(":")) {
    const dotted = piece.includes(".") ? ipv4Of(piece) : null;
    if (dotted !== null) groups.push(dotted >> 16n, dotted & 0xffffn);
    else if (/^[\da-f]{1,4}$/i.test(piece)) groups.push(BigInt(`0x${piece}`));
    else return null;
  }
  return groups;
}

function masked(value: bigint, prefix: number): bigint {
  const free = BigInt(BITS - prefix);
  return (value >> free) << free;
}

function textOf(value: bigint): string {
  return value.toString(16).padStart(32, "0").match(/.{4}/g)?.join(":") ?? "";
}
