import { type CommandCall, call } from '../core/command-call';
import {
  type ContentsChanges,
  type ContentsGap,
  contentsGapWords,
  countsOf,
  type FindingsChange,
  listNames,
} from '../core/contents';
import { cell, facts, type TableBlock, type Tint, table, tint } from './parts/blocks';
import { showButton } from './parts/buttons';
import { listChangeWords, listName, listTitles, packagesClause } from './parts/contents';
import { capital, count, list, number, oneLine } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/diff.json';

interface Pair {
  readonly from: string;
  readonly to: string;
}

export interface DiffView {
  readonly image: string;
  readonly from: string;
  readonly to: string;
  /** The base, as `publisher:offer:sku:version`. Absent: no tattoo. */
  readonly source?: Pair;
  readonly os?: Pair;
  /** What is inside. */
  readonly contents:
    | { readonly changes: ContentsChanges; readonly vulnerabilities?: FindingsView }
    /** Those of which it is not known. */
    | { readonly gaps: readonly { readonly version: string; readonly gap: ContentsGap }[] };
  /** What changed in the recipe, one line each; empty: nothing; absent: not known. */
  readonly recipe?: readonly string[];
  /** What changed in regions and replicas; empty: nothing. */
  readonly regions: readonly string[];
}

/** What the user's list of vulnerabilities says of the two. */
interface FindingsView extends FindingsChange {
  /** Day of the list. */
  readonly asOf?: string;
}

/** What differs between two versions of an image. */
export function diffCard(view: DiffView): Reply {
  const entries = facts(
    ['Base', view.source === undefined ? 'not known: no tattoo' : pair(view.source)],
    ['OS', view.os === undefined ? 'not known' : pair(view.os)],
    ...contentsFacts(view),
    ['Recipe', view.recipe === undefined ? 'not known' : changes(view.recipe)],
    ['Regions', changes(view.regions)],
  );
  const tables = packageTable(view);
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [`${view.image}: ${view.from} → ${view.to}`],
      buttons: [showButton(view.image, view.to), showButton(view.image, view.from)],
      next: [...wholeList(view), call('diff', { image: view.image, from: view.to, to: view.from })],
    },
    { tints: broughtTint(view), facts: entries, tables },
  );
}

/** What the newer one is about, as far as it is known. */
function headline({ contents, from, to }: DiffView): string {
  if ('gaps' in contents) {
    const unknown = contents.gaps.map(({ version }) => version);
    return `What is inside ${unknown.length === 2 ? `${from} and ${to}` : unknown.join()} is not known`;
  }
  const { changes, vulnerabilities: found } = contents;
  const counts = changes.packages && countsOf(changes.packages);
  const [fixed, brought] = [found?.fixed.length ?? 0, found?.brought.length ?? 0];
  const clauses = [
    counts === undefined ? 'Packages not compared' : capital(packagesClause(counts)),
    ...(fixed > 0 ? [`${count(fixed, 'vulnerability', 'vulnerabilities')} fixed`] : []),
    ...(brought > 0 ? [`${count(brought, 'vulnerability', 'vulnerabilities')} new`] : []),
  ];
  return clauses.join(', ');
}

/** What should be seen before it is published. */
function broughtTint({ contents }: DiffView): readonly Tint[] {
  const found = 'changes' in contents ? contents.vulnerabilities : undefined;
  if (found === undefined || found.brought.length === 0) return [];
  const ids = list(
    found.brought.map((id) => oneLine(id, 40)),
    8,
  );
  return [
    tint('warning', `! It brings ${count(found.brought.length, 'vulnerability', 'vulnerabilities')}`, `: ${ids}.`),
  ];
}

function pair({ from, to }: Pair): string {
  if (from === to) return `${to} (the same)`;
  const [before, after] = [from.split(/(?<=[ :])/), to.split(/(?<=[ :])/)];
  const same = before.findIndex((word, i) => word !== after[i]);
  return `${from} → ${after.slice(Math.max(0, same)).join('')}`;
}

function changes(items: readonly string[]): string {
  return items.length === 0
    ? 'unchanged'
    : list(
        items.map((item) => oneLine(item, 80)),
        5,
      );
}

function contentsFacts({ contents }: DiffView): readonly (readonly [string, string])[] {
  if ('gaps' in contents) {
    return contents.gaps.map(({ version, gap }) => [`Inside ${version}`, contentsGapWords(gap)] as const);
  }
  const { packages, lists, kernel } = contents.changes;
  const found = contents.vulnerabilities;
  return [
    ['Packages', packages ? packagesClause(countsOf(packages)) : 'not compared: not known of one of them'],
    ...(found ? [['Vulnerabilities', findingsWords(found)] as const] : []),
    ...(kernel ? [['Kernel', pair(kernel)] as const] : []),
    ...listNames.flatMap((name) => {
      const change = lists[name];
      return change ? [[listTitles[name], listChangeWords(change)] as const] : [];
    }),
  ];
}

function findingsWords({ fixed, brought, remaining, asOf }: FindingsView): string {
  const named = (ids: readonly string[]) =>
    ids.length === 0
      ? '0'
      : `${number(ids.length)} (${list(
          ids.map((id) => oneLine(id, 40)),
          4,
        )})`;
  return `fixes ${named(fixed)}, brings ${named(brought)}, leaves ${named(remaining)} of ${listName(asOf)}`;
}

/** Rows that a card has room for. */
const mostRows = 20;

function packageTable({ contents }: DiffView): readonly TableBlock[] {
  const packages = 'changes' in contents ? (contents.changes.packages ?? []) : [];
  const shown = packages.slice(0, mostRows);
  const rest = packages.length > shown.length ? `, ${shown.length} of ${number(packages.length)}` : '';
  return table({
    heading: `Packages${rest}`,
    columns: [
      { title: 'Package', width: 4 },
      { title: 'Before', width: 5 },
      { title: 'After', width: 5 },
    ],
    rows: shown.map((p) => ({ cells: [cell(p.name), cell(p.from ?? '– new'), cell(p.to ?? '– removed')] })),
  });
}

function wholeList({ image, from, to, contents }: DiffView): readonly CommandCall[] {
  const cut = 'changes' in contents && (contents.changes.packages ?? []).length > mostRows;
  return cut ? [call('diff', { image, from, to, all: true })] : [];
}
