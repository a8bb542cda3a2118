import { gunzipSync } from 'node:zlib';
import { byText } from '../collections';
import { sha256 } from '../hash';
import { type Contents, type ContentsGap, type ListName, type Package, testAdministrator } from './contents';
import { listingMark, mostPieces, pieceLength } from './script';

/** What the test machine said about its list before the list: how long it is, and its hash. */
export interface ListingHead {
  /** Letters of base64. */
  readonly length: number;
  readonly sha256: string;
  readonly pieces: number;
}

/** The first line that the collector prints. */
export function listingHead(output: string): ListingHead | ContentsGap {
  const [, length = '', hash = ''] = headPattern.exec(output) ?? [];
  if (hash === '') return { reason: 'unreadable' };
  const pieces = Math.max(1, Math.ceil(Number(length) / pieceLength));
  return pieces > mostPieces ? { reason: 'too long' } : { length: Number(length), sha256: hash, pieces };
}

const headPattern = new RegExp(`^${listingMark} {1,9}(\\d{1,9}) ([0-9a-f]{64})\\r?\\n`);

/** At most this many bytes are unpacked, whatever a machine claims. */
const mostBytes = 16 * 1024 * 1024;

/** Puts the pieces together, in order; the first has the head before it. */
export function readListing(head: ListingHead, outputs: readonly string[]): Contents | ContentsGap {
  const text = outputs.map((output, i) => (i === 0 ? output.replace(headPattern, '') : output).trim()).join('');
  if (text.length !== head.length) return { reason: 'cut', said: `${text.length} of ${head.length} letters` };
  if (sha256(text) !== head.sha256) return { reason: 'altered' };
  try {
    const bytes = gunzipSync(Buffer.from(text, 'base64'), { maxOutputLength: mostBytes });
    return parseListing(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { reason: 'not UTF-8' };
    if (code === 'ERR_BUFFER_TOO_LARGE') return { reason: 'too long' };
    // The hash is right, so this is what the machine made.
    return { reason: 'unreadable', said: code ?? String(error) };
  }
}

/** Lines of `part<tab>value`; `known<tab>part` says that a part was read to its end. */
export function parseListing(text: string): Contents | ContentsGap {
  const parts = new Map<string, string[]>();
  const known = new Set<string>();
  for (const raw of text.split('\n')) {
    // Nothing that a name may have in it leads a reader, or the database, astray.
    const line = raw.replace(/(?!\t)[\p{Cc}\p{Cf}]/gu, (c) => (c === '\r' ? '' : '\ufffd'));
    const [, part = '', value = ''] = /^([a-z]+)\t(.*)$/.exec(line) ?? [];
    if (part === 'known') known.add(value);
    else if (part !== '') parts.set(part, [...(parts.get(part) ?? []), value]);
  }
  const of = (part: string) => (known.has(part) ? (parts.get(part) ?? []) : undefined);
  const os = osOf(of('os') ?? [], of('kernel')?.[0]);
  const packages = of('package')?.flatMap(packageOf).sort(byName);
  if (os.id !== 'windows' && (packages === undefined || packages.length === 0)) return { reason: 'no packages' };
  const lists = Object.entries(readers).map(([name, { part, read }]) => {
    const found = of(part)?.flatMap(read);
    return found && { [name]: [...new Set(found)].sort(byText) };
  });
  return Object.assign({ os, ...(packages && { packages: unique(packages) }) }, ...lists) as Contents;
}

function osOf(lines: readonly string[], kernel: string | undefined): Contents['os'] {
  const value = (key: string) => {
    const line = lines.find((one) => one.startsWith(`${key}=`));
    return line?.slice(key.length + 1).replace(/^"(.*)"$/, '$1') ?? '';
  };
  const id = value('ID') || 'linux';
  return { id, name: value('PRETTY_NAME') || id, version: value('VERSION_ID'), ...(kernel && { kernel }) };
}

function packageOf(line: string): readonly Package[] {
  const [type = '', name = '', version = '', architecture = '', state = '', ...source] = line.split('\t');
  if (type !== 'deb' && type !== 'rpm' && type !== 'windows') return [];
  // What was removed but for its configuration is listed too; the keys of rpm are no packages.
  if (name === '' || state !== 'installed' || name === 'gpg-pubkey') return [];
  const [sourceName = name, sourceVersion = version] = source;
  const isOther = sourceName !== name || sourceVersion !== version;
  return [
    { type, name, version, architecture, ...(isOther && { source: { name: sourceName, version: sourceVersion } }) },
  ];
}

interface Reader {
  readonly part: string;
  readonly read: (line: string) => readonly string[];
}

const word = (line: string): readonly string[] => (line.trim() === '' ? [] : [line.trim()]);

const readers: Readonly<Record<ListName, Reader>> = {
  updates: { part: 'update', read: word },
  features: { part: 'feature', read: word },
  // systemctl goes on with states that say the same of each.
  services: { part: 'service', read: (line) => word(line.replace(/\.service\s.*$/, '')) },
  ports: { part: 'port', read: portOf },
  users: { part: 'user', read: userOf },
  parameters: { part: 'parameter', read: (line) => word(line.replace(/\s+/g, ' ')) },
};

/** Those from which systems take ports at random are none of the image's. */
const firstRandomPort = 32_768;

function portOf(line: string): readonly string[] {
  const [, address = '', port = '', rest = ''] = /^LISTEN\s+\d+\s+\d+\s+(\S*):(\d+)(.*)$/.exec(line) ?? [];
  if (port === '' || Number(port) >= firstRandomPort) return [];
  const program = /\(\("([^"]*)"/.exec(rest)?.[1];
  const isLocal = /^(127\.|\[?::1\]?$)/.test(address);
  return [`tcp/${port}${program === undefined ? '' : ` ${program}`}${isLocal ? ' (local)' : ''}`];
}

function userOf(line: string): readonly string[] {
  const [name = '', id = '', more = ''] = line.split(':');
  if (name === '' || name === testAdministrator) return [];
  const told = [id, more].filter((part) => part !== '').join(', ');
  return [told === '' ? name : `${name} (${told})`];
}

const byName = (a: Package, b: Package): number =>
  byText(a.name, b.name) || byText(a.version, b.version) || byText(a.architecture, b.architecture);

function unique(sorted: readonly Package[]): readonly Package[] {
  return sorted.filter((one, i) => {
    const before = sorted[i - 1];
    return before === undefined || byName(before, one) !== 0;
  });
}
