import { isQuick, matches } from '../../core/pattern';

describe('a pattern of the catalogue', () => {
  it.each([
    ['CHG[0-9]{7}|EMERGENCY', 'CHG0031234', true],
    ['^CHG[0-9]{7}$', 'CHG0031234 ', false],
    ['', 'anything', true],
  ])('%s is held against %j', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it('that would go over a text in all ways there are is stopped, and the next one is held against its own', () => {
    expect(matches('^([0-9]+)+$', `${'0'.repeat(32)}!`)).toBe('too slow');
    expect(matches('^CHG$', 'CHG')).toBe(true);
  });

  it('that is none says so', () => {
    expect(() => matches('(', '')).toThrow(SyntaxError);
  });

  it.each([
    ['[A-Z]{2,10}-?[0-9]{3,12}', true],
    ['(?:[A-Z]+-)+[0-9]+', true],
    ['(CHG|INC)[0-9]{7}', true],
    ['([0-9]+)+', false],
    ['CHG([0-9]+)+', false],
    ['(?:a|a)*b', false],
    ['(x{0,1000}){0,1000}', false],
  ])('%s: done at once with what it nearly matches is %s', (pattern, expected) => {
    expect(isQuick(pattern)).toBe(expected);
  });
});
