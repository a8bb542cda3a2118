import { clip, due, oneLine } from '../../cards/parts/format';
import { byTeams, inWords, withMoments } from '../../cards/parts/moments';
import { dress } from '../../cards/render';
import { momentOf } from '../../core/time';
import { gallery } from '../fixtures/cards';

const at = new Date('2026-11-27T17:00:30.500Z');
const shown = 'Fri 27 Nov, 17:00 UTC ({{DATE(2026-11-27T17:00:00Z, SHORT)}} {{TIME(2026-11-27T17:00:00Z)}} your time)';
const until = `until ${due(at)}; then it expires.`;
const textOf = (element: Readonly<Record<string, unknown>>) =>
  JSON.stringify(dress({ body: [element], actions: [], fallbackText: 'x' }).body);

describe('a time that people act on', () => {
  it.each([
    ['a line', { type: 'TextBlock', text: until }],
    ['a part of one', { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: until }] }],
    ['a fact', { type: 'FactSet', facts: [{ title: 'Open', value: until }] }],
  ])('is shown by Teams in the zone of whoever reads %s', (_, element) => {
    expect(textOf(element)).toContain(`until ${shown}; then it expires.`);
  });

  it('stands in UTC where Teams evaluates nothing', () => {
    const button = { type: 'Action.Execute', title: until, verb: 'show', data: {}, sentence: '' };
    expect(textOf(button)).toContain('"until Fri 27 Nov, 17:00 UTC; then it expires."');
    expect(JSON.stringify(dress({ body: [], actions: [], fallbackText: until }))).toContain('UTC; then it expires.');
  });

  it('survives every cut, or is cut away as a whole', () => {
    for (const max of [5, 7, 8, 9, 20, 30]) {
      const line = textOf({ type: 'TextBlock', text: oneLine(clip(until, max + 3), max) });
      expect(line.split('{{').length - 1).toBe(max > 7 ? 2 : 0);
      expect(line.replaceAll(shown, '')).not.toMatch(/UTC|\{\{|[\u{e0020}-\u{e007f}]/u);
    }
  });

  it('is not made by somebody who writes its marks behind other words', () => {
    const [, , marks = ''] = /^(.*UTC)(.+)$/u.exec(due(at)) ?? [];
    const forged = `Sat 28 Nov, 09:00 UTC${marks} and {{DATE(2026-11-27T17:00:00Z, SHORT)}}`;
    const line = textOf({ type: 'TextBlock', text: forged });
    expect(line).toContain('Sat 28 Nov, 09:00 UTC and {\u2060{DATE');
    expect(line).not.toContain(marks);
  });

  it('is read in words by the clock of a channel, or of a person', () => {
    expect(inWords(until, { zone: 'Europe/Berlin' })).toBe(
      'until Fri 27 Nov, 17:00 UTC (18:00 in Europe/Berlin); then it expires.',
    );
    expect(inWords(due(at), { zone: 'Asia/Tokyo', alone: true })).toBe(
      'Fri 27 Nov, 17:00 UTC (Sat 28 Nov, 02:00 your time)',
    );
  });

  it.each([undefined, 'UTC', 'Mars/Olympus', ''])('stands in UTC alone where the zone is %p', (zone) => {
    expect(inWords(until, { zone })).toBe('until Fri 27 Nov, 17:00 UTC; then it expires.');
  });

  it('reads as UTC where nobody turned it into anything', () => {
    expect(until.replace(/[\u{e0020}-\u{e007f}]/gu, '')).toBe('until Fri 27 Nov, 17:00 UTC; then it expires.');
  });

  it('keeps its minute from 1970 to the end of the century', () => {
    for (let year = 1970; year < 2100; year += 1) {
      const then = new Date(Date.UTC(year, year % 12, 1 + (year % 28), year % 24, year % 60));
      expect(
        withMoments(
          due(then),
          (bare) => bare,
          (found) => found.toISOString(),
        ),
      ).toBe(then.toISOString());
      expect(inWords(due(then))).toBe(momentOf(then));
    }
  });
});

describe('a card that asks for a decision', () => {
  it('says until when in both zones, and its words in those of the channel', () => {
    const { card, text = '' } = gallery['approval']?.['typical']?.() ?? {};
    expect(JSON.stringify(card)).toMatch(/until \w+ \d+ \w+, [\d:]+ UTC \(\{\{DATE\(.{20}, SHORT\)\}\} \{\{TIME\(/);
    expect(inWords(text, { zone: 'Europe/Berlin' })).toMatch(/until .{10,12}, [\d:]+ UTC \([^)]*in Europe\/Berlin\)/);
    expect(text).not.toContain('{{');
    expect(byTeams(at)).toBe(shown);
  });
});
