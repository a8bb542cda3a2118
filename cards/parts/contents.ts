import {
  type ContentsChanges,
  type ContentsGap,
  type ContentsSummary,
  contentsGapReason,
  contentsGapWords,
  type ListChange,
  type ListName,
  listNames,
  type PackageChange,
  type VulnerabilitySummary,
  versionChange,
} from '../../core/contents';
import { count, day, list, number, oneLine } from './format';

/** How what is inside differs from an earlier version, or why that is not known. */
export type ContentsView =
  | { readonly changes: ContentsSummary; readonly vulnerabilities?: VulnerabilitySummary }
  /** `of`: the version of which it is not known; absent: the one that the card is about. */
  | { readonly gap: ContentsGap; readonly of?: string };

export const listWords: Readonly<Record<ListName, string>> = {
  updates: 'update',
  features: 'feature',
  services: 'service',
  ports: 'listening port',
  users: 'user',
  parameters: 'kernel parameter',
};

export const listTitles: Readonly<Record<ListName, string>> = {
  updates: 'Updates',
  features: 'Features',
  services: 'Services',
  ports: 'Ports',
  users: 'Users',
  parameters: 'Kernel settings',
};

/** How many packages a line names. */
const named = 3;

/** `41 packages changed`, `openssl 3.0.2-15 → -18`, `2 new services`: the most telling first, one clause each. */
export function contentsClauses(view: ContentsView): readonly string[] {
  if ('gap' in view) return [gapClause(view)];
  const { packages, top, lists } = view.changes;
  return [
    ...(packages ? [packagesClause(packages)] : ['packages not compared']),
    ...top.slice(0, named).map(packageClause),
    ...listNames.flatMap((name) => listClauses(name, lists[name])),
  ];
}

/** `fixes 3, brings 0 of your list of 12 Nov`. */
export function vulnerabilityClause({ fixed, brought, remaining, top, asOf }: VulnerabilitySummary): string {
  const names =
    brought > 0
      ? ` (${list(
          top.map((id) => oneLine(id, 40)),
          3,
        )})`
      : '';
  const rest = remaining > 0 ? `; ${number(remaining)} remain` : '';
  return `fixes ${number(fixed)}, brings ${number(brought)}${names} of ${listName(asOf)}${rest}`;
}

/** The user's own list: goldbot asks nobody for another. */
export const listName = (asOf: string | undefined): string =>
  asOf === undefined ? 'your list of vulnerabilities' : `your list of ${day(asOf)}`;

/** `2 of your list of 12 Nov: CVE-…, CVE-…`. */
export function findingWords({ ids, asOf }: FoundView): string {
  if (ids.length === 0) return `none of ${listName(asOf)}`;
  return `! ${number(ids.length)} of ${listName(asOf)}: ${list(
    ids.map((id) => oneLine(id, 40)),
    8,
  )}`;
}

/** What of the user's list is inside. */
export interface FoundView {
  readonly ids: readonly string[];
  readonly asOf?: string;
}

export function gapClause({ gap, of }: Extract<ContentsView, { gap: ContentsGap }>): string {
  return of === undefined
    ? `packages ${contentsGapWords(gap)}`
    : `packages not compared with ${of}, because ${contentsGapReason(gap)}`;
}

/** Every change, a line each, for an answer in words. */
export function changeLines({ packages = [], lists }: ContentsChanges): readonly string[] {
  const all = [
    ...packages.map(({ name, from, to }) => `${name}: ${from ?? 'not there'} → ${to ?? 'gone'}`),
    ...listNames.flatMap((name) => {
      const { added = [], removed = [], changed = [] } = lists[name] ?? {};
      return [
        ...added.map((one) => `new ${listWords[name]}: ${one}`),
        ...removed.map((one) => `${listWords[name]} gone: ${one}`),
        ...changed.map((one) => `${listWords[name]} changed: ${one.name}: ${one.from} → ${one.to}`),
      ];
    }),
  ];
  return all.map((text) => oneLine(text, 200));
}

/** `new: nginx; gone: telnet; changed: kernel.sysrq 176 → 0`. */
export function listChangeWords({ added, removed, changed }: ListChange): string {
  const words = (heading: string, items: readonly string[]) =>
    items.length === 0
      ? []
      : [
          `${heading}: ${list(
            items.map((item) => oneLine(item, 60)),
            6,
          )}`,
        ];
  const all = [
    ...words('new', added),
    ...words('gone', removed),
    ...words(
      'changed',
      changed.map(({ name, from, to }) => `${name} ${from} → ${to}`),
    ),
  ];
  return all.length === 0 ? 'unchanged' : all.join('; ');
}

type Counts = NonNullable<ContentsSummary['packages']>;

export function packagesClause({ changed, added, removed }: Counts): string {
  if (changed + added + removed === 0) return 'no package changed';
  const more = [added > 0 && `${number(added)} new`, removed > 0 && `${number(removed)} gone`].filter(Boolean);
  const rest = more.length === 0 ? '' : ` (${more.join(', ')})`;
  return changed === 0 ? `${count(added + removed, 'package')}${rest}` : `${count(changed, 'package')} changed${rest}`;
}

function packageClause({ name, from, to }: PackageChange): string {
  const short = oneLine(name, 40);
  if (from === undefined) return `${short} is new`;
  return oneLine(to === undefined ? `${short} is gone` : `${short} ${versionChange(from, to)}`, 80);
}

function listClauses(name: ListName, counts: Counts | undefined): readonly string[] {
  if (counts === undefined) return [];
  const { added, removed, changed } = counts;
  const word = listWords[name];
  return [
    ...(added > 0 ? [count(added, `new ${word}`)] : []),
    ...(removed > 0 ? [`${count(removed, word)} gone`] : []),
    ...(changed > 0 ? [`${count(changed, word)} changed`] : []),
  ];
}
