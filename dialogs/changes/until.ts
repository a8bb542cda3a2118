import type { CommandCall } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { days, parseWhen } from '../../core/time';

interface EndAsked {
  readonly text: string;
  /** How far ahead it may be. */
  readonly mostDays: number;
  /** What was not done, in one word: `snoozed`. */
  readonly done: string;
  /** The same command with an end that would do. */
  readonly example: CommandCall;
}

/**
 * The end that a person wrote, to the whole second, so that the same command again means the same moment.
 *
 * @throws UserError `BAD_COMMAND` when it is no date, past, or too far ahead.
 */
export function endWithin({ text, mostDays, done, example }: EndAsked, now: Date): Date {
  const when = parseWhen(text, now);
  if (when && when > now && when.getTime() - now.getTime() <= days(mostDays)) {
    return new Date(Math.floor(when.getTime() / 1_000) * 1_000);
  }
  const why = when ? (when > now ? `is more than ${mostDays} days ahead` : 'is in the past') : 'is not a date';
  throw new UserError('BAD_COMMAND', `"${text.slice(0, 40)}" ${why}; nothing was ${done}.`, {
    hint: `Write a date or a duration of at most ${mostDays} days.`,
    next: [example],
    facts: { field: 'until' },
  });
}
