import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, line, verbs as verbsOf } from '../../core/command-call';
import { errorCatalogue } from '../../core/errors';
import { type Command, commands, findCommand } from '../../dialogs';
import { usage } from '../../dialogs/conversation/command';
import { callOf, later, parse, readData } from '../../dialogs/conversation/grammar';
import { cataloguePage, commandsPage, errorsPage } from '../../tools/reference';

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
    const walk = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      const item = node as Record<string, unknown>;
      if (item['type'] === 'Action.Execute') actions.push(item as unknown as Shown['actions'][number]);
      Object.values(item).forEach(walk);
    };
    walk(card);
    const foot = monospace((card as { body?: readonly unknown[] } | undefined)?.body?.at(-1));
    return { file, actions, foot };
  });

/** The commands stand in the last block of a card. */
function monospace(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { fontType, text, ...rest } = node as Record<string, unknown>;
  const own = fontType === 'Monospace' ? [String(text)] : [];
  return [...own, ...Object.values(rest).flatMap(monospace)];
}

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

describe('what is offered to be typed', () => {
  /** Usage lines of help and hostile values are no sentences of goldbot. */
  const sane = cards.filter(({ file }) => !/hostile/.test(file));

  it('at the foot of every card is what goldbot writes for the call that it reads there, with values that it takes', () => {
    const printed = sane.flatMap(({ foot }) => foot.flatMap((text) => plainText(text).split(' · ')));
    expect(printed.length).toBeGreaterThan(50);
    expect(printed.flatMap((text) => problemOf(text) ?? []).sort()).toEqual([]);
  });

  it('by every button is a sentence that means the same click', () => {
    const buttons = sane.flatMap(({ actions }) => actions);
    expect(buttons.length).toBeGreaterThan(50);
    const wrong = buttons.flatMap(({ verb, data = {} }) => {
      const command = findCommand(commands, verb);
      if (!command) return [`no command ${verb}`];
      const { values } = readData(command, { ...data, hash: undefined });
      const asked = call(command.verb, values);
      const read = callOf(line(asked), commands);
      return line(read) === line(asked) ? [] : [`${line(asked)} is read as ${line(read)}`];
    });
    expect(wrong).toEqual([]);
  });
});

/** What is wrong with a sentence that is offered; undefined when it parses to itself and its command takes it. */
function problemOf(text: string): string | undefined {
  try {
    const read = callOf(text, commands);
    const problem = findCommand(commands, read.verb)
      ?.problems(read.values)
      .find((p) => read.values[String(p.path[0])] !== undefined);
    if (problem) return `${text}: ${problem.message}`;
    return line(read) === text ? undefined : `${text} is read as ${line(read)}`;
  } catch (error) {
    return `${text}: ${(error as Error).message}`;
  }
}

/** A text of a card without the escapes of its Markdown. */
function plainText(text: string): string {
  return text.replace(/\\([\\`*_{}[\]()#+\-.!~|<>])/g, '$1').replaceAll('\u200b', '');
}

describe('the reference', () => {
  it.each([
    ['docs/reference/catalogue.md', cataloguePage],
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
