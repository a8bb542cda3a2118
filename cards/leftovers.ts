import { call } from '../core/command-call';
import type { Gap } from '../core/compliance';
import { cell, lines, table, tint } from './parts/blocks';
import { type FindingView, findingsBlock } from './parts/findings';
import { clip, count, dollars, type Instant, list, moment, number, oneLine, shortMoment } from './parts/format';
import { gapTints } from './parts/gaps';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/leftovers.json';

export interface LeftoverRow {
  /** `image template`, `test machine`, `candidate`, `staging group`. */
  readonly what: string;
  readonly name: string;
  /** When it was made, as far as anybody knows. */
  readonly madeAt?: Instant;
  /** Run and person, or that goldbot did not make it. */
  readonly madeBy: string;
  /** The most it costs a month, in US dollars; absent where no list price is known. */
  readonly usd?: number;
  /** Why it is not deleted, or what was last said about deleting it. */
  readonly note?: string;
}

export interface LeftoversView {
  /** What would be deleted: all of it is on the card, however long the list. */
  readonly own: readonly LeftoverRow[];
  /** Shown, and never deleted. */
  readonly others: readonly LeftoverRow[];
  /** Groups that their templates left, each with the command for whoever may delete groups. */
  readonly orphans: readonly FindingView[];
  /** How many things belong to runs or templates that are there. */
  readonly inUse: number;
  /** US dollars a month at most, for what goldbot would delete. */
  readonly usd: number;
  /** Where the figures are from. */
  readonly sources: readonly string[];
  /** Binds consent to exactly what is shown; absent when there is nothing to delete. */
  readonly hash?: string;
  /** Somebody agreed to another list than the one there is now. */
  readonly changed?: boolean;
  /** A deletion is under way. */
  readonly open?: string;
  /** Images with hidden versions that were not looked at this time. */
  readonly unread: number;
  readonly gaps: readonly Gap[];
  readonly asOf: Instant;
}

/** A consent names what it is about: a longer list is deleted in parts. */
const mostOwn = 12;
const mostOthers = 6;
const mostOrphans = 4;

/** How many leftovers are agreed to at a time. */
export const mostDeleted = mostOwn;

/** What builds have left in Azure, with the button that deletes goldbot's own. */
export function leftoversCard(view: LeftoversView): Reply {
  const { own, others, hash, open } = view;
  const clean = hash === undefined || open !== undefined ? undefined : call('leftovers', { clean: hash });
  const title = clean && `Delete ${own.length === 1 ? 'it' : `these ${own.length}`}`;
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [own.length > 0 && view.usd > 0 ? 'at list prices' : ''],
      buttons: clean && title !== undefined ? [{ title, call: clean, style: 'destructive' }] : [],
      next: [open === undefined ? call('leftovers') : call('status', { request: open })],
    },
    {
      tints: [
        ...(view.changed
          ? [tint('warning', '! The list has changed: nothing was deleted. ', 'Look at it again.')]
          : []),
        ...gapTints(view.gaps, 2),
      ],
      tables: [
        ...rowsTable('goldbot’s own, of runs that are over', own, mostOwn),
        ...rowsTable('Not to be deleted here', others, mostOthers),
      ],
      findings: findingsBlock('Groups that goldbot may not delete', view.orphans.slice(0, mostOrphans)),
      notes: lines(notesOf(view)),
    },
  );
}

function headline({ own, others, orphans, usd }: LeftoversView): string {
  if (own.length > 0) {
    const cost = usd === 0 ? '' : `, at most ${dollars(usd)} a month`;
    return `Builds have left ${count(own.length, 'thing')} that goldbot can delete${cost}`;
  }
  const strange = others.length + orphans.length;
  return strange === 0
    ? 'Builds have left nothing behind that nobody needs'
    : `Builds have left ${count(strange, 'thing')} that goldbot may not delete`;
}

function rowsTable(heading: string, rows: readonly LeftoverRow[], most: number) {
  const rest = rows.length - most;
  return table({
    heading,
    columns: [
      { title: 'What', width: 9 },
      { title: 'Made', width: 7 },
      { title: 'Costs at most', width: 6 },
    ],
    rows: rows.slice(0, most).map((row) => ({ cells: cellsOf(row) })),
    ...(rest > 0 && { more: `… and ${number(rest)} more.` }),
  });
}

function cellsOf({ what, name, madeAt, madeBy, usd, note }: LeftoverRow): readonly ReturnType<typeof cell>[] {
  return [
    cell(clip(name, 90), { bold: true, under: note === undefined ? what : `${what}: ${oneLine(note, 300)}` }),
    cell(madeAt === undefined ? 'not known' : shortMoment(madeAt), { under: oneLine(madeBy, 80) }),
    cell(usd === undefined ? '–' : `${dollars(usd)} a month`),
  ];
}

function notesOf({ own, orphans, inUse, sources, open, unread, asOf }: LeftoversView): readonly string[] {
  const prices =
    sources.length === 0
      ? ''
      : `Figures are upper bounds: ${list(sources, 4)}. Azure bills the part of a disk that is in use, and a machine while it runs; a dash means that no list price is known.`;
  return [
    open === undefined ? '' : `${open} is deleting leftovers already.`,
    unread > 0
      ? `Hidden versions of ${count(unread, 'more image')} were not looked at: they come once some of these are gone.`
      : '',
    orphans.length > mostOrphans ? `… and ${count(orphans.length - mostOrphans, 'more group')}.` : '',
    [
      own.length === 0 || open !== undefined
        ? ''
        : 'Each is checked again right before it is deleted; anything that has changed by then is left alone.',
      inUse === 0 ? '' : `${count(inUse, 'more thing')} of open runs and of templates that are there: not listed.`,
      `As of ${moment(asOf)}.`,
    ].join(' '),
    prices,
  ];
}
