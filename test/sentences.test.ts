import { literals, sentences } from './support/sentences';

/**
 * What people read is asserted by its words in some test: a card that says the opposite looks just as good. The few
 * that may stay unread are for states that types allow and nothing leads to.
 */
const all = sentences();
const roomOf = ({ file }: { readonly file: string }) => file.split('/')[0] ?? file;

/** How many in a hundred of a room's sentences no test may read. */
const bounds: Readonly<Record<string, number>> = { cards: 3, dialogs: 3, services: 2, workflows: 2 };
const whole = 3;

describe('the sentences that goldbot composes', () => {
  it('are found in every room that has a bound, and in no other', () => {
    const rooms = new Map(Object.keys(bounds).map((room) => [room, 0]));
    for (const one of all) rooms.set(roomOf(one), (rooms.get(roomOf(one)) ?? 0) + 1);
    expect([...rooms.keys()]).toEqual(Object.keys(bounds));
    expect(Math.min(...rooms.values())).toBeGreaterThan(100);
  });

  it.each(Object.entries(bounds))('of %s are read by tests, all but %d in a hundred', (room, percent) => {
    const own = all.filter((one) => roomOf(one) === room);
    const unread = own.filter(({ read }) => !read).map(({ file, text }) => `${file}: ${text}`);
    // Whatever is too much stands in the failure by name.
    expect(unread.length > (own.length * percent) / 100 ? unread : []).toEqual([]);
  });

  it(`are read by tests in all, but for ${whole} in a hundred`, () => {
    expect((100 * all.filter(({ read }) => !read).length) / all.length).toBeLessThan(whole);
  });
});

describe('how sentences are counted', () => {
  it.each([
    ['a text', "const a = 'nothing was done here';", ['nothing was done here']],
    ['a template, with holes', 'const a = `${one} is ${two}.`;', ['… is ….']],
    ['a pattern of a test', 'expect(a).toMatch(/nothing was done/);', ['nothing was done']],
    ['no title', "it('nothing was done', () => {}); it.each([])('nor here', () => {});", []],
    ['a row of a table', "it.each([['nothing was done']])('%s', () => {});", ['nothing was done']],
    ['no type', "type A = 'nothing was done';", []],
    ['no examples of commands', "const a = { hint: 'b', examples: ['publish it now'] };", ['b']],
    ['no import', "import a from 'nothing';", []],
  ])('%s', (_, source, found) => {
    expect(literals(source)).toEqual(found);
  });
});
