import { days } from '../../core/time';

/** Midnight, UTC: a checkpoint closes a day. */
export function nextDay(now: Date): Date {
  return new Date((Math.floor(now.getTime() / days(1)) + 1) * days(1));
}
