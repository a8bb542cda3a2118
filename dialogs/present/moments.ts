import { moment } from '../../cards';
import { momentOf, monthNames, wallClock } from '../../core/time';

/** `Fri 27 Nov, 09:00 in Europe/Berlin (Fri 27 Nov, 08:00 UTC)`. */
export function localMoment(instant: Date | string, zone: string): string {
  const at = new Date(instant);
  if (zone === 'UTC') return moment(at);
  return `${shown(at, zone)} in ${zone} (${moment(at)})`;
}

/** `Tue 1 Dec`, as the zone's calendar has it. */
export function localDay(at: Date, zone: string): string {
  return shown(at, zone).split(',')[0] ?? '';
}

/** What the zone's clocks show, in the words that moments have everywhere: `Fri 27 Nov, 09:00`. */
function shown(at: Date, zone: string): string {
  return momentOf(new Date(wallClock(zone)(at.getTime()))).replace(' UTC', '');
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
