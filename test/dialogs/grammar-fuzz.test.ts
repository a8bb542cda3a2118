import fc from 'fast-check';
import { isUserError } from '../../core/errors';
import { commands } from '../../dialogs';
import { readData } from '../../dialogs/conversation/data';
import { parse } from '../../dialogs/conversation/grammar';
import { tokenise } from '../../dialogs/conversation/tokens';
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

  it('gives a quoted text back as it was', () => {
    const text = fc.string({ maxLength: 60 }).map((t) => t.replace(/["\\\s]+/g, ' ').trim());
    fc.assert(
      fc.property(text, (value) => {
        expect(tokenise(`x "${value}" y`)[1]).toEqual({ text: value, quoted: true });
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
    expect(JSON.stringify(answer.card)).not.toMatch(/<at>|\$\{\$root/);
  });
});
