import { moment } from '../../cards';
import { monthNames } from '../../core/time';

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

/** `December 2026` of months, `1 Dec 2026` of days. */
export function periodName(period: string): string {
  const [year, month = 1, day] = period.split('-').map(Number);
  const name = day === undefined ? longMonths[month - 1] : `${day} ${monthNames[month - 1]}`;
  return `${name} ${year}`;
}

const longMonths = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];
