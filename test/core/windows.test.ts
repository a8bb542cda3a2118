import { clockMoment, freeFrom, recurs, spanAfter, spanAt, type Window, windowProblem } from '../../core/windows';

/** Windows by the wall clock of a zone. */
const at = (iso: string): Date => new Date(iso);
const window = (from: string, to: string, zone = 'UTC'): Window => ({ from, to, zone });
const seen = (one: Window, iso: string) => {
  const span = spanAt(one, at(iso));
  return span && `${span.from.toISOString().slice(0, 16)} ${span.until.toISOString().slice(0, 16)}`;
};

describe('a window', () => {
  it.each<[string, Window, string, string | undefined]>([
    ['once, the minute before', window('2026-12-20 18:00', '2027-01-06 06:00'), '2026-12-20T17:59:59Z', undefined],
    [
      'once, its first moment',
      window('2026-12-20 18:00', '2027-01-06 06:00'),
      '2026-12-20T18:00:00Z',
      '2026-12-20T18:00 2027-01-06T06:00',
    ],
    [
      'once, its last moment',
      window('2026-12-20 18:00', '2027-01-06 06:00'),
      '2027-01-06T05:59:59Z',
      '2026-12-20T18:00 2027-01-06T06:00',
    ],
    [
      'once, the first moment after it',
      window('2026-12-20 18:00', '2027-01-06 06:00'),
      '2027-01-06T06:00:00Z',
      undefined,
    ],
    ['whole days', window('2026-12-24', '2026-12-26'), '2026-12-26T23:59:00Z', '2026-12-24T00:00 2026-12-27T00:00'],
    [
      'every week, over the weekend',
      window('fri 18:00', 'mon 06:00'),
      '2026-11-29T12:00:00Z',
      '2026-11-27T18:00 2026-11-30T06:00',
    ],
    ['every week, between two', window('fri 18:00', 'mon 06:00'), '2026-11-30T06:00:00Z', undefined],
    ['every week, in one week', window('tue', 'wed'), '2026-11-25T23:00:00Z', '2026-11-24T00:00 2026-11-26T00:00'],
    [
      'every month, over its end',
      window('28 18:00', '2 06:00'),
      '2027-01-01T00:00:00Z',
      '2026-12-28T18:00 2027-01-02T06:00',
    ],
    [
      'every month, the last day of a short one',
      window('last', 'last'),
      '2027-02-28T10:00:00Z',
      '2027-02-28T00:00 2027-03-01T00:00',
    ],
    [
      'every month, a day that it lacks',
      window('31', '31'),
      '2027-04-30T10:00:00Z',
      '2027-04-30T00:00 2027-05-01T00:00',
    ],
    [
      'every month, a night that it lacks',
      window('30 18:00', '31 06:00'),
      '2027-02-28T20:00:00Z',
      '2027-02-28T18:00 2027-03-01T06:00',
    ],
    ['every month, the day after such a night', window('30 18:00', '31 06:00'), '2027-03-01T06:00:00Z', undefined],
    [
      'every year, over its end',
      window('12-20 18:00', '01-06 06:00'),
      '2030-01-01T00:00:00Z',
      '2029-12-20T18:00 2030-01-06T06:00',
    ],
    ['every year, 29 February', window('02-29', '02-29'), '2027-02-28T10:00:00Z', '2027-02-28T00:00 2027-03-01T00:00'],
    [
      'in another zone',
      window('fri 18:00', 'mon 06:00', 'Asia/Kolkata'),
      '2026-11-27T12:30:00Z',
      '2026-11-27T12:30 2026-11-30T00:30',
    ],
  ])('%s', (_, one, now, span) => {
    expect(seen(one, now)).toBe(span);
  });

  it.each<[string, Window, string, string]>([
    [
      'begins later where the clocks skip its beginning',
      window('2027-03-28 02:30', '2027-03-28 12:00', 'Europe/Berlin'),
      '2027-03-28T02:00:00Z',
      '2027-03-28T01:30 2027-03-28T10:00',
    ],
    [
      'begins with the first of two',
      window('2026-10-25 02:30', '2026-10-25 12:00', 'Europe/Berlin'),
      '2026-10-25T01:00:00Z',
      '2026-10-25T00:30 2026-10-25T11:00',
    ],
    [
      'ends with the last of two',
      window('2026-10-24 18:00', '2026-10-25 02:30', 'Europe/Berlin'),
      '2026-10-25T01:00:00Z',
      '2026-10-24T16:00 2026-10-25T01:30',
    ],
    [
      'is an hour longer in a week in which the clocks go back',
      window('sat 00:00', 'mon 00:00', 'Europe/Berlin'),
      '2026-10-25T12:00:00Z',
      '2026-10-23T22:00 2026-10-25T23:00',
    ],
  ])('%s', (_, one, now, span) => {
    expect(seen(one, now)).toBe(span);
  });

  it.each<[string, string, { at: string; why: RegExp } | undefined]>([
    ['2026-12-20 18:00', '2026-12-20 18:01', undefined],
    ['2026-12-20', '2026-12-20', undefined],
    ['2026-12-20 18:00', '2026-12-20 18:00', { at: 'to', why: /ends before it begins/ }],
    ['2026-12-20', '2026-12-19', { at: 'to', why: /must be after 2026-12-20: the window ends before it begins/ }],
    ['2026-02-30', '2026-03-01', { at: 'from', why: /must be such as/ }],
    ['13-01', '12-01', { at: 'from', why: /must be such as/ }],
    ['02-29', '03-01', undefined],
    ['0', '3', { at: 'from', why: /must be such as/ }],
    ['31', '32', { at: 'to', why: /must be such as/ }],
    ['fri 24:00', 'mon 06:00', { at: 'from', why: /must be such as/ }],
    ['fri 18:00', '2 06:00', { at: 'to', why: /must be written as `from` is/ }],
    ['mon 00:00', 'sun', { at: 'to', why: /leaves no time between one window and the next/ }],
    ['mon 00:00', 'sun 23:59', undefined],
    ['fri 18:00', 'fri 18:00', { at: 'to', why: /leaves no time/ }],
    ['1', 'last', { at: 'to', why: /leaves no time/ }],
    ['01-01', '12-31', { at: 'to', why: /leaves no time/ }],
    ['01-01', '12-30', undefined],
  ])('from %s to %s', (from, to, problem) => {
    const found = windowProblem({ from, to });
    expect(found && { at: found.at, why: found.why }).toEqual(
      problem && { at: problem.at, why: expect.stringMatching(problem.why) },
    );
  });

  it('tells which begins next', () => {
    expect(spanAfter(window('fri 18:00', 'mon 06:00'), at('2026-11-29T12:00:00Z'))?.from).toEqual(
      at('2026-12-04T18:00:00Z'),
    );
    expect(spanAfter(window('2026-11-29', '2026-11-30'), at('2026-11-29T12:00:00Z'))).toBeUndefined();
  });

  it('recurs, or does not', () => {
    expect([recurs({ from: '2026-11-29' }), recurs({ from: '29' })]).toEqual([false, true]);
  });
});

describe('the first free moment', () => {
  const weekend = window('fri 18:00', 'mon 06:00');

  it('is now, when nothing is open', () => {
    expect(freeFrom([weekend], at('2026-11-26T12:00:00Z'))).toEqual(at('2026-11-26T12:00:00Z'));
  });
  it('follows the last of windows that follow each other', () => {
    const others = [window('2026-11-30', '2026-12-01'), window('2026-12-02 00:00', '2026-12-02 03:00')];
    expect(freeFrom([weekend, ...others], at('2026-11-28T12:00:00Z'))).toEqual(at('2026-12-02T03:00:00Z'));
  });
  it('is never, when windows together leave none', () => {
    expect(
      freeFrom([window('mon 00:00', 'thu'), window('fri 00:00', 'sun')], at('2026-11-28T12:00:00Z')),
    ).toBeUndefined();
  });
});

describe('a moment by the clock of a zone', () => {
  const now = at('2026-11-27T12:00:00Z');
  it.each([
    ['2026-12-05 22:00', '2026-12-05T21:00:00.000Z'],
    ['2026-12-05T22:00', '2026-12-05T21:00:00.000Z'],
    ['2026-12-05 22:00Z', '2026-12-05T22:00:00.000Z'],
    ['2027-10-31T02:30+01:00', '2027-10-31T01:30:00.000Z'],
    ['fri 22:00', '2026-11-27T21:00:00.000Z'],
    // One o'clock of this Friday is past there.
    ['Fri 13:00', '2026-12-04T12:00:00.000Z'],
    ['+2d', '2026-11-29T12:00:00.000Z'],
    ['2025-01-01 00:00', '2024-12-31T23:00:00.000Z'],
  ])('%s', (text, iso) => {
    expect(clockMoment(text, 'Europe/Berlin', now)).toEqual(at(iso));
  });

  it.each([
    ['2027-03-28 02:30', 'does not exist: the clocks of Europe/Berlin skip it that night'],
    ['2027-10-31 02:30', 'comes twice that night in Europe/Berlin: write it with its offset, such as +01:00'],
    ['2026-12-05', 'must be such as "2026-12-20 18:00" or "fri 18:00"'],
    ['12-05 22:00', 'must be such as "2026-12-20 18:00" or "fri 18:00"'],
    ['2026-02-30 22:00', 'must be such as "2026-12-20 18:00" or "fri 18:00"'],
    ['2026-02-31T99:00Z', 'is no time'],
    ['soon', 'must be such as "2026-12-20 18:00" or "fri 18:00"'],
  ])('is none: %s', (text, why) => {
    expect(clockMoment(text, 'Europe/Berlin', now)).toBe(why);
  });
});
