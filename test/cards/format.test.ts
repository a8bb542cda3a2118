import { moment } from '../../cards';
import { age, clip, clock, count, day, duration, list, shortDay } from '../../cards/parts/format';

describe('times on cards', () => {
  it.each([
    [0, '0 s'],
    [5_999, '5 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h'],
    [4_800_000, '1 h 20 min'],
    [90_000_000, '1 d 1 h'],
    [-5, '0 s'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

  it('are UTC and say so', () => {
    expect(moment('2026-11-27T18:00:00+01:00')).toBe('Fri 27 Nov, 17:00 UTC');
    expect(clock(new Date('2026-11-27T00:04:00Z'))).toBe('00:04 UTC');
    expect([day('2027-05-21'), shortDay('2027-05-21')]).toEqual(['21 May 2027', '21 May 27']);
    expect([age('2026-11-22T00:00:00Z', '2026-11-22T23:00:00Z'), age('2026-11-20', '2026-11-21')]).toEqual([
      'today',
      '1 day',
    ]);
  });

  it('refuse what is no date and no duration', () => {
    expect(() => day('soon')).toThrow('not a date: soon');
    expect(() => duration(Number.NaN)).toThrow('not a duration');
  });
});

describe('words on cards', () => {
  it('count and cut', () => {
    expect([count(1, 'VM'), count(1204, 'VM'), count(2, 'entry', 'entries')]).toEqual([
      '1 VM',
      '1,204 VMs',
      '2 entries',
    ]);
    expect(list(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more');
    expect(clip('😀😀😀', 2)).toBe('😀…');
  });
});
