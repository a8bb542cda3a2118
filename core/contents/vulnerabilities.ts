import { grouped } from '../collections';
import type { Contents, Package } from './contents';
import { compareReleases } from './version-order';

/**
 * What a list of vulnerabilities says of packages, whatever format it came in, and what of it is inside a version. The
 * list is what the user brings: goldbot asks nobody.
 */

/** One statement about one package. */
export interface Claim {
  /** As people search for it: the CVE where the record names one, otherwise its own id. */
  readonly id: string;
  readonly says: 'affected' | 'not affected';
  readonly target: Target;
  /** Versions one by one. */
  readonly versions: readonly string[];
  readonly ranges: readonly Range[];
  /** Whatever the version. */
  readonly always: boolean;
}

export type Target =
  /** `Ubuntu:22.04:LTS`, `AlmaLinux:9`, as OSV has it. */
  | { readonly by: 'ecosystem'; readonly ecosystem: string; readonly name: string }
  | { readonly by: 'purl'; readonly purl: Purl };

export interface Purl {
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly qualifiers: Readonly<Record<string, string>>;
}

/** From a version, up to and without `fixed`, or up to and with `last`; without either, all after it. */
export interface Range {
  readonly introduced: string;
  readonly fixed?: string;
  readonly last?: string;
}

/** All that the catalogue's files say. */
export interface VulnerabilityList {
  /** The newest day that any of the files gives for itself, ISO 8601; absent when none does. */
  readonly asOf?: string;
  /** Vulnerabilities by their ids. */
  readonly size: number;
  readonly byName: ReadonlyMap<string, readonly Claim[]>;
}

export function vulnerabilityList(claims: readonly Claim[], days: readonly string[]): VulnerabilityList {
  const asOf = [...days].sort().at(-1);
  return {
    ...(asOf !== undefined && { asOf }),
    size: new Set(claims.map(({ id }) => id)).size,
    byName: grouped(claims, nameOf),
  };
}

const targetName = (target: Target): string => (target.by === 'purl' ? target.purl.name : target.name);
const nameOf = ({ target }: Claim): string => targetName(target).toLowerCase();

/** By id: what is affected inside, sorted. A statement that something is not affected outweighs any that it is. */
export type Findings = ReadonlyMap<string, readonly Package[]>;

export function findingsIn({ os, packages = [] }: Contents, list: VulnerabilityList): Findings {
  const found = packages.flatMap((one) => idsOf(one, os, list).map((id) => ({ id, one })));
  const byId = [...grouped(found, ({ id }) => id)].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(byId.map(([id, all]) => [id, all.map(({ one }) => one)]));
}

export interface FindingsChange {
  readonly fixed: readonly string[];
  readonly brought: readonly string[];
  readonly remaining: readonly string[];
}

/** What a newer version no longer has, has in addition, and has still. */
export function compareFindings(before: Findings, after: Findings): FindingsChange {
  return {
    fixed: [...before.keys()].filter((id) => !after.has(id)),
    brought: [...after.keys()].filter((id) => !before.has(id)),
    remaining: [...after.keys()].filter((id) => before.has(id)),
  };
}

/** What a card needs of it; small enough to be kept with the run. */
export interface VulnerabilitySummary {
  readonly fixed: number;
  readonly brought: number;
  readonly remaining: number;
  /** Those that are new, at most eight. */
  readonly top: readonly string[];
  /** Day of the list, ISO 8601. */
  readonly asOf?: string;
}

export function vulnerabilitySummary(before: Contents, after: Contents, list: VulnerabilityList): VulnerabilitySummary {
  const { fixed, brought, remaining } = compareFindings(findingsIn(before, list), findingsIn(after, list));
  return {
    ...{ fixed: fixed.length, brought: brought.length, remaining: remaining.length, top: brought.slice(0, 8) },
    ...(list.asOf !== undefined && { asOf: list.asOf }),
  };
}

/** A vulnerability of the list by its id in any case, and the packages that it is about. */
export function findVulnerability(
  typed: string,
  { byName }: VulnerabilityList,
): { readonly id: string; readonly packages: readonly string[] } | undefined {
  const wanted = typed.toLowerCase();
  const claims = [...byName.values()].flat().filter(({ id }) => id.toLowerCase() === wanted);
  const [first] = claims;
  return first && { id: first.id, packages: [...new Set(claims.map(({ target }) => targetName(target)))] };
}

/** What affects one package. */
export function idsOf(one: Package, os: Contents['os'], { byName }: VulnerabilityList): readonly string[] {
  const names = new Set([one.name.toLowerCase(), (one.source?.name ?? one.name).toLowerCase()]);
  const claims = [...names].flatMap((name) => byName.get(name) ?? []).filter((claim) => applies(claim, one, os));
  const cleared = new Set(claims.filter(({ says }) => says === 'not affected').map(({ id }) => id));
  const affected = claims.filter(({ says, id }) => says === 'affected' && !cleared.has(id));
  return [...new Set(affected.map(({ id }) => id))];
}

function applies(claim: Claim, one: Package, os: Contents['os']): boolean {
  const version = claim.target.by === 'purl' ? byPurl(claim.target.purl, one, os) : byEcosystem(claim.target, one, os);
  if (version === undefined) return false;
  return claim.always || claim.versions.includes(version) || claim.ranges.some((range) => within(range, one, version));
}

function within({ introduced, fixed, last }: Range, { type }: Package, version: string): boolean {
  if (introduced !== '0' && compareReleases(type, version, introduced) < 0) return false;
  if (fixed !== undefined) return compareReleases(type, version, fixed) < 0;
  return last === undefined || compareReleases(type, version, last) <= 0;
}

/** OSV's name of each distribution, and the field of os-release that tells it. */
const ecosystems: Readonly<Record<string, readonly string[]>> = {
  ubuntu: ['Ubuntu'],
  debian: ['Debian'],
  rhel: ['Red Hat'],
  almalinux: ['AlmaLinux'],
  rocky: ['Rocky Linux'],
  sles: ['SUSE'],
  'opensuse-leap': ['openSUSE'],
  azurelinux: ['Azure Linux'],
  mariner: ['Azure Linux', 'Mariner'],
  fedora: ['Fedora'],
};

/** The version that counts, if the claim is about this package: Debian and Ubuntu count by source, the others do not. */
function byEcosystem({ ecosystem, name }: Extract<Target, { by: 'ecosystem' }>, one: Package, os: Contents['os']) {
  const [base = '', ...rest] = ecosystem.split(':');
  if (!(ecosystems[os.id] ?? []).includes(base)) return undefined;
  const releases = rest.map(releaseOf).filter((release) => release !== undefined);
  const isRelease = (release: string) => release === os.version || os.version.startsWith(`${release}.`);
  if (releases.length > 0 && !releases.some(isRelease)) return undefined;
  if (one.type !== 'deb') return one.name === name ? one.version : undefined;
  const source = one.source ?? one;
  return source.name === name ? source.version : undefined;
}

/** `22.04`, `9`, and of `Linux Enterprise Server 15 SP5` 15.5. */
function releaseOf(part: string): string | undefined {
  const [, release, pack] = /^(?:.*\s)?(\d+(?:\.\d+)*)(?:\s+SP(\d+))?$/.exec(part) ?? [];
  return pack === undefined ? release : `${release}.${pack}`;
}

const purlTypes: Readonly<Record<Package['type'], string>> = { deb: 'deb', rpm: 'rpm', windows: 'generic' };

function byPurl(purl: Purl, one: Package, os: Contents['os']): string | undefined {
  const { type, namespace, name, version, qualifiers } = purl;
  if (type !== purlTypes[one.type] || (namespace !== '' && namespace !== os.id && one.type !== 'windows'))
    return undefined;
  const { arch, distro, epoch } = qualifiers;
  // Code names of distributions are not known here.
  if (distro !== undefined && /\d/.test(distro) && distro !== `${os.id}-${os.version}` && distro !== os.version)
    return undefined;
  const isSource = arch === 'source' || arch === 'src';
  if (arch !== undefined && !isSource && arch !== one.architecture) return undefined;
  const counted = isSource ? (one.source ?? one) : one;
  if (counted.name.toLowerCase() !== name.toLowerCase()) return undefined;
  const wanted = epoch === undefined ? version : `${epoch}:${version}`;
  const isVersion = version === '' || compareReleases(one.type, counted.version, wanted) === 0;
  return isVersion ? counted.version : undefined;
}

/** `pkg:deb/ubuntu/openssl@3.0.2-0ubuntu1.18?arch=amd64`; undefined for what is none. */
export function parsePurl(text: string): Purl | undefined {
  const [, type = '', path = '', version = '', query = ''] =
    /^pkg:\/*([A-Za-z][A-Za-z0-9.+-]*)\/([^@?#]+)(?:@([^?#]*))?(?:\?([^#]*))?(?:#.*)?$/.exec(text) ?? [];
  const parts = path.split('/').filter((part) => part !== '');
  const name = parts.pop();
  if (name === undefined) return undefined;
  const pairs = query.split('&').map((pair) => pair.split('='));
  try {
    return {
      ...{ type: type.toLowerCase(), namespace: parts.map(decodeURIComponent).join('/').toLowerCase() },
      ...{ name: decodeURIComponent(name), version: decodeURIComponent(version) },
      qualifiers: Object.fromEntries(
        pairs.flatMap(([key = '', value = '']) => (key === '' ? [] : [[key.toLowerCase(), decodeURIComponent(value)]])),
      ),
    };
  } catch {
    // A percent sign that begins nothing.
    return undefined;
  }
}
