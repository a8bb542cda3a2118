import { call } from '../core/command-call';
import { cell, facts, type TableBlock, table } from './parts/blocks';
import { showButton } from './parts/buttons';
import { count, list, oneLine } from './parts/format';
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
  /** Absent: goldbot has no package list of one of them. */
  readonly packages?: {
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
    /** Those worth a look, most important first. */
    readonly top: readonly { readonly name: string; readonly from?: string; readonly to?: string }[];
  };
  /** What changed in the recipe, one line each; empty: nothing; absent: not known. */
  readonly recipe?: readonly string[];
  /** What changed in regions and replicas; empty: nothing. */
  readonly regions: readonly string[];
}

/** What differs between two versions of an image. */
export function diffCard(view: DiffView): Reply {
  const entries = facts(
    ['Base', view.source === undefined ? 'not known: no tattoo' : pair(view.source)],
    ['OS', view.os === undefined ? 'not known' : pair(view.os)],
    ['Packages', packages(view)],
    ['Recipe', view.recipe === undefined ? 'not known' : changes(view.recipe)],
    ['Regions', changes(view.regions)],
  );
  const tables = packageTable(view);
  return sheet(
    template,
    {
      title: `${view.image}: ${view.from} → ${view.to}`,
      subtitles: ['What is different'],
      buttons: [showButton(view.image, view.to), showButton(view.image, view.from)],
      next: [call('diff', { image: view.image, from: view.to, to: view.from })],
    },
    { facts: entries, tables },
  );
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

function packages({ packages: found }: DiffView): string {
  if (found === undefined) return 'not compared: one of them has no package list';
  const { added, removed, changed } = found;
  if (added + removed + changed === 0) return 'unchanged';
  return `${count(changed, 'package')} changed, ${added} added, ${removed} removed`;
}

function packageTable({ packages: found }: DiffView): readonly TableBlock[] {
  if (found === undefined) return [];
  const shown = found.top.slice(0, 12);
  const all = found.added + found.removed + found.changed;
  const rest = all > shown.length ? `, ${shown.length} of ${all}` : '';
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
