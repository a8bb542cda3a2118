import { dayKey, lastDayOf, localDay, monthKey, nextCron, startOfDay } from '../calendar';
import type { ImageConfig } from '../catalogue';
import { countBack, type Estimates } from './estimates';

/** How often an image is published: ready everywhere when a day of each month begins, or begun by a cron expression. */
export type Rhythm = NonNullable<ImageConfig['schedule']>;

/** What people have set by command; it wins over the catalogue, field by field. */
export interface ScheduleSetting {
  readonly rhythm?: Rhythm;
  readonly on?: boolean;
  /** The period that is left out; null: none. */
  readonly skip?: string | null;
}

/** An image's schedule as its row has it. */
export interface ScheduleSpec {
  readonly image: string;
  readonly rhythm: Rhythm;
  /** What comes next, or is owed: `2026-12` of months, `2026-12-01` of days. */
  readonly period: string;
  readonly skip?: string;
  /**
   * Why it cannot begin, since when (ISO 8601, world time). `startAt`: it is to begin then, and is not due yet; absent of
   * one that is due. `late`: and its day is past.
   */
  readonly waits?: {
    readonly why: string;
    readonly since: string;
    readonly startAt?: string;
    readonly late?: boolean;
  };
}

/** One time that a schedule comes round. */
export interface Occurrence {
  readonly period: string;
  /** When the run begins. */
  readonly startAt: Date;
  /** When its version is to be in every region; absent of cron. */
  readonly readyBy?: Date;
}

export function scheduleKey(image: string): string {
  return `publish:${image}`;
}

/** `monthly 1 Europe/Berlin`: schedules that have the same come due together. */
export function rhythmKey(rhythm: Rhythm): string {
  return 'cron' in rhythm ? `cron ${rhythm.cron} ${rhythm.zone}` : `monthly ${rhythm.readyBy} ${rhythm.zone}`;
}

/** The run that has it is the one of that period. */
export function scheduleRunKey(image: string, period: string): string {
  return `${scheduleKey(image)}:${period}`;
}

/** The rhythm in force, and whether it is on; undefined: the image has no schedule. */
export function scheduleSpec(
  image: Pick<ImageConfig, 'name' | 'schedule'>,
  own: ScheduleSetting = {},
): (Pick<ScheduleSpec, 'image' | 'rhythm' | 'skip'> & { readonly on: boolean }) | undefined {
  const rhythm = own.rhythm ?? image.schedule;
  if (!rhythm) return undefined;
  return { image: image.name, rhythm, on: own.on ?? true, ...(own.skip && { skip: own.skip }) };
}

interface Month {
  readonly year: number;
  readonly month: number;
}

/** When the version of a period is to be in every region; undefined of what is promised for no day. */
export function promisedBy(rhythm: Rhythm, period: string): Date | undefined {
  const [year = 0, month = 0, day] = period.split('-').map(Number);
  return 'cron' in rhythm || day !== undefined ? undefined : dayOfMonth(rhythm, { year, month });
}

function dayOfMonth({ readyBy, zone }: Exclude<Rhythm, { cron: unknown }>, { year, month }: Month): Date {
  const day = readyBy === 'last' ? lastDayOf({ year, month }) : readyBy;
  return startOfDay({ year, month, day }, zone);
}

function ofMonth(rhythm: Exclude<Rhythm, { cron: unknown }>, at: Month, estimates: Estimates): Occurrence {
  const { year, month } = normal(at);
  const readyBy = dayOfMonth(rhythm, { year, month });
  const [first] = countBack(readyBy, estimates, rhythm.zone);
  return { period: monthKey({ year, month }), readyBy, startAt: first?.from ?? readyBy };
}

/** Month 13 is January. */
function normal({ year, month }: Month): Month {
  const date = new Date(Date.UTC(year, month - 1));
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1 };
}

/** The first that begins after `after`; undefined: a cron expression that never fires again. */
export function firstAfter(rhythm: Rhythm, after: Date, estimates: Estimates): Occurrence | undefined {
  if ('cron' in rhythm) {
    const startAt = nextCron(rhythm.cron, rhythm.zone, after);
    return startAt && { period: dayKey(localDay(startAt, rhythm.zone)), startAt };
  }
  const { year, month } = localDay(after, rhythm.zone);
  for (let ahead = 0; ; ahead += 1) {
    const found = ofMonth(rhythm, { year, month: month + ahead }, estimates);
    if (found.startAt > after) return found;
  }
}

/** The one of a period, by what is known now; undefined when the rhythm has none there. */
export function occurrenceOf(rhythm: Rhythm, period: string, estimates: Estimates): Occurrence | undefined {
  const [year = 0, month = 0, day] = period.split('-').map(Number);
  if (!('cron' in rhythm)) return day === undefined ? ofMonth(rhythm, { year, month }, estimates) : undefined;
  if (day === undefined) return undefined;
  const before = new Date(startOfDay({ year, month, day }, rhythm.zone).getTime() - 1);
  const found = firstAfter(rhythm, before, estimates);
  return found?.period === period ? found : undefined;
}

/** The newest that has begun by `now`, from `first` on; earlier ones are not made up for. */
export function dueOccurrence(
  rhythm: Rhythm,
  first: Occurrence,
  { now, estimates }: { readonly now: Date; readonly estimates: Estimates },
): { readonly due: Occurrence; readonly missed: number } {
  let due = first;
  for (let missed = 0; ; missed += 1) {
    const next = firstAfter(rhythm, due.startAt, estimates);
    if (!next || next.startAt > now) return { due, missed };
    due = next;
  }
}
