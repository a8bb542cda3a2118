import fc from 'fast-check';
import { type CommandCall, call, line, sayable } from '../../core/command-call';
import { isUserError } from '../../core/errors';
import { commands } from '../../dialogs';
import type { ArgInfo } from '../../dialogs/conversation/command';
import { callOf, parse, readData } from '../../dialogs/conversation/grammar';
import { sized } from '../support/size';
import { dialogWorld } from './support/world';

const pieces = fc.constantFrom(
  ...commands.map((c) => c.verb),
  ...[
    '--note',
    '--plan',
    '—note',
    '--',
    '-',
    '"',
    "'",
    '“',
    '@',
    '=',
    '<at>',
    '</at>',
    '&#0;',
    '&nbsp;',
    '\\"',
    '{{',
    `$${'{x}'}`,
  ],
  ...['ubuntu-22', 'R-7F3KQ', '1.2.3', '\u0000', '\u202e', '\ud800', '__proto__', 'constructor', '$1', '\n'],
);
const message = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.oneof(pieces, fc.string({ maxLength: 12 })), { maxLength: 20 }).map((all) => all.join(' ')),
  fc.array(pieces, { maxLength: 20 }).map((all) => all.join('')),
);

/** What stands in values, in the worst order: quotes of keyboards and phones, backslashes, dashes, entities. */
const worst = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '"',
        '“',
        '”',
        '„',
        '«',
        "'",
        '’',
        '\\',
        ' ',
        '-',
        '--',
        '–',
        '—',
        '=',
        '`',
        '…',
        '<b>',
        '&lt;',
        '@',
      ),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) => sayable(all.join('')))
  .filter((value) => value !== '…');

function anyValue({ kind, choices }: ArgInfo): fc.Arbitrary<string | number | true> {
  switch (kind) {
    case 'flag':
      return fc.constant(true);
    case 'choice':
      return fc.constantFrom(...choices);
    case 'number':
      return fc.integer({ min: 1, max: 99 });
    case 'image':
      return fc.constantFrom('ubuntu-22', 'a "name"');
    case 'ref':
      return fc.constantFrom('ubuntu-22@1.6.0', 'ubuntu-22');
    default:
      return worst;
  }
}

/** Any arguments of a command in any order, each given, left blank or absent. */
const anyCall: fc.Arbitrary<CommandCall> = fc.constantFrom(...commands).chain((command) =>
  fc
    .shuffledSubarray([...command.args])
    .chain((given) => fc.tuple(...given.map((info) => fc.tuple(fc.constant(info), fc.option(anyValue(info))))))
    .map((given) => {
      const left = given.flatMap(([info, value]) => (value === null && info.kind !== 'flag' ? [info.name] : []));
      const values = given.flatMap(([info, value]) => (value === null ? [] : [[info.name, value] as const]));
      return call(command.verb, Object.fromEntries(values), ...left);
    }),
);

/** A message that is typed as text comes as HTML. */
function asTeamsSends(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

describe('the grammar under any text', () => {
  it('parses it or refuses it with an error for people, never otherwise', () => {
    fc.assert(
      fc.property(message, (text) => {
        try {
          const parsed = parse(text, commands);
          expect(['empty', 'command']).toContain(parsed.kind);
        } catch (error) {
          if (!isUserError(error)) throw error;
          expect(error.hint).not.toBe('');
        }
      }),
      { numRuns: sized(200, 10_000) },
    );
  });

  it('reads every call of every command back as it was written', () => {
    fc.assert(
      fc.property(anyCall, (asked) => {
        const { verb, values, blanks = [] } = callOf(asTeamsSends(line(asked)), commands);
        const texts = Object.entries(asked.values).map(([name, value]) => [
          name,
          value === true ? value : String(value),
        ]);
        expect({ verb, values }).toEqual({ verb: asked.verb, values: Object.fromEntries(texts) });
        expect([...blanks].sort()).toEqual([...(asked.blanks ?? [])].sort());
        expect(line(call(verb, values, ...blanks))).toBe(line({ ...asked }));
      }),
      { numRuns: sized(20, 1_000) },
    );
  });

  it('reads no more of a message than a person would type', () => {
    const long = `publish ubuntu-22 --note ${'a'.repeat(50_000)}`;
    const parsed = parse(long, commands);
    expect(parsed.kind === 'command' && String(parsed.values['note']).length).toBeLessThan(4_000);
  });
});

describe('clicks with any data', () => {
  it('are read or refused with an error for people', () => {
    fc.assert(
      fc.property(fc.constantFrom(...commands), fc.anything(), (command, data) => {
        try {
          readData(command, data);
        } catch (error) {
          if (!isUserError(error)) throw error;
        }
      }),
      { numRuns: sized(200, 10_000) },
    );
  });

  it('start and decide nothing that nobody asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('approve', 'reject', 'cancel', 'rebuild', 'withdraw'),
        fc.anything(),
        async (verb, data) => {
          const world = dialogWorld();
          const answer = await world.click('grace', verb, data);
          expect([...world.started, ...world.signals, ...world.decided]).toEqual([]);
          expect('bug' in answer ? answer.bug : undefined).toBeUndefined();
        },
      ),
      { numRuns: sized(20, 1_000) },
    );
  });

  it('turn hostile names into text that cannot pose as a mention or a template', async () => {
    const world = dialogWorld();
    const answer = await world.say('ada', `publish "<at>Grace</at>$${'{$root}'}[x](javascript:1)"`);
    // Nobody is shown what a button carries, and it must come back as it was said.
    const shown = JSON.stringify(answer.card, (name, value) => (name === 'data' ? undefined : value));
    expect(shown).toContain('[x](javascript:1)');
    expect(shown).not.toMatch(/<at>|\$\{\$root/);
    expect(JSON.stringify(answer.card)).not.toContain('<at>');
  });
});
