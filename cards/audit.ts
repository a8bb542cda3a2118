import { call } from '../core/command-call';
import { cell, lines, type Tint, table, tint } from './parts/blocks';
import { clip, count, dotted, type Instant, moment, number, oneLine, shortMoment } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/audit.json';

export interface AuditRow {
  readonly at: Instant;
  /** Name of the person, or `goldbot`. */
  readonly who: string;
  /** What was done: `approve R-9WXB4`. */
  readonly what: string;
  /** What came of it: `done`, `refused: WRONG_ROLE`. */
  readonly outcome?: string;
}

export interface AuditView {
  /** Newest first. */
  readonly entries: readonly AuditRow[];
  readonly total: number;
  /** There are older ones that were not even counted. */
  readonly more?: boolean;
  /** What was asked for: `by Ada, since 1 Nov`. */
  readonly filter?: string;
  /** Whether the chain of hashes holds; `brokenAt` is the first entry that does not fit. */
  readonly chain: { readonly intact: boolean; readonly checked: number; readonly brokenAt?: number };
  readonly asOf: Instant;
}

/** Who did what, and whether the record is whole. */
export function auditCard(view: AuditView): Reply {
  const shown = view.entries.slice(0, 20);
  const tables = table({
    columns: [
      { title: 'When (UTC)', width: 6 },
      { title: 'Who', width: 5 },
      { title: 'What', width: 12 },
    ],
    rows: shown.map((entry) => ({
      cells: [
        cell(shortMoment(entry.at)),
        cell(oneLine(entry.who, 40)),
        cell(clip(entry.what, 110), { under: entry.outcome ?? '' }),
      ],
    })),
  });
  const nothing = shown.length === 0 ? ['No entry matches.'] : [];
  const least = view.more ? 'more than ' : '';
  const cut = view.total > shown.length ? `The newest ${shown.length} of ${least}${number(view.total)}.` : '';
  const note = dotted(cut, `As of ${moment(view.asOf)}`);
  const tints = [chainTint(view.chain)];
  return sheet(
    template,
    {
      title: 'Audit',
      subtitles: [dotted(`${view.more ? 'More than ' : ''}${count(view.total, 'entry', 'entries')}`, view.filter)],
      buttons: [],
      next: [call('audit', {}, 'who'), call('audit', {}, 'image')],
    },
    { tables, paragraphs: lines(nothing), tints, notes: lines([note]) },
  );
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
