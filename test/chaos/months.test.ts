import type { ImageConfig } from '../../core/catalogue';
import { days } from '../../core/time';
import { exampleCatalogue } from '../support/catalogue';
import { inFull, some } from '../support/size';
import { fourImages, simulateMonths } from './months/simulate';
import { type Day, endOf, type Month, monthsOfImage, wrongWith } from './months/verdict';

// A year of four images takes some 25 minutes: `npm run chaos` lives through it, with nothing beside it.
describe('months of scheduled publishes, with deaths, freezes, failures and slow approvers', () => {
  inFull(
    'end for each image with one version, or the word that nothing changed, in time or with a warning',
    async () => {
      const [slow = '', other = ''] = fourImages;
      const images = some(1, [slow, other]);
      const report = await simulateMonths({ months: 1, images, slow: [slow], seed: 5 });

      expect(report.wrong).toEqual([]);
      expect(report.months.map(({ image }) => image)).toEqual(images);
      expect(report.months.map(endOf)[0]).toBe('late');
      // How many die is up to chance and the machine; that some do is what the rest is worth.
      expect(report.kills + report.freezes).toBeGreaterThan(0);
      // For what hangs: how long a month takes is up to the machine.
    },
    1_800_000,
  );
});

/** The judge itself: it names each way in which a month can end badly. */
describe('a month', () => {
  const at = (text: string) => new Date(`2026-${text}Z`);
  const day: Day = { begins: at('12-01T00:00'), ends: at('12-02T00:00'), words: ['Tue 1 Dec', 'December 2026'] };
  const version = (when: string, isEverywhere = true) => ({ version: '1.6.0', at: at(when), isEverywhere });
  const saying = (when: string, text: string) => ({ at: at(when), text });
  const [early, late] = [version('11-30T10:00'), version('12-03T10:00')];
  const none: Month = { image: 'a', day, published: [], unchanged: [], latestBefore: '1.5.0', said: [] };
  const unchanged = (when: string, since = '1.5.0') => ({ version: since, at: at(when) });
  const foretold = saying('11-29T10:00', 'a 1.6.0 will not be ready in time');
  const onTheDay = saying('12-01T06:00', 'a 1.6.0 is late');
  const past = saying('12-03T10:00', 'a 1.6.0 was published 2 d late');

  it.each<[string, Partial<Month>, string]>([
    ['in time', { published: [early] }, 'in time'],
    ['in time after a warning', { published: [early], said: [foretold] }, 'warned'],
    ['late, and foretold', { published: [late], said: [foretold, past] }, 'late'],
    ['late, and told on the day', { published: [late], said: [onTheDay, past] }, 'late'],
    ['without a change, and told', { unchanged: [unchanged('11-29T10:00')] }, 'unchanged'],
    ['without a change, told late', { unchanged: [unchanged('12-02T10:00')], said: [onTheDay] }, 'late'],
  ])('ends well: %s', (_, parts, end) => {
    expect(wrongWith({ ...none, ...parts })).toEqual([]);
    expect(endOf({ ...none, ...parts })).toBe(end);
  });

  const nothing = 'nothing was published, and nobody said that nothing changed';
  const unwarned = 'late without a warning by the day';
  it.each<[string, Partial<Month>, string[]]>([
    ['nothing, and nobody said so', {}, [nothing, unwarned]],
    ['nothing, and it was said', { said: [foretold] }, [nothing]],
    ['twice', { published: [early, late], said: [foretold] }, ['published 2 times']],
    [
      'two words',
      { unchanged: [unchanged('11-29T10:00'), unchanged('11-30T10:00')] },
      ['2 words that nothing changed'],
    ],
    [
      'both',
      { published: [early], unchanged: [unchanged('11-29T10:00')] },
      ['published, and said that nothing changed'],
    ],
    [
      'the wrong version',
      { unchanged: [unchanged('11-29T10:00', '1.4.0')] },
      ['said that nothing changed since 1.4.0, but 1.5.0 was latest'],
    ],
    ['one region', { published: [version('11-30T10:00', false)] }, ['published, and not in every region']],
    ['late, no word', { published: [late] }, [unwarned]],
    ['late, told when it was over', { published: [late], said: [past] }, [unwarned]],
    ['late, told on the next day', { published: [late], said: [saying('12-02T00:00', 'a is late')] }, [unwarned]],
    ['late on the day, told after that', { published: [version('12-01T05:00')], said: [onTheDay] }, [unwarned]],
    ['the word came late', { unchanged: [unchanged('12-01T05:00')] }, [unwarned]],
    ['in time, told late', { published: [early], said: [past] }, ['said to be late, and in time']],
    [
      'late, told too early to be true',
      { published: [late], said: [saying('11-30T10:00', 'a is late')] },
      ['said to be late before the day'],
    ],
    [
      'late, told to be in time',
      { published: [late], said: [foretold, saying('12-03T10:00', 'a was published in time')] },
      ['said to be in time, and late'],
    ],
  ])('ends badly: %s', (_, parts, wrong) => {
    expect(wrongWith({ ...none, ...parts })).toEqual(wrong);
  });
});

describe('what people saw of a year', () => {
  const at = (text: string) => new Date(`${text}Z`);
  const image = {
    ...exampleCatalogue().images[0],
    name: 'a',
    schedule: { readyBy: 1, zone: 'Europe/Berlin' },
  } as ImageConfig;
  const monthsFrom = (known: Partial<Parameters<typeof monthsOfImage>[0]>) =>
    monthsOfImage(
      { image, published: [], messages: [], ...known },
      { from: at('2026-11-20T00:00'), now: at('2027-04-19T00:00') },
    );

  it('is cut into months without gap or overlap, each to its day as the zone has it', () => {
    const daily = Array.from({ length: 150 }, (_, n) => ({
      ...{ version: `1.${n}.0`, isEverywhere: true },
      at: new Date(at('2026-11-17T00:00').getTime() + days(n)),
    }));
    const months = monthsFrom({ published: daily });

    expect(months.map(({ day }) => [day.begins.toISOString(), ...day.words])).toEqual([
      ['2026-11-30T23:00:00.000Z', 'Tue 1 Dec', 'December 2026'],
      ['2026-12-31T23:00:00.000Z', 'Fri 1 Jan', 'January 2027'],
      ['2027-01-31T23:00:00.000Z', 'Mon 1 Feb', 'February 2027'],
      ['2027-02-28T23:00:00.000Z', 'Mon 1 Mar', 'March 2027'],
      ['2027-03-31T22:00:00.000Z', 'Thu 1 Apr', 'April 2027'],
    ]);
    expect(months.map(({ published }) => published.length)).toEqual([31, 31, 28, 31, 29]);
  });

  it('is all that a message ever said, each at its time', () => {
    const sayings = [
      { at: at('2026-11-27T10:00'), text: 'a 1.6.0 will not be ready in time: in every region when Tue 1 Dec begins' },
      { at: at('2026-12-01T00:00'), text: 'a 1.6.0 was not ready in time: in every region when Tue 1 Dec began' },
      { at: at('2026-12-02T09:00'), text: 'a 1.6.0 was published 1 d late; Tue 1 Dec' },
      { at: at('2026-12-03T09:00'), text: 'a, for Fri 1 Jan: the publish may begin too late' },
    ];
    const [december] = monthsFrom({ messages: [{ sayings }] });

    // What is said of another day warns nobody of this one.
    expect(december?.said).toEqual(sayings.slice(0, 3));
  });

  it('has the word that nothing changed when it was first said, whatever the message says later', () => {
    const word = { at: at('2026-11-29T10:00'), text: 'a: nothing has changed since 1.5.0' };
    const later = { at: at('2026-12-09T10:00'), text: 'a: nothing has changed since 1.5.0. Signed.' };
    const [december] = monthsFrom({ messages: [{ sayings: [word, later] }] });

    expect(december?.unchanged).toEqual([{ version: '1.5.0', at: word.at }]);
  });
});
