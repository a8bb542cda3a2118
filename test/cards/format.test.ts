import { behindWords, complianceCard, machineCard, moment } from '../../cards';
import { age, clip, clock, count, day, duration, list, shortDay } from '../../cards/parts/format';
import { cases as compliances } from '../fixtures/cards/compliance';
import { cases as machines } from '../fixtures/cards/machine';
import { of } from './reading';

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

describe('how far behind a machine is', () => {
  it.each([
    [1, 0, '1 version behind for less than a day'],
    [1, 1, '1 version behind for 1 day'],
    [2, 33, '2 versions behind for 33 days'],
    [1, undefined, '1 version behind'],
  ])('is told in words: %d, %s', (versions, days, words) => {
    expect(behindWords(versions, days)).toBe(words);
  });

  it('is the same on the card of a team and on that of a machine, on the day of publication too', () => {
    const typical = of(compliances, 'typical');
    const [first] = typical.figures.versions;
    if (!first) throw new Error('the typical team runs versions');
    const versions = [{ ...first, lineage: 'behind' as const, versionsBehind: 1, daysBehind: 0 }];
    const { text } = complianceCard({ ...typical, figures: { ...typical.figures, versions } });
    expect(text).toContain('Behind: 1 version behind for less than a day');
    const machine = of(machines, 'typical');
    const lineage = { ...machine.lineage, versionsBehind: 1, daysBehind: 0 };
    expect(machineCard({ ...machine, lineage }).text).toContain('Status: 1 version behind for less than a day');
  });

  it('is not “on latest” for a version that nobody finds in the gallery, nor for one past its end', () => {
    const typical = of(compliances, 'typical');
    const shown = (more: object) => {
      const versions = typical.figures.versions.slice(0, 1).map((one) => ({ ...one, versionsBehind: 0, ...more }));
      return /Behind: (.*?)(?: \(|;)/.exec(
        complianceCard({ ...typical, figures: { ...typical.figures, versions } }).text,
      )?.[1];
    };
    expect(shown({ lineage: 'latest' })).toBe('● on latest');
    expect(shown({ lineage: 'unknown' })).toBe('origin unknown');
    expect(shown({ lineage: 'pastEnd' })).toBe('nothing newer');
  });
});
