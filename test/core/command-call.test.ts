import fc from 'fast-check';
import { call, line, offered, sayable, tokenise, verbs } from '../../core/command-call';
import { sized } from '../support/size';

/** What people write and phones make of it, in the worst order. */
const pieces = fc.constantFrom(
  '"',
  '“',
  '”',
  '„',
  '«',
  "'",
  '’',
  '\\',
  '\\\\',
  ' ',
  '-',
  '--',
  '–',
  '—',
  '=',
  '`',
  '…',
);
const text = fc
  .array(fc.oneof(pieces, fc.string({ unit: 'grapheme', maxLength: 6 }), fc.constantFrom('vm1', 'the ledger')), {
    minLength: 1,
    maxLength: 8,
  })
  .map((all) => sayable(all.join('')))
  .filter((value) => value !== '…');

describe('a command line', () => {
  it('gives every value back as it was, whatever stands in it', () => {
    fc.assert(
      fc.property(text, text, (machine, reason) => {
        const typed = line(call('classify', { machine, model: 'pet', reason }));
        const words = tokenise(typed)?.map((token) => token.text);
        expect(words).toEqual(['classify', machine, 'pet', '--reason', reason]);
      }),
      { numRuns: sized(100, 2_000) },
    );
  });

  it('never lets a value pose as an option', () => {
    fc.assert(
      fc.property(text, (value) => {
        const tokens = tokenise(line(call('classify', { machine: value })));
        expect(tokens?.filter((token) => token.option !== undefined)).toEqual([]);
      }),
      { numRuns: sized(100, 2_000) },
    );
  });

  it.each([
    [call('status'), 'status'],
    [call('who uses', { ref: 'ubuntu-22@1.6.0', team: 'web' }), 'who uses ubuntu-22@1.6.0 --team web'],
    [call('publish', { image: 'ubuntu-22', plan: true }), 'publish ubuntu-22 --plan'],
    [call('publish', { image: 'ubuntu-22', plan: false }), 'publish ubuntu-22'],
    [call('digest', { team: 'web', action: 'on', onlyChanges: true }), 'digest web on --only-changes'],
    [call('diff', { image: 'ubuntu-22', to: 'latest' }), 'diff ubuntu-22 --to latest'],
    [call('reject', { request: 'R-9WXB4' }, 'reason'), 'reject R-9WXB4 --reason "…"'],
    [call('classify', { model: 'pet' }, 'machine'), 'classify "…" pet'],
    [
      call('classify', { machine: 'vm1', model: 'pet', reason: 'the "ledger" disk' }),
      'classify vm1 pet --reason "the \\"ledger\\" disk"',
    ],
    [call('audit', { who: "O'Brien" }), "audit --who O'Brien"],
    [call('cancel', { request: 'R-9WXB4', reason: 'two\nlines\u202e' }), 'cancel R-9WXB4 --reason "two lines"'],
  ])('%j is written as it is typed: %s', (asked, typed) => {
    expect(line(asked)).toBe(typed);
  });

  it.each([
    ['"openssl fix"', 'openssl fix'],
    ['“openssl fix”', 'openssl fix'],
    ['„openssl fix"', 'openssl fix'],
    ['\'the "ledger" disk\'', 'the "ledger" disk'],
    ["'it can't wait'", "it can't wait"],
    ['"C:\\temp\\new"', 'C:\\temp\\new'],
    ['"C:\\temp\\\\"', 'C:\\temp\\'],
    ['"say \\"yes\\""', 'say "yes"'],
  ])('%s is read as one word: %s', (typed, word) => {
    expect(tokenise(typed)).toEqual([{ text: word, quoted: true }]);
  });

  it.each([
    ['-team web', [{ option: 'team' }, { text: 'web' }]],
    ['—Team', [{ option: 'team' }]],
    ['–-team="web one" x', [{ option: 'team', value: 'web one' }, { text: 'x' }]],
    ['--note=“open”', [{ option: 'note', value: 'open' }]],
    ["--who=O’Brien's", [{ option: 'who', value: "O'Brien's" }]],
    ['--2 - --', [{ text: '--2' }, { text: '-' }, { text: '--' }]],
    ["'it's one' 'two", [{ text: "it's one", quoted: true }, { text: "'two" }]],
  ])('%s has the words and options %j', (typed, tokens) => {
    const found = tokenise(typed);
    expect(found).toHaveLength(tokens.length);
    expect(found).toMatchObject(tokens);
  });

  it('is no command line while a quotation mark is open', () => {
    expect(tokenise('publish ubuntu-22 --note "open')).toBeUndefined();
    expect(tokenise('publish ubuntu-22 --note="open')).toBeUndefined();
  });

  it('is named in a sentence between quotation marks', () => {
    expect(offered([])).toBe('');
    expect(offered([call('runs')])).toBe('“runs”');
    expect(offered([call('runs'), call('status'), call('help')])).toBe('“runs”, “status” or “help”');
  });

  it('has verbs of lower-case words', () => {
    for (const verb of Object.keys(verbs)) expect(verb).toMatch(/^[a-z]+([ -][a-z]+)?$/);
  });
});
