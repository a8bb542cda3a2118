import { errorCard } from '../../cards';
import { call } from '../../core/command-call';
import {
  type Again,
  againOf,
  azureSilent,
  type ErrorCode,
  explain,
  isFinal,
  refusalFacts,
  UserError,
} from '../../core/errors';

const again = (code: ErrorCode) => againOf(new UserError(code, 'x', { hint: 'y' }));

describe('whether the same can be asked again', () => {
  it('is said by the code', () => {
    expect([again('AZ_BAD_REQUEST'), again('AZ_FORBIDDEN'), again('AZ_THROTTLED')]).toEqual([
      'never',
      'once fixed',
      'later',
    ]);
  });

  it('is not known of a bug', () => {
    expect(againOf(new Error('undefined is not a function'))).toBeUndefined();
  });
});

describe('what a refusal knows besides its sentence', () => {
  const known = Object.keys(refusalFacts) as (keyof typeof refusalFacts)[];

  it.each(known)('%s is on the card when it is for people, and on none when it is for programs', (name) => {
    const value = '11111111-aaaa-4000-8000-00000000000a';
    const { text } = errorCard({ message: 'It was not done.', hint: 'Wait.', facts: { [name]: value } });
    expect(text.includes(value)).toBe(refusalFacts[name] === 'people');
  });

  it('is told of a locked image without the id of who locked it, and its time as people read it', () => {
    const facts = { by: 'Ada', byOid: '11111111-aaaa', since: '2026-11-22T09:00:00.000Z' };
    const { text } = errorCard({ message: 'It is locked.', hint: 'Wait.', facts });
    expect(text).toContain('By: Ada\nSince: Sun 22 Nov, 09:00 UTC');
    expect(text).not.toMatch(/oid|11111111/i);
  });
});

describe('the silence of Azure', () => {
  it.each([
    [undefined, 'Azure did not answer in time.'],
    [9_999, 'Azure did not answer in time.'],
    [10_000, 'Azure has not answered for 10 seconds.'],
    [90_400, 'Azure has not answered for 90 seconds.'],
  ])('of %s ms is told as it is: %s', (ms, message) => {
    expect(azureSilent(ms)).toMatchObject({
      ...{ code: 'AZ_SILENT', message, hint: 'Try again in a minute; nothing was changed.' },
    });
  });

  it('is explained with its hint, and with what to type', () => {
    expect(explain(azureSilent())).toBe('Azure did not answer in time. Try again in a minute; nothing was changed.');
    expect(explain({ message: 'A.', hint: 'B.', next: [call('runs'), call('help')] })).toBe(
      'A. B. You can type “runs” or “help”.',
    );
  });
});

describe('a failure ends what was asked for', () => {
  const failure = (code: ErrorCode, again?: Again) => new UserError(code, 'x', { hint: 'y', ...(again && { again }) });

  it.each<[ErrorCode, readonly ErrorCode[] | 'all', boolean]>([
    ['AZ_BAD_REQUEST', 'all', true],
    ['AZ_POLICY', ['AZ_POLICY'], true],
    ['AZ_FORBIDDEN', 'all', false],
    ['AZ_FORBIDDEN', ['AZ_FORBIDDEN'], false],
    ['AZ_NOT_FOUND', ['AZ_FORBIDDEN'], true],
    ['AZ_THROTTLED', [], false],
    ['AZ_CONFLICT', [], false],
    ['DATABASE_REFUSED', [], false],
  ])('%s, when the fix of %j is awaited: %s', (code, awaited, final) => {
    expect(isFinal(failure(code), awaited)).toBe(final);
  });

  it('also when only this one of its code does not pass on its own', () => {
    const off = failure('AZ_CONFLICT', 'once fixed');
    expect([isFinal(off, ['AZ_FORBIDDEN']), isFinal(off)]).toEqual([true, false]);
  });

  it('not when it is a bug', () => {
    expect(isFinal(new TypeError('x is undefined'), [])).toBe(false);
  });
});
