import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCatalogue } from '../../core/errors';
import { type Command, commands } from '../../dialogs';
import { readData } from '../../dialogs/data';
import { findCommand, parse } from '../../dialogs/grammar';
import { later } from '../../dialogs/later';
import { usage } from '../../dialogs/usage';
import { commandsPage, errorsPage } from '../../tools/reference';

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

  it('have no verb that is the beginning of another, word by word', () => {
    const begins = (a: string, b: string) => words(a).every((word, i) => words(b)[i] === word);
    const clashes = verbs.flatMap((a) => verbs.filter((b) => a !== b && begins(a, b)).map((b) => [a, b]));
    expect(clashes).toEqual([]);
  });

  it.each(commands.map((c) => [c.verb, c] as const))('`%s` names only arguments that it has', (_, command) => {
    const names = command.args.map((a) => a.name);
    expect(names).toEqual(expect.arrayContaining([...(command.positional ?? [])]));
    expect(command.summary).toMatch(/^[A-Z].*\.$/);
    expect(usage(command)).not.toContain('undefined');
  });

  it('ask for a reason wherever something is ended or refused', () => {
    const destructive = commands.filter((c) => c.destructive).map((c) => [c.verb, reasonOf(c)?.required]);
    expect(destructive).toEqual([
      ['cancel', true],
      ['reject', true],
    ]);
  });

  it('never let a hidden option be needed', () => {
    expect(commands.flatMap((c) => c.args.filter((a) => a.hidden && a.required))).toEqual([]);
  });
});

function reasonOf(command: Command) {
  return command.args.find((a) => a.name === 'reason');
}

interface Shown {
  readonly file: string;
  readonly actions: readonly { readonly verb: string; readonly data?: Record<string, unknown> }[];
  readonly foot: readonly string[];
}

/** Every card of the gallery: the cards that the builders make of their fixtures. */
const cards: readonly Shown[] = readdirSync(join(root, 'docs/gallery'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .map((file) => {
    const { card } = JSON.parse(readFileSync(join(root, 'docs/gallery', file), 'utf8')) as { card?: unknown };
    const actions: Shown['actions'][number][] = [];
    const foot: string[] = [];
    const walk = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      const item = node as Record<string, unknown>;
      if (item['type'] === 'Action.Execute') actions.push(item as unknown as Shown['actions'][number]);
      if (item['fontType'] === 'Monospace' && item['size'] === 'Small') foot.push(String(item['text']));
      Object.values(item).forEach(walk);
    };
    walk(card);
    return { file, actions, foot };
  });

describe('the cards and the commands', () => {
  it('has cards to look at', () => {
    expect(cards.length).toBeGreaterThan(20);
  });

  it('every button belongs to a command and carries only its arguments', () => {
    const wrong = cards.flatMap(({ file, actions }) =>
      actions.flatMap(({ verb, data = {} }) => {
        const command = findCommand(commands, verb);
        if (!command) return [`${file}: no command ${verb}`];
        const strange = Object.keys(data).filter((key) => key !== 'hash' && !command.args.some((a) => a.name === key));
        const problems = command.problems(readData(command, { ...data, hash: undefined }).values);
        const false_ = problems.filter((p) => data[String(p.path[0])] !== undefined);
        return [
          ...strange.map((key) => `${file}: ${verb} takes no ${key}`),
          ...false_.map((p) => `${file}: ${verb} ${p.message}`),
        ];
      }),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the reference', () => {
  it.each([
    ['docs/reference/commands.md', commandsPage],
    ['docs/reference/errors.md', errorsPage],
  ])('%s is what the code says (mend it with: npm run docs)', (file, write) => {
    expect(readFileSync(join(root, file), 'utf8')).toBe(write());
  });

  it('has a heading for every error code and none for others', () => {
    const headings = [...readFileSync(join(root, 'docs/reference/errors.md'), 'utf8').matchAll(/^## (.+)$/gm)];
    expect(headings.map((h) => h[1])).toEqual(Object.keys(errorCatalogue));
  });

  it('does not tell of hidden options', () => {
    expect(commandsPage()).not.toContain('--output');
  });
});
