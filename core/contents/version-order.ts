import type { Package } from './contents';

/**
 * Which of two versions of a package is newer, as dpkg and rpm have it: below zero when `a` is older. There is no
 * library for either in npm.
 */
export function compareReleases(type: Package['type'], a: string, b: string): number {
  const [one, other] = [parts(a), parts(b)];
  const compare = type === 'rpm' ? rpmCompare : debCompare;
  return (
    one.epoch - other.epoch || compare(one.upstream, other.upstream) || revision(compare, one.revision, other.revision)
  );
}

interface Parts {
  readonly epoch: number;
  readonly upstream: string;
  /** Of a Debian package after its last dash, of rpm the release; undefined when none is written. */
  readonly revision: string | undefined;
}

function parts(version: string): Parts {
  const [, epoch = '0', rest = version] = /^(\d+):(.*)$/.exec(version.trim()) ?? [];
  const at = rest.lastIndexOf('-');
  return at < 0
    ? { epoch: Number(epoch), upstream: rest, revision: undefined }
    : { epoch: Number(epoch), upstream: rest.slice(0, at), revision: rest.slice(at + 1) };
}

/** For Debian no revision is the revision 0; a version of rpm without a release stands for all its releases. */
function revision(compare: typeof debCompare, a: string | undefined, b: string | undefined): number {
  if (compare === rpmCompare && (a === undefined || b === undefined)) return 0;
  return compare(a ?? '0', b ?? '0');
}

/** Letters before all other signs, the tilde before everything, even the end. */
function orderOf(character: string | undefined): number {
  if (character === undefined || /\d/.test(character)) return 0;
  if (character === '~') return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}

/** Debian policy 5.6.12: what is no digit and what is one take turns. */
function debCompare(a: string, b: string): number {
  let [one, other] = [a, b];
  while (one !== '' || other !== '') {
    const [textA, textB] = [/^\D*/.exec(one)?.[0] ?? '', /^\D*/.exec(other)?.[0] ?? ''];
    for (let i = 0; i < Math.max(textA.length, textB.length); i += 1) {
      const order = orderOf(textA[i]) - orderOf(textB[i]);
      if (order !== 0) return order;
    }
    [one, other] = [one.slice(textA.length), other.slice(textB.length)];
    const [digitsA, digitsB] = [/^\d*/.exec(one)?.[0] ?? '', /^\d*/.exec(other)?.[0] ?? ''];
    const order = compareDigits(digitsA, digitsB);
    if (order !== 0) return order;
    [one, other] = [one.slice(digitsA.length), other.slice(digitsB.length)];
  }
  return 0;
}

/** Dates and hashes are longer than numbers can hold. */
function compareDigits(a: string, b: string): number {
  const [one, other] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return one.length - other.length || (one < other ? -1 : one > other ? 1 : 0);
}

/** As rpmvercmp: runs of letters or digits, whatever is between them; numbers are newer than letters. */
function rpmCompare(a: string, b: string): number {
  let [one, other] = [a, b];
  while (one !== '' || other !== '') {
    [one, other] = [one.replace(/^[^A-Za-z0-9~^]+/, ''), other.replace(/^[^A-Za-z0-9~^]+/, '')];
    const sign = signOf(one, other);
    if (sign === 'both') {
      [one, other] = [one.slice(1), other.slice(1)];
      continue;
    }
    if (sign !== undefined) return sign;
    if (one === '' || other === '') break;
    const run = /^\d/.test(one) ? /^\d+/ : /^[A-Za-z]+/;
    const [runA, runB] = [run.exec(one)?.[0] ?? '', run.exec(other)?.[0] ?? ''];
    if (runB === '') return /^\d/.test(one) ? 1 : -1;
    const order = /^\d/.test(runA) ? compareDigits(runA, runB) : runA < runB ? -1 : Number(runA > runB);
    if (order !== 0) return order;
    [one, other] = [one.slice(runA.length), other.slice(runB.length)];
  }
  return one.length - other.length;
}

/** A tilde is before everything; a caret after the end, and before anything else. */
function signOf(a: string, b: string): number | 'both' | undefined {
  if (a[0] === '~' || b[0] === '~') return a[0] === b[0] ? 'both' : a[0] === '~' ? -1 : 1;
  if (a[0] !== '^' && b[0] !== '^') return undefined;
  if (a[0] === b[0]) return 'both';
  if (a[0] === '^') return b === '' ? 1 : -1;
  return a === '' ? -1 : 1;
}
