import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verbs as verbsOf } from '../../core/command-call';
import { errorCatalogue } from '../../core/errors';
import { type Command, commands } from '../../dialogs';
import { usage } from '../../dialogs/conversation/command';
import { later, parse } from '../../dialogs/conversation/grammar';
import { limitsPage } from '../../tools/docs/limits';
import { cataloguePage, commandsPage, errorsPage, troublesPage } from '../../tools/docs/reference';
import { waitsPage } from '../../tools/docs/waits';
import { offersOf, wrongOffers } from '../support/offers';

const root = join(__dirname, '../..');
const words = (verb: string) => verb.split(' ');
const verbs = [...commands.flatMap((c) => [c.verb, ...(c.aliases ?? [])]), ...Object.keys(later)];

describe('the commands as data', () => {
  it.each(commands.flatMap((c) => c.examples.map((example) => [example, c] as const)))(
    '`%s` parses',
    (example, command) => {
      const parsed = parse(example, commands);
      expect(parsed).toMatchObject({ kind: 'command', command: { verb: command.verb } });
      if (parsed.kind === 'command') expect(command.problems(parsed.values)).toEqual([]);
    },
  );

  it('have verbs that are unique', () => {
    expect(verbs).toHaveLength(new Set(verbs).size);
  });

  it('are every verb that a call can have', () => {
    expect(commands.map((c) => c.verb).sort()).toEqual(Object.keys(verbsOf).sort());
  });

  it('have no verb that is the beginning of another, word by word', () => {
    const begins = (a: string, b: string) => words(a).every((word, i) => words(b)[i] === word);
    const clashes = verbs.flatMap((a) => verbs.filter((b) => a !== b && begins(a, b)).map((b) => [a, b]));
    expect(clashes).toEqual([]);
  });

  it.each(commands.map((c) => [c.verb, c] as const))('`%s` names only arguments that it has', (_, command) => {
    const names = command.args.map((a) => a.name);
    expect(names).toEqual(expect.arrayContaining([...verbsOf[command.verb]]));
    expect(command.summary).toMatch(/^[A-Z].*\.$/);
    expect(usage(command)).not.toContain('undefined');
  });

  it('ask for a reason wherever something is ended or refused', () => {
    const destructive = commands.filter((c) => c.destructive).map((c) => [c.verb, reasonOf(c)?.required]);
    expect(destructive).toEqual([
      ['cancel', true],
      ['reject', true],
      ['rollback', true],
      ['revoke', true],
      ['retire', true],
      // Nobody needs what is left over: whoever deletes it agrees to the word of the list instead.
      ['leftovers', undefined],
      // The owners of the team agree to the plan that it shows first.
      ['rollout', false],
    ]);
  });

  it('never let a hidden option be needed', () => {
    expect(commands.flatMap((c) => c.args.filter((a) => a.hidden && a.required))).toEqual([]);
  });
});

function reasonOf(command: Command) {
  return command.args.find((a) => a.name === 'reason');
}

/** Every card of the gallery: the cards that the builders make of their fixtures. */
const cards = readdirSync(join(root, 'docs/gallery'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => {
    const { card } = JSON.parse(readFileSync(join(root, 'docs/gallery', file), 'utf8')) as { card?: unknown };
    return card === undefined ? [] : [{ file, offers: offersOf(card) }];
  });

describe('what cards offer', () => {
  it('stands on cards that there are', () => {
    expect(cards.length).toBeGreaterThan(20);
    expect(cards.flatMap(({ offers }) => offers.sentences).length).toBeGreaterThan(50);
    expect(cards.flatMap(({ offers }) => offers.buttons).length).toBeGreaterThan(50);
  });

  it('is sentences that parse to themselves, and buttons that carry the arguments of a command and mean a sentence', () => {
    // Names that attack are cut short on cards, and what is cut is no sentence any more.
    const sane = cards.filter(({ file }) => !file.includes('hostile'));
    expect(sane.flatMap(({ file, offers }) => wrongOffers(offers).map((wrong) => `${file}: ${wrong}`))).toEqual([]);
  });

  it.each([
    [{ sentences: ['publish ubuntu-22 --bump huge'], buttons: [] }],
    [{ sentences: ['roll back ubuntu-22'], buttons: [] }],
    [{ sentences: ['status  R-7F3KQ'], buttons: [] }],
    [{ sentences: ['logs R-7F3KQ --tail many'], buttons: [] }],
    [{ sentences: [], buttons: [{ verb: 'publish', data: { picture: 'ubuntu-22' } }] }],
    [{ sentences: [], buttons: [{ verb: 'erase' }] }],
    [{ sentences: [], buttons: [{ verb: 'logs', data: { request: 'R-1' } }] }],
  ])('is found out when it is wrong: %j', (offers) => {
    expect(wrongOffers(offers)).toHaveLength(1);
  });
});

describe('the reference', () => {
  it.each([
    ['docs/reference/catalogue.md', cataloguePage],
    ['docs/reference/commands.md', commandsPage],
    ['docs/reference/errors.md', errorsPage],
    ['docs/reference/limits.md', limitsPage],
    ['docs/reference/troubles.md', troublesPage],
    ['docs/reference/waits.md', waitsPage],
  ])('%s is what the code says (mend it with: npm run docs)', (file, write) => {
    expect(readFileSync(join(root, file), 'utf8')).toBe(write());
  });

  it('has a heading for every error code and none for others', () => {
    const headings = [...readFileSync(join(root, 'docs/reference/errors.md'), 'utf8').matchAll(/^## (.+)$/gm)];
    expect(headings.map((h) => h[1])).toEqual(Object.keys(errorCatalogue));
  });

  it('does not tell of hidden options', () => {
    const rebuild = /## rebuild\n[\s\S]*?\n## /.exec(commandsPage())?.[0];
    expect(rebuild).toContain('--note');
    expect(rebuild).not.toContain('--reason');
  });
});
