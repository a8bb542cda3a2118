import fc from 'fast-check';
import { canonical, hashOf } from '../../core/hash';
import { compareVersions, highest, isVersion } from '../../core/images';
import { nextVersion } from '../../core/images/versions';
import { newRequestId, parseRequestId } from '../../core/runs';
import { addDuration, parseWhen } from '../../core/time';
import { sized } from '../support/size';

describe('request ids', () => {
  it('are read as people type them', () => {
    expect(parseRequestId(' r-7f3kq ')).toBe('R-7F3KQ');
    expect(parseRequestId('7F3KQ')).toBe('R-7F3KQ');
  });

  it('have no letters that people mix up', () => {
    for (const wrong of ['R-7F3K1', 'R-7F3K0', 'R-7F3KO', 'R-7F3KI', 'R-7F3K', 'R-7F3KQQ', '']) {
      expect(parseRequestId(wrong)).toBeUndefined();
    }
  });

  it('survive writing and reading', () => {
    for (let i = 0; i < 200; i++) {
      const id = newRequestId();
      expect(parseRequestId(id)).toBe(id);
    }
  });
});

describe('version numbers', () => {
  it('are compared by number, not by text', () => {
    expect(highest(['1.9.0', '1.10.0', '1.2.30'])).toBe('1.10.0');
    expect(compareVersions('2.0.0', '1.4.1')).toBeGreaterThan(0);
  });

  it('grow by what is asked', () => {
    expect(nextVersion('1.5.3', 'patch')).toBe('1.5.4');
    expect(nextVersion('1.5.3', 'minor')).toBe('1.6.0');
    expect(nextVersion('1.5.3', 'major')).toBe('2.0.0');
    expect(nextVersion(undefined, 'patch')).toBe('1.0.0');
  });

  it('have three parts of 31 bits', () => {
    expect(isVersion('1.2.2147483647')).toBe(true);
    for (const wrong of ['1.2', '1.2.3.4', 'v1.2.3', '1.2.x', '1.2.2147483648', ''])
      expect(isVersion(wrong)).toBe(false);
  });
});

describe('dates as people write them', () => {
  const now = new Date('2026-11-30T10:00:00Z');

  it('are ISO dates, or durations from now', () => {
    expect(parseWhen('2027-05-21', now)?.toISOString()).toBe('2027-05-21T00:00:00.000Z');
    expect(parseWhen('2027-05-21T08:30', now)?.toISOString()).toBe('2027-05-21T08:30:00.000Z');
    expect(parseWhen('2027-05-21T08:30+02:00', now)?.toISOString()).toBe('2027-05-21T06:30:00.000Z');
    expect(parseWhen('2027-05-21T08:30-0130', now)?.toISOString()).toBe('2027-05-21T10:00:00.000Z');
    expect(parseWhen('2027-05-21T08:30z', now)?.toISOString()).toBe('2027-05-21T08:30:00.000Z');
    expect(parseWhen('+90d', now)?.toISOString()).toBe('2027-02-28T10:00:00.000Z');
  });

  it('count months by the calendar', () => {
    expect(addDuration('+3mo', now)?.toISOString()).toBe('2027-02-28T10:00:00.000Z');
    expect(addDuration('+12mo', new Date('2028-02-29T00:00:00Z'))?.toISOString()).toBe('2029-02-28T00:00:00.000Z');
  });

  it('are refused when they are none', () => {
    for (const wrong of ['2027-02-30', 'tomorrow', '+5y', '', '2027-13-01'])
      expect(parseWhen(wrong, now)).toBeUndefined();
  });
});

describe('hashes', () => {
  it('do not depend on the order of keys, but on every value', () => {
    const record = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(record, (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(hashOf(turned)).toBe(hashOf(value));
        expect(hashOf({ ...value, more: 1, 'one more': 2 })).not.toBe(hashOf({ ...value, more: 1, 'one more': 3 }));
      }),
      { numRuns: sized(20, 1_000) },
    );
  });

  it('tell undefined from null by leaving it out', () => {
    expect(canonical({ b: 1, a: undefined, c: null })).toBe('{"b":1,"c":null}');
  });
});
