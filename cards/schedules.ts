import { type CommandCall, call } from '../core/command-call';
import { lines, signView } from './parts/blocks';
import type { Button } from './parts/buttons';
import { clip, count, dotted, due, type Instant, moment, number, oneLine, shortMoment } from './parts/format';
import { type PickRow, picksPart } from './parts/picks';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/schedules.json';

export interface ScheduleRow {
  readonly image: string;
  /** `ready on the 1st (Europe/Berlin)`; absent: it has none. */
  readonly rhythm?: string;
  readonly state: 'on' | 'off' | 'waits' | 'fails' | 'none';
  /** When the next run begins; absent while none does. */
  readonly startAt?: Instant;
  /** `November 2026, in time`. */
  readonly last?: string;
  /** Name of who set it by command; absent: it is the catalogue's. */
  readonly setBy?: string;
  /** The person may set it. */
  readonly isYours?: boolean;
}

export interface SchedulesView {
  /** By name. */
  readonly schedules: readonly ScheduleRow[];
  readonly asOf: Instant;
}

const maxRows = 15;

/** When images are published by themselves, one row each; those that are not stand apart. */
export function schedulesCard({ schedules, asOf }: SchedulesView): Reply {
  const shown = schedules.slice(0, maxRows);
  const byThemselves = shown.filter(({ state }) => state !== 'none');
  const others = shown.filter(({ state }) => state === 'none');
  const cut = schedules.length > shown.length ? `The first ${shown.length} of ${number(schedules.length)}.` : '';
  const nothing = schedules.length === 0 ? ['There is no image that you may look at.'] : [];
  return sheet(
    template,
    {
      title: headline(schedules),
      subtitles: [soonest(schedules)],
      buttons: settable(schedules),
      next: shown.slice(0, 2).map(({ image }) => call('schedule', { image })),
    },
    {
      paragraphs: lines(nothing),
      picks: [
        ...picksPart({ rows: byThemselves.map(pickRow) }),
        ...picksPart({ heading: others.length === 0 ? '' : 'Published when somebody asks', rows: others.map(pickRow) }),
      ],
      notes: lines([dotted(cut, `As of ${moment(asOf)}${byThemselves.length === 0 ? '' : '; times are UTC'}`)]),
    },
  );
}

/** What needs somebody comes before what goes by itself. */
function headline(schedules: readonly ScheduleRow[]): string {
  const all = schedules.length;
  const of = (...states: readonly ScheduleRow['state'][]) =>
    schedules.filter(({ state }) => states.includes(state)).length;
  const [held, on] = [of('waits', 'fails'), of('on', 'waits', 'fails')];
  if (held > 0) return `${count(held, 'schedule')} of ${number(on)} ${held === 1 ? 'is' : 'are'} held up`;
  if (on === 0) return 'No image is published by schedule';
  return `${number(on)} of ${count(all, 'image')} ${on === 1 ? 'is' : 'are'} published by schedule`;
}

/** `Next: ubuntu-22, Thu 26 Nov, 09:30 UTC`. */
function soonest(schedules: readonly ScheduleRow[]): string {
  const [first] = schedules
    .flatMap(({ image, state, startAt }) => (state === 'on' && startAt !== undefined ? [{ image, startAt }] : []))
    .sort((one, other) => new Date(one.startAt).getTime() - new Date(other.startAt).getTime());
  return first === undefined ? '' : `Next: ${oneLine(first.image, 60)}, ${due(first.startAt)}`;
}

/** Of one image, or of one that the form asks for. */
function settable(schedules: readonly ScheduleRow[]): readonly Button[] {
  const [only, ...more] = schedules.filter(({ isYours }) => isYours);
  if (only === undefined) return [];
  return [monthlyButton(more.length === 0 ? only.image : undefined)];
}

/** Asks on which day an image is to be ready, and for its time zone. */
export function monthlyButton(image?: string, title = 'Set a monthly schedule'): Button {
  const monthly = { rhythm: 'monthly' } as const;
  const asked: CommandCall =
    image === undefined
      ? call('schedule', monthly, 'image', 'readyBy')
      : call('schedule', { image, ...monthly }, 'readyBy');
  return { title, call: asked };
}

const states: Readonly<Record<Exclude<ScheduleRow['state'], 'none'>, string>> = {
  on: '',
  off: 'Turned off',
  waits: 'Waits for something',
  fails: 'Fails to begin',
};

function pickRow({ image, rhythm = '', state, startAt, last, setBy }: ScheduleRow): PickRow {
  const who = setBy === undefined ? '' : `set by ${oneLine(setBy, 40)}`;
  const before = last === undefined ? '' : `last: ${clip(last, 80)}`;
  const next = startAt === undefined || state === 'off' ? '' : shortMoment(startAt);
  return {
    label: clip(image, 60),
    ...(state !== 'none' && {
      ...(state !== 'off' && { sign: signs[state] }),
      details: [dotted(states[state], clip(rhythm, 80)), dotted(before, who)],
    }),
    figure: next,
    call: call('schedule', { image }),
    title: `Schedule of ${image}`,
  };
}

const signs = {
  on: signView('✓', 'Informative'),
  waits: signView('!', 'Warning'),
  fails: signView('✗', 'Attention'),
} as const;
