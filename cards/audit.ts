import { call, type Values } from '../core/command-call';
import { facts, type Group, lines, type Mark, markView, signView, type Tint, tint } from './parts/blocks';
import type { Button } from './parts/buttons';
import { drawersPart } from './parts/drawers';
import { clock, count, day, dotted, type Instant, moment, number, oneLine, shortMoment } from './parts/format';
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
  /** goldbot did it, and nobody has to look at it. */
  readonly byItself?: true;
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
  readonly chain: ChainView;
  readonly asOf: Instant;
}

/** Whether the record is as it was written. */
interface ChainView {
  readonly intact: boolean;
  /** Number of the last entry that fits. */
  readonly checked: number;
  /** It was read from its first entry on, not from the newest checkpoint. */
  readonly whole?: boolean;
  /** Entries after that which were not looked at, for lack of time. */
  readonly left?: number;
  /** The first entry that is wrong or missing; `upTo`: it is one between. */
  readonly brokenAt?: number;
  readonly upTo?: number;
  /** The newest one that it fits. */
  readonly checkpoint?: { readonly at: Instant; readonly entries: number };
  /** goldbot posts checkpoints where others have them too. */
  readonly outside?: boolean;
  /** The first wrong entry of the newest alteration that somebody answered for: who (object id), and when. */
  readonly accounted?: { readonly entry: number; readonly by: string; readonly at: Instant };
}

/** How many a card shows. */
const mostRows = 20;
/** Of what goldbot did by itself, which is folded. */
const mostOwn = 30;

/** Who did what, day by day, and whether the record is whole; what goldbot did by itself is folded beneath. */
export function auditCard(view: AuditView): Reply {
  const { entries, chain } = view;
  const people = entries.filter(({ byItself }) => !byItself);
  // Where only goldbot did something, that is what was asked for.
  const [main, own] = people.length > 0 ? [people, entries.filter(({ byItself }) => byItself)] : [entries, []];
  const shown = main.slice(0, mostRows);
  const least = view.more ? 'more than ' : '';
  const cut = main.length > shown.length ? `The newest ${shown.length} of ${least}${number(main.length)}.` : '';
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [view.filter ?? ''],
      buttons: filters(view),
      next: [call('audit', {}, 'who'), call('audit', {}, 'image')],
    },
    {
      tints: chain.intact ? [] : [alteredTint(chain)],
      paragraphs: lines(shown.length === 0 ? ['No entry matches.'] : []),
      groups: daysOf(shown),
      drawers: drawersPart([{ heading: ownHeading(own, least), facts: facts(...own.slice(0, mostOwn).map(ownFact)) }]),
      notes: lines([
        cut,
        chain.intact ? intactWords(chain) : fitsWords(chain),
        accountedWords(chain),
        chain.outside ? '' : notOutside,
        `As of ${moment(view.asOf)}; times are UTC`,
      ]),
    },
  );
}

const notOutside =
  'goldbot hands its checkpoints to nobody outside of its database: azure.yaml names neither a channel nor a container under audit.';

/** What was read now, and what is taken for true because a checkpoint was signed over it. */
function intactWords({ checked, checkpoint, whole, left }: ChainView): string {
  const far = left
    ? ` so far; ${number(left)} more were not reached in time: npm run audit:verify reads all of them`
    : '';
  const fits =
    checkpoint && `the checkpoint of ${day(checkpoint.at)} (${count(checkpoint.entries, 'entry', 'entries')})`;
  if (whole || !fits) {
    const all = `✓ The hash chain is intact from the first entry to number ${number(checked)}${far}`;
    return fits ? `${all}, and fits ${fits}.` : `${all}; no checkpoint is signed yet.`;
  }
  const since = checked - checkpoint.entries;
  return `✓ The hash chain is intact from ${fits} on: ${count(since, 'entry', 'entries')} since${far}. audit --verify reads it from the first entry.`;
}

/** Named for ever: an account ends the alarm and changes nothing of what was found. */
function accountedWords({ accounted }: ChainView): string {
  if (!accounted) return '';
  const { entry, by, at } = accounted;
  return `Entry ${number(entry)} was found altered, for which ${by} answered on ${day(at)}: npm run audit:verify has the reason.`;
}

function fitsWords({ checkpoint }: ChainView): string {
  if (!checkpoint) return 'It fits no checkpoint.';
  return `It fits the checkpoint of ${day(checkpoint.at)} over its first ${count(checkpoint.entries, 'entry', 'entries')}.`;
}

/** What whoever looks at an audit asks first: how much there is, unless it is not to be trusted. */
function headline({ total, more, chain }: AuditView): string {
  if (!chain.intact) return 'The record has been altered';
  return `${more ? 'More than ' : ''}${count(total, 'entry', 'entries')} in the audit`;
}

function ownHeading(own: readonly AuditRow[], least: string): string {
  if (own.length <= mostOwn) return 'What goldbot did by itself';
  return `goldbot: ${mostOwn} of ${least}${number(own.length)}`;
}

/** `23 Nov 15:19`: moved ubuntu-22 from test to approve · R-7F3KQ. */
const ownFact = ({ at, what, details }: AuditRow) =>
  [shortMoment(at), dotted(oneLine(what, 120), ...details.map((detail) => oneLine(detail, 60)))] as const;

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
    right: clock(at).replace(' UTC', ''),
  };
}

function filters({ asked, narrower, entries, chain }: AuditView): readonly Button[] {
  const narrow = narrower
    .slice(0, 3)
    .map(({ title, values }) => ({ title, call: call('audit', { ...asked, ...values }) }));
  const all = Object.keys(asked).length === 0 ? [] : [{ title: 'Show everything', call: call('audit') }];
  const file =
    entries.length === 0 ? [] : [{ title: 'Export as CSV', call: call('audit', { ...asked, export: 'csv' }) }];
  const verify = { title: 'Check from the first entry', call: call('audit', { ...asked, verify: true }) };
  return [...narrow, ...all, ...file, ...(chain.whole ? [] : [verify])];
}

function alteredTint({ brokenAt, upTo }: ChainView): Tint {
  const one = brokenAt === undefined ? 'An entry' : `Entry ${number(brokenAt)}`;
  const first = upTo === undefined ? one : `One of the entries ${number(brokenAt ?? 1)} to ${number(upTo)}`;
  const what = `! ${first} is the first that is wrong or missing.`;
  return tint('attention', what, ' Tell whoever is responsible for the audit log.');
}
