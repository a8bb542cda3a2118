import { byText, grouped } from '../collections';
import { type Contents, type ListName, listNames, type Package } from './contents';

export interface PackageChange {
  readonly name: string;
  /** Absent: new. Several versions of one name are a list. */
  readonly from?: string;
  /** Absent: gone. */
  readonly to?: string;
}

export interface ListChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Of users and kernel parameters: what is still there and is not the same. */
  readonly changed: readonly { readonly name: string; readonly from: string; readonly to: string }[];
}

export interface ContentsChanges {
  /** What people would look for first stands first. Absent: not known of one of the two. */
  readonly packages?: readonly PackageChange[];
  /** Those that are known of both, also where nothing changed. */
  readonly lists: Readonly<Partial<Record<ListName, ListChange>>>;
  readonly kernel?: { readonly from: string; readonly to: string };
}

/** What differs between two versions of an image. */
export function compareContents(before: Contents, after: Contents): ContentsChanges {
  const lists = listNames.flatMap((name) => {
    const [a, b] = [before[name], after[name]];
    return a && b ? [[name, listChange(a, b)] as const] : [];
  });
  const [a, b] = [before.os.kernel, after.os.kernel];
  return {
    ...(before.packages && after.packages && { packages: packageChanges(before.packages, after.packages) }),
    lists: Object.fromEntries(lists),
    ...(a !== undefined && b !== undefined && a !== b && { kernel: { from: a, to: b } }),
  };
}

function listChange(before: readonly string[], after: readonly string[]): ListChange {
  const [a, b] = [new Map(before.map(nameAndValue)), new Map(after.map(nameAndValue))];
  const whole = (name: string, value: string) => `${name}${value}`;
  return {
    added: [...b].filter(([name]) => !a.has(name)).map(([name, value]) => whole(name, value)),
    removed: [...a].filter(([name]) => !b.has(name)).map(([name, value]) => whole(name, value)),
    changed: [...b].flatMap(([name, to]) => {
      const from = a.get(name);
      return from !== undefined && from !== to ? [{ name, from: bare(from), to: bare(to) }] : [];
    }),
  };
}

/** `kernel.sysrq = 176`, `root (0, /bin/bash)`: the name, and what it is. */
function nameAndValue(entry: string): readonly [name: string, value: string] {
  const [, name = entry, value = ''] = /^(.+?)( = .*| \(\d.*\)| \(disabled\))$/.exec(entry) ?? [];
  return [name, value];
}

const bare = (value: string): string => value.replace(/^ = | \((.*)\)$/, '$1') || 'enabled';

function packageChanges(before: readonly Package[], after: readonly Package[]): readonly PackageChange[] {
  const [a, b] = [versionsByName(before), versionsByName(after)];
  const changed = [...b].flatMap(([name, to]): PackageChange[] => {
    const from = a.get(name);
    return from !== undefined && from !== to ? [{ name, from, to }] : [];
  });
  const added = [...b].filter(([name]) => !a.has(name));
  const removed = [...a].filter(([name]) => !b.has(name));
  return [...changed, ...renamed(removed, added)].sort(moreTelling);
}

/** Of several architectures too: of those that differ in nothing else, once. */
function versionsByName(packages: readonly Package[]): ReadonlyMap<string, string> {
  const byName = grouped(packages, ({ name }) => name);
  return new Map([...byName].map(([name, all]) => [name, [...new Set(all.map((p) => p.version))].join(', ')]));
}

type Named = readonly [name: string, version: string];

/**
 * Some packages have their version in their name (`linux-image-6.8.0-1030-azure`): where one such goes and one comes, it
 * is a change and not a removal and an addition.
 */
function renamed(removed: readonly Named[], added: readonly Named[]): readonly PackageChange[] {
  const [gone, come] = [grouped(removed, withoutNumbers), grouped(added, withoutNumbers)];
  const pairs = [...come].flatMap(([kind, [to, ...others]]) => {
    const [from, ...more] = gone.get(kind) ?? [];
    return from && to && others.length + more.length === 0 && /\d/.test(to[0]) ? [{ from, to }] : [];
  });
  const paired = new Set(pairs.flatMap(({ from, to }) => [from, to]));
  return [
    ...pairs.map(({ from, to }) => ({ name: to[0], from: from[1], to: to[1] })),
    ...added.filter((one) => !paired.has(one)).map(([name, to]) => ({ name, to })),
    ...removed.filter((one) => !paired.has(one)).map(([name, from]) => ({ name, from })),
  ];
}

const withoutNumbers = ([name]: Named): string => name.replace(/\d+([.-]\d+)+/g, '#');

/** What a decider looks for first: what is attacked most, and what everything else rests on. */
const telling: readonly RegExp[] = [
  /^(linux-image|kernel$|kernel-core)/,
  /^(openssl|libssl|openssl-libs)/,
  /^openssh/,
  /^(libc6|glibc)$/,
  /^sudo$/,
  /^systemd$/,
  /^(curl|libcurl)/,
  /^(gnutls|libgnutls|nss$|libnss|krb5|libkrb5|libpam|pam$|polkit|policykit)/,
  /^(bash|dash|gnupg|ca-certificates|apparmor|selinux|audit)/,
  /^(walinuxagent|WALinuxAgent|cloud-init)/,
];

function rank(name: string): number {
  const found = telling.findIndex((pattern) => pattern.test(name));
  return found < 0 ? telling.length : found;
}

/** Of the same rank what changed before what came or went, then by name. */
function moreTelling(a: PackageChange, b: PackageChange): number {
  const isChange = ({ from, to }: PackageChange) => Number(from === undefined || to === undefined);
  return rank(a.name) - rank(b.name) || isChange(a) - isChange(b) || byText(a.name, b.name);
}

/** What a card needs of the differences; small enough to be kept with the run. */
export interface ContentsSummary {
  /** Absent: not known of one of the two. */
  readonly packages?: { readonly changed: number; readonly added: number; readonly removed: number };
  /** The most telling packages first, at most eight. */
  readonly top: readonly PackageChange[];
  /** How many of each list; those in which nothing changed are left out. */
  readonly lists: Readonly<
    Partial<Record<ListName, { readonly added: number; readonly removed: number; readonly changed: number }>>
  >;
}

const mostTelling = 8;

export function summaryOf({ packages, lists }: ContentsChanges): ContentsSummary {
  const counts = Object.entries(lists).flatMap(([name, { added, removed, changed }]) => {
    const sizes = { added: added.length, removed: removed.length, changed: changed.length };
    return sizes.added + sizes.removed + sizes.changed > 0 ? [[name, sizes] as const] : [];
  });
  return {
    ...(packages && { packages: countsOf(packages) }),
    top: (packages ?? []).slice(0, mostTelling),
    lists: Object.fromEntries(counts),
  };
}

export function countsOf(packages: readonly PackageChange[]) {
  const added = packages.filter(({ from }) => from === undefined).length;
  const removed = packages.filter(({ to }) => to === undefined).length;
  return { changed: packages.length - added - removed, added, removed };
}

/** `3.0.2-15 → -18`: of what is the same up to the last sign that parts a version, the new one repeats nothing. */
export function versionChange(from: string, to: string): string {
  const [a, b] = [from.split(/(?=[-.:~+])/), to.split(/(?=[-.:~+])/)];
  const same = a.findIndex((part, i) => part !== b[i]);
  // Less than two parts in common are no help, and what is cut from must be longer.
  return same < 2 || same >= b.length ? `${from} → ${to}` : `${from} → ${b.slice(same).join('')}`;
}
