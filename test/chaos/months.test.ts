import { fourImages, simulateMonths } from './months/simulate';
import { endOf, type Month, wrongWith } from './months/verdict';

// A year of four images takes some 25 minutes: `npm run chaos` lives through it, with nothing beside it.
describe('months of scheduled publishes, with deaths, freezes, failures and slow approvers', () => {
  it('end for each image with one version, or the word that nothing changed, in time or with a warning', async () => {
    const report = await simulateMonths({ months: 1, images: fourImages.slice(0, 2), seed: 5 });

    expect(report.wrong).toEqual([]);
    expect(report.months.length).toBeGreaterThanOrEqual(1);
    // How many die is up to chance and the machine; that some do is what the rest is worth.
    expect(report.kills + report.freezes).toBeGreaterThan(0);
  }, 300_000);
});

/** The judge itself: it names each way in which a month can end badly. */
describe('a month', () => {
  const at = (text: string) => new Date(`2026-${text}Z`);
  const readyBy = at('12-01T00:00');
  const version = (when: string, isEverywhere = true) => ({ version: '1.6.0', at: at(when), isEverywhere });
  const warned = (when: string, text: string) => ({ at: at(when), text });
  const [early, late] = [version('11-30T10:00'), version('12-02T10:00')];
  const none: Month = { image: 'a', readyBy, published: [], unchanged: [], latestBefore: '1.5.0', warnings: [] };
  const foretold = warned('11-29T10:00', 'a 1.6.0 will not be ready in time');
  const past = warned('12-01T00:00', 'a 1.6.0 was published 1 d late');

  it.each<[string, Partial<Month>, string]>([
    ['in time', { published: [early] }, 'in time'],
    ['in time after a warning', { published: [early], warnings: [foretold] }, 'warned'],
    ['late, and told', { published: [late], warnings: [past] }, 'late'],
    ['without a change, and told', { unchanged: ['1.5.0'] }, 'unchanged'],
  ])('ends well: %s', (_, parts, end) => {
    expect(wrongWith({ ...none, ...parts })).toEqual([]);
    expect(endOf({ ...none, ...parts })).toBe(end);
  });

  it.each<[string, Partial<Month>]>([
    ['nothing was published, and nobody said that nothing changed', {}],
    ['published 2 times', { published: [early, late], warnings: [foretold] }],
    ['2 words that nothing changed', { unchanged: ['1.5.0', '1.5.0'] }],
    ['published, and said that nothing changed', { published: [early], unchanged: ['1.5.0'] }],
    ['said that nothing changed since 1.4.0, but 1.5.0 was latest', { unchanged: ['1.4.0'] }],
    ['published, and not in every region', { published: [version('11-30T10:00', false)] }],
    ['late without a warning', { published: [late] }],
    ['late without a warning', { published: [late], warnings: [warned('12-03T00:00', 'a is late')] }],
    ['said to be late, and in time', { published: [early], warnings: [past] }],
  ])('ends badly: %s', (wrong, parts) => {
    expect(wrongWith({ ...none, ...parts })).toEqual([wrong]);
  });
});
