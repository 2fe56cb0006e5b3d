/** What an address is to an outgoing request: free, private (an administrator may allow it), or never allowed. */
export type AddressClass = "public" | "private" | "forbidden";

/**
 * Classifies a textual IPv4 or IPv6 address; what does not parse is forbidden. IPv4-mapped, IPv4-compatible, 6to4 and NAT64
 * addresses count as the IPv4 address inside. Ranges: the IANA special-purpose registries (RFC 6890), and 168.63.129.16,
 * the platform address of Azure, which ordinary lists call public.
 */
export function classifyAddress(text: string): AddressClass {
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return classifyIpv4(v4);
  const v6 = parseIpv6(text);
  if (v6 === undefined) return "forbidden";
  const inner = embeddedIpv4(v6);
  if (inner !== undefined) return classifyIpv4(inner);
  return (
    IPV6_RANGES.find(([prefix, bits]) => v6 >> BigInt(128 - bits) === prefix >> BigInt(128 - bits))?.[2] ?? "public"
  );
}

/** Whether a textual address is loopback, written in the usual way. */
export function isLoopbackLiteral(text: string): boolean {
  const v4 = parseIpv4(text);
  return v4 === undefined ? parseIpv6(text) === 1n : v4 >>> 24 === 127;
}

const AZURE_PLATFORM = ipv4("168.63.129.16");

const IPV4_RANGES: readonly (readonly [number, number, AddressClass])[] = [
  [ipv4("0.0.0.0"), 8, "forbidden"],
  [ipv4("10.0.0.0"), 8, "private"],
  [ipv4("100.64.0.0"), 10, "private"],
  [ipv4("127.0.0.0"), 8, "forbidden"],
  [ipv4("169.254.0.0"), 16, "forbidden"],
  [ipv4("172.16.0.0"), 12, "private"],
  [ipv4("192.0.0.0"), 24, "forbidden"],
  [ipv4("192.0.2.0"), 24, "forbidden"],
  [ipv4("192.168.0.0"), 16, "private"],
  [ipv4("198.18.0.0"), 15, "private"],
  [ipv4("198.51.100.0"), 24, "forbidden"],
  [ipv4("203.0.113.0"), 24, "forbidden"],
  [ipv4("224.0.0.0"), 3, "forbidden"],
  [AZURE_PLATFORM, 32, "forbidden"],
];

const IPV6_RANGES: readonly (readonly [bigint, number, AddressClass])[] = [
  [ipv6("::"), 127, "forbidden"],
  [ipv6("100::"), 64, "forbidden"],
  [ipv6("2001::"), 32, "forbidden"],
  [ipv6("2001:db8::"), 32, "forbidden"],
  [ipv6("3fff::"), 20, "forbidden"],
  [ipv6("64:ff9b:1::"), 48, "forbidden"],
  [ipv6("fc00::"), 7, "private"],
  [ipv6("fe80::"), 10, "forbidden"],
  [ipv6("fec0::"), 10, "forbidden"],
  [ipv6("ff00::"), 8, "forbidden"],
];

function classifyIpv4(address: number): AddressClass {
  return IPV4_RANGES.find(([prefix, bits]) => sameIpv4Prefix(address, prefix, bits))?.[2] ?? "public";
}

function sameIpv4Prefix(a: number, b: number, bits: number): boolean {
  const shift = 32 - bits;
  return Math.floor(a / 2 ** shift) === Math.floor(b / 2 ** shift);
}

function embeddedIpv4(v6: bigint): number | undefined {
  const low = Number(v6 & 0xffff_ffffn);
  const high96 = v6 >> 32n;
  if (high96 === 0xffffn || high96 === ipv6("64:ff9b::") >> 32n) return low;
  if (high96 === 0n && v6 > 1n) return low;
  if (v6 >> 112n === 0x2002n) return Number((v6 >> 80n) & 0xffff_ffffn);
  return undefined;
}

function parseIpv4(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return undefined;
  const bytes = match.slice(1).map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

function parseIpv6(text: string): bigint | undefined {
  const bare = text.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const withoutV4 = bare.replace(/(\d+\.\d+\.\d+\.\d+)$/, (dotted) => {
    const v4 = parseIpv4(dotted);
    return v4 === undefined ? "?" : `${(v4 >>> 16).toString(16)}:${(v4 & 0xffff).toString(16)}`;
  });
  const halves = withoutV4.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => "0"), ...tail];
  if (groups.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.reduce((value, group) => (value << 16n) + BigInt(`0x${group}`), 0n);
}

function ipv4(text: string): number {
  return parseIpv4(text) ?? 0;
}

function ipv6(text: string): bigint {
  return parseIpv6(text) ?? 0n;
}
