import { type CommandCall, call } from '../core/command-call';
import type { ComplianceFigures, ServiceModel } from '../core/compliance';
import type { WeekFigures } from '../core/runs';
import { actsPart } from './parts/acts';
import {
  cell,
  type Group,
  lines,
  type MarkedRow,
  markedRow,
  type Sign,
  signView,
  type Tint,
  table,
  tint,
} from './parts/blocks';
import { type Button, complianceButton, listButton, listCall } from './parts/buttons';
import { type Drawer, drawersPart } from './parts/drawers';
import {
  figuresPart,
  fourOf,
  imageBars,
  policyRemarks,
  standingSentence,
  trendPart,
  weekNumber,
} from './parts/figures';
import { count, day, dotted, type Instant, list, moment, number, oneLine, shortDay } from './parts/format';
import { gapTints } from './parts/gaps';
import { clocks, followsWords, lackWords, modelWord, moreLine } from './parts/words';
import type { Reply } from './reply';
import { isCramped, sheet } from './sheet';
import template from './templates/digest.json';

export interface DigestView {
  readonly figures: ComplianceFigures;
  /** ISO week: `2026-W47`. */
  readonly week: string;
  /** World time of the digest. */
  readonly now: Instant;
  /** When it was due, if it is late. */
  readonly dueAt?: Instant;
  /** Who asked for it, if it is not the weekly one. */
  readonly askedBy?: string;
  /** Absent: there is no digest from the week before to compare with. */
  readonly last?: WeekFigures;
  /** This week and the earlier ones that goldbot has figures for, oldest first; the last eight are drawn. */
  readonly trend: readonly WeekFigures[];
  /** Most important first. */
  readonly changes: Part<ChangeLine>;
  readonly wins: Part<string>;
  /** Worst first; what is snoozed comes last. */
  readonly next: Part<DoNext> & { readonly snoozed: number };
  /** Soonest first; what is past already comes first. */
  readonly expiring: Part<Expiry>;
  /** With whom the gallery is shared without an end: `tenant 8f6a…`. */
  readonly unending?: readonly string[];
  /** How many machines run versions that are past their end of life, or come to it within so many days. */
  readonly lives?: { readonly past: number; readonly soon: number; readonly days: number };
  /** Glass that was broken over something of the team's, longest ago first. */
  readonly reviews?: Part<UnreviewedGlass>;
  /** Marketplace images of its machines, soonest first; absent in what earlier versions counted. */
  readonly retired?: Part<RetiredImage>;
  /** True when its readers may act for the team. */
  readonly canAct: boolean;
}

/** The first of many, and how many there are in all. */
export interface Part<Item> {
  readonly items: readonly Item[];
  readonly total: number;
}

export interface ChangeLine {
  readonly direction: 'better' | 'worse' | 'other';
  /** `6 machines moved to 1.6.0`. */
  readonly text: string;
}

export interface DoNext {
  readonly machine: string;
  /** `3 policies fail`, `2 versions behind`. */
  readonly why: string;
  /** Absent: the row is about several machines. */
  readonly model?: ServiceModel | 'undecided';
  /** What fixes it, shows more or sets it aside. The titles are short because they stand beside the row. */
  readonly buttons: readonly Button[];
  /** Who set it aside; such rows come after those that ask for something. */
  readonly snoozed?: SnoozedRow;
  /** When its snooze ended, if that was since the digest before. */
  readonly wokenAt?: Instant;
}

export interface SnoozedRow {
  readonly by: string;
  readonly until: Instant;
  readonly reason: string;
  /** How many machines the row was about then, where it is about more now. */
  readonly was?: number;
}

export interface RetiredImage {
  /** `3 machines on canonical:…:22_04-lts-gen2`. */
  readonly what: string;
  /** `will be deprecated on 13 Dec 2026`. */
  readonly fate: string;
  /** `use …`: what to do about it. */
  readonly mend: string;
  /** Nothing new can be deployed from it. */
  readonly isOver: boolean;
}

export interface UnreviewedGlass {
  /** Of the run. */
  readonly id: string;
  /** `retire ubuntu-22 1.3.0`. */
  readonly what: string;
  readonly since: Instant;
}

export interface Expiry {
  /** `exemption of vm-pay-old-01 from disk-encryption`. */
  readonly what: string;
  readonly at: Instant;
}

/** As many as fit in 25 KB with the longest possible names; fewer where retired images or open reviews need the room. */
const most = { changes: 5, wins: 3, next: 5, expiring: 4, retired: 2, gaps: 3, reviews: 1, names: 2 } as const;

/** Of what to do, however long its words are. */
const fewestNext = 2;

/** Each of the two parts that are seldom there takes a row of each that is always. */
function mostOf({ retired, reviews }: DigestView, part: 'changes' | 'wins' | 'expiring'): number {
  return most[part] - [retired, reviews].filter((seldom) => (seldom?.total ?? 0) > 0).length;
}

/**
 * A team's week: its figures, what changed, what to do. Bounded, and it says what is left out: with long names and long
 * reasons it has fewer rows of what to do.
 */
export function digestCard(view: DigestView): Reply {
  const first = most.next - (view.reviews?.total ? 1 : 0);
  for (let rows = first; rows > fewestNext; rows--) {
    const card = cardWith(view, rows);
    if (!isCramped(card)) return card;
  }
  return cardWith(view, fewestNext);
}

function cardWith(view: DigestView, rows: number): Reply {
  const { figures } = view;
  const groups = [...reviewsGroup(view), ...changedGroup(view), ...retiredGroup(view)];
  const tints = [...unendingTint(view), ...gapTints(figures.gaps, most.gaps)];
  const none = figures.machines === 0 ? [`No machine that goldbot can see belongs to ${figures.team}.`] : [];
  return sheet(
    template,
    {
      title: standingSentence(figures) ?? weekOf(view),
      subtitles: [clockLine(view), lateLine(view), askedLine(view), ...followsLine(figures)],
      buttons: buttons(view),
      next: [
        ...reviewCalls(view),
        ...(view.canAct && figures.team !== null ? [call('digest', { team: figures.team })] : []),
      ],
    },
    {
      paragraphs: lines(none),
      figures: weekFigures(view),
      tints,
      bars: imageBars(figures),
      trends: trendPart(view.trend),
      groups,
      acts: doNextPart(view, rows),
      tables: expiringTable(view),
      notes: lines(figures.machines === 0 ? [] : policyRemarks(figures).slice(2)),
      drawers: drawersPart([...winsDrawer(view), ...agentsDrawer(figures)]),
    },
  );
}

function unendingTint({ unending = [] }: DigestView): readonly Tint[] {
  if (unending.length === 0) return [];
  const whom = list(
    unending.map((one) => oneLine(one, 100)),
    2,
  );
  const what = `: the gallery of your images, with ${whom}. Nobody has said until when; an admin takes it back with “unshare”.`;
  return [tint('warning', '! Shared without an end', what)];
}

function clockLine({ figures, week, now }: DigestView): string {
  const { machines, policy, guest } = figures;
  if (machines === 0) return count(0, 'machine');
  return dotted(weekOf({ figures, week }), clocks(policy?.newest, guest?.newest, now));
}

const weekOf = ({ figures: { team }, week }: Pick<DigestView, 'figures' | 'week'>): string =>
  `${oneLine(team ?? 'Machines without a team', 80)}: week ${weekNumber(week)}`;

function askedLine({ askedBy }: DigestView): string {
  return askedBy === undefined ? '' : `Requested by ${oneLine(askedBy, 80)}, in addition to the weekly one.`;
}

function followsLine(figures: DigestView['figures']): readonly string[] {
  const follows = followsWords(figures);
  return follows === undefined ? [] : [`Follows ${follows}.`];
}

function lateLine({ dueAt }: DigestView): string {
  return dueAt === undefined ? '' : `Late: it was due ${moment(dueAt)}.`;
}

function weekFigures({ figures, last }: DigestView): readonly object[] {
  if (figures.policy === undefined || figures.machines === 0) return [];
  const against = last === undefined ? 'This is the first digest: there is nothing to compare it with yet.' : '';
  const since = last === undefined ? '' : `▲▼ compared with week ${weekNumber(last.week)}.`;
  const four = { now: fourOf(figures.policy), ...(last === undefined ? {} : { before: last }) };
  return figuresPart(figures.team, four, [against, since, ...policyRemarks(figures).slice(0, 2)]);
}

const directions: Readonly<Record<ChangeLine['direction'], Sign>> = {
  better: signView('▲', 'Good'),
  worse: signView('▼', 'Attention'),
  other: signView('·', 'Informative'),
};

/** No news is news: a digest without this part would look as if nobody had compared. */
function changedGroup(view: DigestView): readonly Group[] {
  const { changes, last } = view;
  if (last === undefined) return [];
  const shown = changes.items.slice(0, mostOf(view, 'changes')).map(
    ({ direction, text }): MarkedRow => ({
      ...directions[direction],
      label: oneLine(text, 120),
      details: [],
      right: '',
    }),
  );
  if (shown.length === 0) return [{ heading: 'What changed', rows: [markedRow('skipped', 'Nothing changed.')] }];
  return [{ heading: 'What changed', rows: [...shown, ...moreRow(changes.total, shown.length)] }];
}

function winsDrawer(view: DigestView): readonly Drawer[] {
  const { wins } = view;
  const shown = wins.items.slice(0, mostOf(view, 'wins')).map((win) => markedRow('done', oneLine(win, 120)));
  return shown.length === 0 ? [] : [{ heading: 'Wins', rows: [...shown, ...moreRow(wins.total, shown.length)] }];
}

function retiredGroup({ retired = { items: [], total: 0 }, figures: { team } }: DigestView): readonly Group[] {
  const shown = retired.items
    .slice(0, most.retired)
    .map(({ what, fate, mend, isOver }) =>
      markedRow(isOver ? 'needs-person' : 'todo', oneLine(what, 110), [dotted(oneLine(fate, 70), oneLine(mend, 110))]),
    );
  if (shown.length === 0) return [];
  const more = moreLine(retired.total, shown.length, team === null ? undefined : call('forecast', { team }));
  const rows = [...shown, ...(more === '' ? [] : [markedRow('skipped', more)])];
  return [{ heading: 'Marketplace images that are retired, or will be', rows }];
}

/** In one row, since rows weigh more than lines. */
function agentsDrawer({ agents = [] }: DigestView['figures']): readonly Drawer[] {
  const [first, ...others] = agents.map((figure) => lackWords(figure, most.names));
  if (first === undefined) return [];
  return [{ heading: 'Agents and diagnostics', rows: [markedRow('todo', first, others)], many: agents.length }];
}

function reviewsGroup({ reviews = { items: [], total: 0 }, now }: DigestView): readonly Group[] {
  const shown = reviews.items
    .slice(0, most.reviews)
    .map(({ id, what, since }) =>
      markedRow('needs-person', oneLine(what, 80), [
        `${oneLine(id, 20)}, since ${shortDay(since)}, ${daysFrom(since, now)}`,
      ]),
    );
  if (shown.length === 0) return [];
  return [
    { heading: 'Broken glass that nobody has reviewed', rows: [...shown, ...moreRow(reviews.total, shown.length)] },
  ];
}

function reviewCalls({ reviews }: DigestView): readonly CommandCall[] {
  return (reviews?.items ?? []).slice(0, most.reviews).map(({ id }) => call('review', { request: id }, 'reason'));
}

/** By days of the calendar in UTC, as dates are shown. */
function daysFrom(at: Instant, now: Instant): string {
  const day = (instant: Instant) => Math.floor(new Date(instant).getTime() / 86_400_000);
  const left = day(at) - day(now);
  if (left === 0) return 'today';
  return left > 0 ? `in ${count(left, 'day')}` : `${count(-left, 'day')} ago`;
}

/** Every machine once. */
function livesLine({ lives }: DigestView): string {
  if (!lives || lives.past + lives.soon === 0) return '';
  const { past, soon, days } = lives;
  const run = (machines: number, what: string) =>
    machines === 0 ? '' : `${count(machines, 'machine')} ${machines === 1 ? 'runs' : 'run'} ${what}`;
  return `${[run(past, 'versions past their end of life'), run(soon, `versions that end within ${days} days`)].filter((text) => text !== '').join(', ')}.`;
}

function moreRow(total: number, shown: number): readonly MarkedRow[] {
  const more = moreLine(total, shown);
  return more === '' ? [] : [markedRow('skipped', more)];
}

function doNextPart({ next, figures: { team } }: DigestView, atMost: number): readonly object[] {
  const shown = next.items.slice(0, atMost);
  const more = moreLine(next.total, shown.length, listCall(team));
  const hidden = next.snoozed - shown.filter(({ snoozed }) => snoozed).length;
  const asleep = hidden === 0 ? '' : `${number(hidden)} of them ${hidden === 1 ? 'is' : 'are'} snoozed.`;
  const rows = shown.map((row) => ({ label: oneLine(row.machine, 80), detail: detailOf(row), buttons: row.buttons }));
  return actsPart('Do next', rows, [more, asleep]);
}

function detailOf({ why, model, snoozed, wokenAt }: DoNext): string {
  return dotted(
    oneLine(why, 100),
    model !== undefined && modelWord(model),
    snoozed && snoozedWords(snoozed),
    wokenAt !== undefined && `its snooze ended on ${day(wokenAt)}`,
  );
}

function snoozedWords({ by, until, reason, was }: SnoozedRow): string {
  const then = was === undefined ? '' : `, when it was ${count(was, 'machine')}`;
  return `snoozed until ${moment(until)} by ${oneLine(by, 40)}${then}: ${oneLine(reason, 80)}`;
}

function expiringTable(view: DigestView) {
  const { expiring } = view;
  const shown = expiring.items.slice(0, mostOf(view, 'expiring'));
  const [lives, more] = [livesLine(view), moreLine(expiring.total, shown.length)];
  return table({
    heading: 'Ended, or ending soon',
    more: lives === '' || more === '' ? `${lives}${more}` : `${lives} … ${more}.`,
    columns: [
      { title: 'When', width: 4 },
      { title: 'What', width: 9 },
    ],
    rows: shown.map(({ at, what }) => ({ cells: [cell(shortDay(at), { under: daysFrom(at, view.now) }), cell(what)] })),
  });
}

function buttons({ figures: { team, machines, policy } }: DigestView): readonly Button[] {
  const failing = machines > 0 && (policy?.machines.NonCompliant ?? 0) > 0;
  return [
    complianceButton(team),
    ...(failing ? [listButton('List non-compliant', team, { state: 'not-compliant' })] : []),
  ];
}
