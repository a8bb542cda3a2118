import { call, type Values } from '../core/command-call';
import { type Group, lines, type Mark, markView, signView, type Tint, tint } from './parts/blocks';
import type { Button } from './parts/buttons';
import { clock, count, day, dotted, type Instant, moment, number, oneLine } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/audit.json';

export interface AuditRow {
  readonly at: Instant;
  /** Name of the person, or `goldbot`. */
  readonly who: string;
  /** What follows the name in a sentence: `approved ubuntu-22`. */
  readonly what: string;
  /** Ids, reasons and codes, for whoever looks closer. */
  readonly details: readonly string[];
  /** Where it should be seen at a glance. */
  readonly mark?: Mark;
}

export interface AuditView {
  /** Newest first. */
  readonly entries: readonly AuditRow[];
  readonly total: number;
  /** There are older ones that were not even counted. */
  readonly more?: boolean;
  /** What was asked for: `by Ada, since 1 Nov`. */
  readonly filter?: string;
  /** The same as the command takes it. */
  readonly asked: Values;
  /** What a click narrows it to: `Only Grace`. */
  readonly narrower: readonly { readonly title: string; readonly values: Values }[];
  /** Whether the chain of hashes holds; `brokenAt` is the first entry that does not fit. */
  readonly chain: { readonly intact: boolean; readonly checked: number; readonly brokenAt?: number };
  readonly asOf: Instant;
}

/** How many a card shows. */
const mostRows = 20;

/** Who did what, day by day, and whether the record is whole. */
export function auditCard(view: AuditView): Reply {
  const shown = view.entries.slice(0, mostRows);
  const nothing = shown.length === 0 ? ['No entry matches.'] : [];
  const least = view.more ? 'more than ' : '';
  const cut = view.total > shown.length ? `The newest ${shown.length} of ${least}${number(view.total)}.` : '';
  return sheet(
    template,
    {
      title: 'Audit',
      subtitles: [dotted(`${view.more ? 'More than ' : ''}${count(view.total, 'entry', 'entries')}`, view.filter)],
      buttons: filters(view),
      next: [call('audit', {}, 'who'), call('audit', {}, 'image')],
    },
    {
      paragraphs: lines(nothing),
      groups: daysOf(shown),
      tints: [chainTint(view.chain)],
      notes: lines([dotted(cut, `As of ${moment(view.asOf)}`)]),
    },
  );
}

function daysOf(entries: readonly AuditRow[]): readonly Group[] {
  const days = [...new Set(entries.map(({ at }) => day(at)))];
  return days.map((heading) => ({
    heading,
    rows: entries.filter(({ at }) => day(at) === heading).map(rowOf),
  }));
}

function rowOf({ at, who, what, details, mark }: AuditRow) {
  return {
    ...(mark === undefined ? signView('·', 'Informative') : markView(mark)),
    label: oneLine(`${oneLine(who, 40)} ${what}`, 160),
    details: lines([dotted(...details.map((detail) => oneLine(detail, 110)))], 240),
    right: clock(at),
  };
}

function filters({ asked, narrower, entries }: AuditView): readonly Button[] {
  const narrow = narrower
    .slice(0, 3)
    .map(({ title, values }) => ({ title, call: call('audit', { ...asked, ...values }) }));
  const all = Object.keys(asked).length === 0 ? [] : [{ title: 'Show everything', call: call('audit') }];
  const file =
    entries.length === 0 ? [] : [{ title: 'Export as CSV', call: call('audit', { ...asked, export: 'csv' }) }];
  return [...narrow, ...all, ...file];
}

function chainTint({ intact, checked, brokenAt }: AuditView['chain']): Tint {
  if (intact) return tint('emphasis', '✓ The hash chain is intact', ` over ${count(checked, 'entry', 'entries')}.`);
  const where = brokenAt === undefined ? '' : ` from entry ${number(brokenAt)} on`;
  return tint(
    'attention',
    '! The record has been altered',
    `${where}: its hashes do not match. Tell whoever is responsible for the audit log.`,
  );
}
