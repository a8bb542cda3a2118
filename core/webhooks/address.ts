/** Where a webhook may be sent: to the public internet alone, so that nobody reaches into a network through goldbot. */

/** What is wrong with a receiver's address, as the end of a sentence; undefined when nothing is. */
export function receiverProblem(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') return 'must be an https address';
  if (url.username + url.password !== '') return 'must have no user and no password: what signs goes under secret';
  if (url.hash !== '') return 'must have no fragment';
  // A dot at its end makes a name absolute, and no other.
  const host = url.hostname.replace(/^\[|\]$|\.$/g, '');
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':');
  if (isAddress ? !isPublicAddress(host) : !host.includes('.') || /\.(local|internal|localhost)$/i.test(host)) {
    return 'must be a host of the public internet';
  }
  return undefined;
}

/** The ranges of IPv4 that no host of the public internet has, as network and length. */
const privateV4: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Azure's own platform answers there, from every machine: DNS, metadata, health. */
const azurePlatform = '168.63.129.16';

/** Whether an address, as DNS gives it, belongs to the public internet. What is no address does not. */
export function isPublicAddress(address: string): boolean {
  const v4 = numberOf(address);
  if (v4 !== undefined) {
    const isPrivate = privateV4.some(([network, bits]) => inNetwork(v4, numberOf(network) ?? 0, bits));
    return !isPrivate && address !== azurePlatform;
  }
  return /^[0-9a-f]{4}:[0-9a-f:]+$/i.test(address) && isGlobalV6(address);
}

/**
 * Global unicast, without what IANA keeps for special purposes: 6to4 and Teredo, which carry an address of IPv4, all else
 * of 2001::/23 (benchmarks, identifiers that are no places), and what is for examples.
 */
function isGlobalV6(address: string): boolean {
  const [first = 0, second = 0] = address.split(':').map((group) => Number.parseInt(group || '0', 16));
  if (first < 0x2000 || first > 0x3fff || first === 0x2002) return false;
  if (first === 0x2001) return second >= 0x200 && second !== 0xdb8;
  return first !== 0x3fff || second >= 0x1000;
}

function inNetwork(address: number, network: number, bits: number): boolean {
  const size = 2 ** (32 - bits);
  return Math.floor(address / size) === Math.floor(network / size);
}

function numberOf(address: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((whole, part) => whole * 256 + part, 0);
}
