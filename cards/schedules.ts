import { call } from '../core/command-call';
import { cell, lines, table } from './parts/blocks';
import { clip, count, dotted, type Instant, moment, number, oneLine, shortMoment } from './parts/format';
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
}

export interface SchedulesView {
  /** By name. */
  readonly schedules: readonly ScheduleRow[];
  readonly asOf: Instant;
}

const maxRows = 15;

/** When images are published by themselves, one line each. */
export function schedulesCard({ schedules, asOf }: SchedulesView): Reply {
  const shown = schedules.slice(0, maxRows);
  const on = schedules.filter(({ state }) => state !== 'off' && state !== 'none').length;
  const cut = schedules.length > shown.length ? `The first ${shown.length} of ${number(schedules.length)}.` : '';
  const nothing = schedules.length === 0 ? ['There is no image that you may look at.'] : [];
  return sheet(
    template,
    {
      title: 'Schedules',
      subtitles: [`${number(on)} of ${count(schedules.length, 'image')} published by schedule`],
      buttons: [],
      next: shown.slice(0, 2).map(({ image }) => call('schedule', { image })),
    },
    {
      paragraphs: lines(nothing),
      tables: table({
        columns: [
          { title: 'Image', width: 7 },
          { title: 'Schedule', width: 9 },
          { title: 'Next run', width: 8 },
        ],
        rows: shown.map((row) => ({ cells: cells(row) })),
      }),
      notes: lines([dotted(cut, `As of ${moment(asOf)}; times are UTC`)]),
    },
  );
}

const states: Readonly<Record<ScheduleRow['state'], string>> = {
  on: '',
  off: 'off',
  waits: '! waits',
  fails: '! fails',
  none: 'no schedule',
};

function cells({ image, rhythm, state, startAt, last, setBy }: ScheduleRow): readonly ReturnType<typeof cell>[] {
  const next = startAt === undefined || state === 'off' ? '–' : shortMoment(startAt);
  return [
    cell(clip(image, 60), { bold: true, under: setBy === undefined ? '' : `set by ${oneLine(setBy, 40)}` }),
    cell(rhythm === undefined ? states[state] : clip(rhythm, 80), {
      under: rhythm === undefined ? '' : states[state],
      ...((state === 'waits' || state === 'fails') && { underColor: 'Attention' as const }),
    }),
    cell(next, { under: last === undefined ? '' : `last: ${clip(last, 100)}` }),
  ];
}
