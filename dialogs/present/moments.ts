import { moment } from '../../cards';

/** `Fri 27 Nov, 09:00 in Europe/Berlin (Fri 27 Nov, 08:00 UTC)`. */
export function localMoment(instant: Date | string, zone: string): string {
  const at = new Date(instant);
  if (zone === 'UTC') return moment(at);
  const words = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
    hourCycle: 'h23',
  }).format(at);
  return `${words} in ${zone} (${moment(at)})`;
}

/** `Tue 1 Dec`, as the zone's calendar has it. */
export function localDay(at: Date, zone: string): string {
  const words = new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short' });
  return words.format(at).replace(',', '');
}
