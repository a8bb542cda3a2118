import {
  afterWorkingTime,
  beforeWorkingTime,
  cronProblem,
  nextCron,
  quietUntil,
  startOfDay,
  workingTime,
} from '../../core/calendar';
import { hours, minutes } from '../../core/time';

const at = (text: string) => new Date(`${text}Z`);

describe('the beginning of a day', () => {
  it.each([
    ['in winter', { year: 2026, month: 12, day: 1 }, 'Europe/Berlin', '2026-11-30T23:00:00'],
    ['in summer', { year: 2027, month: 7, day: 1 }, 'Europe/Berlin', '2027-06-30T22:00:00'],
    ['beyond the end of a year', { year: 2026, month: 13, day: 1 }, 'UTC', '2027-01-01T00:00:00'],
    // Beirut's clocks skipped from 00:00 to 01:00 on 26 March 2028.
    ['whose midnight the clocks skip', { year: 2028, month: 3, day: 26 }, 'Asia/Beirut', '2028-03-25T22:00:00'],
    // Havana's clocks went back from 01:00 to 00:00 on 1 November 2026.
    ['whose midnight comes twice', { year: 2026, month: 11, day: 1 }, 'America/Havana', '2026-11-01T04:00:00'],
  ])('%s', (_, day, zone, expected) => {
    expect(startOfDay(day, zone)).toEqual(at(expected));
  });
});

describe('working time', () => {
  it.each([
    ['before a weekend', '2026-11-27T17:00:00', '2026-11-30T09:00:00', 2],
    ['within a day', '2026-11-25T09:30:00', '2026-11-25T11:00:00', 1.5],
    ['at night', '2026-11-25T18:00:00', '2026-11-26T08:00:00', 0],
    ['over a week', '2026-11-23T00:00:00', '2026-11-30T00:00:00', 50],
    ['backwards', '2026-11-25T11:00:00', '2026-11-25T09:00:00', 0],
  ])('%s', (_, from, to, expected) => {
    expect(workingTime(at(from), at(to), 'UTC') / hours(1)).toBe(expected);
  });

  it('is that of the zone: Mondays begin earlier in Tokyo', () => {
    expect(workingTime(at('2026-11-29T23:00:00'), at('2026-11-30T00:00:00'), 'Asia/Tokyo')).toBe(hours(1));
    expect(workingTime(at('2026-11-29T23:00:00'), at('2026-11-30T00:00:00'), 'UTC')).toBe(0);
  });

  it.each([
    // 1 February 2027 is a Monday: two working days before it begins on Thursday morning.
    ['over a weekend', '2027-02-01T00:00:00', 20, '2027-01-28T08:00:00'],
    ['from within a day', '2026-11-25T12:00:00', 5, '2026-11-24T17:00:00'],
    ['of none', '2026-11-29T12:00:00', 0, '2026-11-29T12:00:00'],
  ])('counted back %s', (_, end, hoursBefore, expected) => {
    const found = beforeWorkingTime(at(end), hours(hoursBefore), 'UTC');
    expect(found).toEqual(at(expected));
    expect(workingTime(found, at(end), 'UTC')).toBe(hours(hoursBefore));
  });

  it.each([
    ['over a weekend', '2026-11-27T17:30:00', 1, '2026-11-30T08:30:00'],
    ['begun at night', '2026-11-25T20:00:00', 10, '2026-11-26T18:00:00'],
    ['of none', '2026-11-29T12:00:00', 0, '2026-11-29T12:00:00'],
  ])('counted on %s', (_, start, hoursAfter, expected) => {
    expect(afterWorkingTime(at(start), hours(hoursAfter), 'UTC')).toEqual(at(expected));
  });

  it('keeps its hours when the clocks change at the weekend between', () => {
    // Berlin: Friday 27 March 2026 ends at 17:00 UTC, Monday begins at 06:00 UTC.
    expect(afterWorkingTime(at('2026-03-27T16:00:00'), hours(2), 'Europe/Berlin')).toEqual(at('2026-03-30T07:00:00'));
    expect(beforeWorkingTime(at('2026-03-30T07:00:00'), hours(2), 'Europe/Berlin')).toEqual(at('2026-03-27T16:00:00'));
  });
});

describe('a cron expression', () => {
  it.each([
    ['0 6 * * 1', undefined],
    ['30 2 * * *', undefined],
    ['0 6 L * *', undefined],
    ['0 6 * * MON#2', undefined],
    ['0 6 29 2 *', undefined],
    ['@monthly', undefined],
    ['0 0 30 2 *', 'never'],
    ['*/5 * * * *', 'more than daily'],
    ['0 9,17 29 2 *', 'more than daily'],
    ['@hourly', 'more than daily'],
    ['monthly', 'unreadable'],
    ['0 6 * *', 'unreadable'],
    ['0 0 6 * * *', 'unreadable'],
    ['0 6 32 * *', 'unreadable'],
    ['', 'unreadable'],
  ])('%s: %s', (text, problem) => {
    expect(cronProblem(text)?.why).toBe(problem);
  });

  it('fires once where the clocks skip its time, at the time that they skip to', () => {
    const first = nextCron('30 2 * * *', 'Europe/Berlin', at('2027-03-27T12:00:00'));
    expect(first).toEqual(at('2027-03-28T01:00:00'));
    expect(nextCron('30 2 * * *', 'Europe/Berlin', first ?? at('0'))).toEqual(at('2027-03-29T00:30:00'));
  });

  it('fires once where its time comes twice, at the first of them', () => {
    const first = nextCron('30 2 * * *', 'Europe/Berlin', at('2026-10-24T12:00:00'));
    expect(first).toEqual(at('2026-10-25T00:30:00'));
    expect(nextCron('30 2 * * *', 'Europe/Berlin', first ?? at('0'))).toEqual(at('2026-10-26T01:30:00'));
  });

  it('on the 31st leaves out the months that have none', () => {
    const next = (after: string) => nextCron('0 6 31 * *', 'UTC', at(after));
    expect(next('2027-01-31T06:00:00')).toEqual(at('2027-03-31T06:00:00'));
    expect(next('2027-03-31T06:00:00')).toEqual(at('2027-05-31T06:00:00'));
  });

  it('of another zone is its wall clock', () => {
    const next = nextCron('0 6 * * 1', 'Asia/Kolkata', at('2026-11-25T00:00:00'));
    expect(next?.getTime()).toBe(at('2026-11-30T06:00:00').getTime() - hours(5) - minutes(30));
  });
});

describe('quiet hours', () => {
  const night = { from: '19:00', to: '07:00', weekends: false, zone: 'Europe/Berlin' };
  const until = (at: string, quiet = night) => quietUntil(quiet, new Date(at))?.toISOString();

  it('last from the evening to the morning of their zone', () => {
    expect(until('2026-12-01T17:59:00Z')).toBeUndefined();
    expect(until('2026-12-01T18:00:00Z')).toBe('2026-12-02T06:00:00.000Z');
    expect(until('2026-12-02T05:59:00Z')).toBe('2026-12-02T06:00:00.000Z');
    expect(until('2026-12-02T06:00:00Z')).toBeUndefined();
  });

  it('last over a weekend that is quiet, until Monday morning', () => {
    const all = { ...night, weekends: true };
    expect(until('2026-12-05T11:00:00Z', all)).toBe('2026-12-07T06:00:00.000Z');
    expect(until('2026-12-04T19:00:00Z', all)).toBe('2026-12-07T06:00:00.000Z');
    expect(until('2026-12-05T11:00:00Z', { ...all, from: '12:00', to: '13:00' })).toBe('2026-12-06T23:00:00.000Z');
  });

  it('end by the wall clock where clocks change at night', () => {
    expect(until('2026-03-28T22:00:00Z')).toBe('2026-03-29T05:00:00.000Z');
  });
});
