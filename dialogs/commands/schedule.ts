import { z } from 'zod';
import { cronProblem } from '../../core/calendar';
import { findImage, type ImageConfig } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import type { Rhythm } from '../../core/schedule';
import { isZone } from '../../core/time';
import {
  type Answer,
  type CommandContext,
  choice,
  type Deps,
  defineCommand,
  forbidden,
  imageName,
  textArg,
  word,
} from '../conversation';
import { scheduleAnswer, scheduleList } from '../present';

const readyDays = [...Array.from({ length: 28 }, (_, i) => String(i + 1)), 'last'];

const args = z.object({
  image: imageName.optional(),
  rhythm: choice('What to do', ['monthly', 'cron', 'skip', 'on', 'off']).optional(),
  cron: textArg('Cron expression', {
    example: '0 6 * * 1',
    takes: 'five fields in quotes: minute, hour, day, month, weekday',
    form: false,
  }).optional(),
  readyBy: word('Ready on this day of each month', '1..28|last', { example: '1', offers: readyDays }).optional(),
  tz: word('Time zone', 'zone', { example: 'Europe/Berlin', pick: 'zones' }).optional(),
});
type Args = z.output<typeof args>;

/** `schedule [image] [monthly|cron|skip|on|off]`: when images are published by themselves, and how that is counted. */
export const schedule = defineCommand({
  verb: 'schedule',
  summary: 'Shows or sets when an image is published automatically.',
  group: 'Publish',
  role: 'viewer',
  effect: 'write',
  args,
  examples: [
    'schedule',
    'schedule ubuntu-22',
    'schedule ubuntu-22 monthly --ready-by 1 --tz Europe/Berlin',
    'schedule ubuntu-22 cron "0 6 * * 1"',
    'schedule ubuntu-22 skip',
    'schedule ubuntu-22 off',
  ],

  async run(ctx, given, deps) {
    const { images } = deps.catalogue();
    if (given.image === undefined) return all(ctx, given, images, deps);
    const image = findImage(deps.catalogue(), given.image);
    if (!image) throw new Error(`${given.image} left the catalogue while it was being read`);
    const change = changeOf(given, image.name);
    if (!change) return scheduleAnswer(ctx, { image, changed: false }, deps);
    const refused = forbidden({ ...schedule, role: 'publisher' }, ctx, deps.catalogue(), image.name);
    if (refused) throw refused;
    await deps.schedules.set({ image: image.name, change, person: ctx.person, intent: `schedule:${ctx.intent}` });
    return scheduleAnswer(ctx, { image, changed: true }, deps);
  },
});

/** @throws UserError `BAD_COMMAND`: whoever sets something names the image. */
async function all(ctx: CommandContext, given: Args, images: readonly ImageConfig[], deps: Deps): Promise<Answer> {
  if (Object.values(given).some((value) => value !== undefined)) {
    throw new UserError('BAD_COMMAND', 'A schedule belongs to one image; nothing was set.', {
      hint: 'Name the image; see all schedules to choose one.',
      next: [call('schedule')],
    });
  }
  const seen = images.filter(({ name }) => ctx.rights.has('viewer', name));
  return scheduleList(ctx, seen, deps);
}

type Change = Parameters<Deps['schedules']['set']>[0]['change'];

/** @throws UserError `BAD_COMMAND` */
function changeOf({ rhythm, cron, readyBy, tz }: Args, image: string): Change | undefined {
  switch (rhythm) {
    case 'off':
      return { ...nothingElse(image, cron, readyBy, tz), on: false };
    case 'on':
      return { ...nothingElse(image, cron, readyBy, tz), on: true, skip: 'none' };
    case 'skip':
      return { ...nothingElse(image, cron, readyBy, tz), skip: 'next' };
    case 'cron':
      if (readyBy !== undefined) throw twoThings(image);
      return { rhythm: cronOf(image, cron, zoneOf(tz)), on: true, skip: 'none' };
    case 'monthly':
      if (cron !== undefined) throw twoThings(image);
      return { rhythm: { readyBy: dayOf(image, readyBy), zone: zoneOf(tz) }, on: true, skip: 'none' };
    case undefined:
      if (cron !== undefined && readyBy !== undefined) throw twoThings(image);
      if (cron !== undefined) return { rhythm: cronOf(image, cron, zoneOf(tz)), on: true, skip: 'none' };
      if (readyBy === undefined && tz === undefined) return undefined;
      return { rhythm: { readyBy: dayOf(image, readyBy), zone: zoneOf(tz) }, on: true, skip: 'none' };
  }
}

/** @throws UserError `BAD_COMMAND` when something is given that would not be used. */
function nothingElse(image: string, ...given: readonly (string | undefined)[]): object {
  if (given.every((value) => value === undefined)) return {};
  throw twoThings(image);
}

function twoThings(image: string): UserError {
  return new UserError('BAD_COMMAND', 'That says two different things about the schedule; nothing was set.', {
    hint: 'Say one of them.',
    next: [
      call('schedule', { image, rhythm: 'monthly', readyBy: '1' }),
      call('schedule', { image, rhythm: 'cron', cron: '0 6 * * 1' }),
    ],
  });
}

function dayOf(image: string, text: string | undefined): Extract<Rhythm, { readyBy: unknown }>['readyBy'] {
  const last = call('schedule', { image, rhythm: 'monthly', readyBy: 'last' });
  if (text === undefined) {
    throw new UserError('BAD_COMMAND', 'A monthly schedule needs the day on which the image is to be ready.', {
      hint: 'Name a day from 1 to 28, or last.',
      next: [call('schedule', { image, rhythm: 'monthly', readyBy: '1' }), last],
    });
  }
  if (text.toLowerCase() === 'last') return 'last';
  const day = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (day >= 1 && day <= 28) return day;
  if (day >= 29 && day <= 31) {
    throw new UserError('BAD_COMMAND', `Not every month has a day ${day}; nothing was set.`, {
      hint: 'Say last for the last day of each month, or a day from 1 to 28.',
      next: [last, call('schedule', { image, rhythm: 'monthly', readyBy: '28' })],
    });
  }
  throw new UserError('BAD_COMMAND', `"${text.slice(0, 40)}" is not a day of the month; nothing was set.`, {
    hint: 'A schedule recurs: name a day from 1 to 28, or last. To publish once, just do it.',
    next: [call('schedule', { image, rhythm: 'monthly', readyBy: '1' }), call('publish', { image })],
  });
}

function cronOf(image: string, text: string | undefined, zone: string): Rhythm {
  const monday = call('schedule', { image, rhythm: 'cron', cron: '0 6 * * 1' });
  if (text === undefined) {
    throw new UserError('BAD_COMMAND', 'A cron schedule needs its expression.', {
      hint: 'Give five fields in quotes: minute, hour, day, month, weekday.',
      next: [monday],
    });
  }
  const problem = cronProblem(text);
  if (!problem) return { cron: text, zone };
  const shown = `"${text.slice(0, 60)}"`;
  switch (problem.why) {
    case 'unreadable':
      throw new UserError('BAD_COMMAND', `${shown} is not a cron expression; nothing was set.`, {
        hint: 'Give five fields in quotes: minute, hour, day, month, weekday.',
        next: [monday],
      });
    case 'never':
      throw new UserError('BAD_COMMAND', `${shown} never comes; nothing was set.`, {
        hint: 'No month has that day. L means the last day of the month.',
        next: [call('schedule', { image, rhythm: 'cron', cron: '0 6 L * *' })],
      });
    case 'more than daily':
      throw new UserError('BAD_COMMAND', `${shown} comes more often than once a day; nothing was set.`, {
        hint: 'A publish takes hours and people to decide: name one time of day.',
        next: [monday],
      });
  }
}

function zoneOf(text = 'UTC'): string {
  if (isZone(text)) return text;
  throw new UserError('BAD_COMMAND', `"${text.slice(0, 40)}" is not a time zone; nothing was set.`, {
    hint: 'Use a name such as Europe/Berlin, America/New_York or Asia/Kolkata.',
  });
}
