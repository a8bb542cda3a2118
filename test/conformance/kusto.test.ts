import fc from 'fast-check';
import { tokenize } from '../../sandbox/azure/resource-graph/kql/lexer';
import { queries } from '../../services/resource-graph';
import { sized } from '../support/size';
import { analysed, lexed, parsed } from './kusto/parser';
import { type Sample, samples } from './kusto/samples';

const all = Object.entries(samples);
/** Those that a text goes into, each with its own names. */
const open = all.filter(([, { ask }]) => ask.length > 0).map(([query, sample], n) => [query, sample, n] as const);
/** In GOLDBOT's targets: so many names, and never another shape. Between all queries that a text goes into. */
const fuzzed = sized(60, 10_000);
const seed = 20_261_123;

/** What somebody might type who knows KQL, and what breaks parsers by accident. */
const hostile = [
  "'",
  '"',
  '\\',
  "\\'",
  "''",
  '\n',
  '\r\n',
  '\t',
  '\u0000',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\ud800',
  '//',
  '/*',
  '|',
  ';',
  '```',
  '~~~',
  "@'",
  '@"',
  "h'",
  '\\u0027',
  '\\x27',
  '\\',
  "' or true //",
  "' | union resources | where '' =~ '",
  "'; resources | take 1 //",
  "x' | project properties",
  '{{name}}',
  '${name}',
  '%27',
  '\u202e',
  '\u0130',
  '🧨',
];

const name = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom(...hostile, 'a', 'B', '-', '1'), maxLength: 8 }) },
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(...hostile).map((part) => part.repeat(400)) },
);

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, n) => text === b[n]);

/** What the sandbox reads in a query's string literals. */
const readBySandbox = (kql: string): string[] =>
  tokenize(kql)
    .filter(({ kind }) => kind === 'string')
    .map(({ text }) => text);

describe("Resource Graph queries before Microsoft's parser", () => {
  it('are all known here, with parameters and an expectation', () => {
    expect(Object.keys(samples).sort()).toEqual(Object.keys(queries).sort());
  });

  it.each(all)('%s has no diagnostic, and its texts are what went in', (_, { ask, names: [ordinary], texts }) => {
    const { kql } = ask(ordinary);

    expect(analysed(kql).diagnostics).toEqual([]);
    expect(lexed(kql).strings).toEqual(texts(ordinary));
  });

  it.each(open)('%s keeps its tokens whatever the name, and the name stays the name', (_, sample, n) => {
    fc.assert(fc.property(name, keepsTokens(sample)), { numRuns: Math.ceil(fuzzed / open.length), seed: seed + n });
  });

  it.each(open)('%s keeps its tree, which its tokens determine', (_, { ask, names: [ordinary] }, n) => {
    const { tree } = parsed(ask(ordinary).kql);
    const property = fc.property(name, (text) => {
      expect(parsed(ask(text).kql)).toEqual({ diagnostics: [], tree });
    });

    fc.assert(property, { numRuns: Math.ceil(fuzzed / open.length / 20), seed: seed + n });
  });
});

/** Before Microsoft's parser and in the sandbox: the same tokens as ever, and in the literals what went in. */
function keepsTokens({ ask, names: [ordinary], texts }: Pick<Sample, 'ask' | 'names' | 'texts'>) {
  const { shape } = lexed(ask(ordinary).kql);
  return (text: string): void => {
    const { kql } = ask(text);
    const found = lexed(kql);
    const wanted = texts(text);
    // Tens of thousands of times: jest's own comparison would take longer than the parser.
    if (found.shape === shape && same(found.strings, wanted) && same(readBySandbox(kql), wanted)) return;
    expect({ ...found, sandbox: readBySandbox(kql) }).toEqual({ shape, strings: wanted, sandbox: wanted });
  };
}

describe('A mistake that is planted in a query', () => {
  const { kql } = samples.machinesNamed.ask('vm-0000007');

  it.each([
    ['a misspelled operator', '| where type', '| wher type', 'Query operator expected'],
    ['an unknown column', '| project id', '| project ids', "The name 'ids' does not refer to any known column"],
    ['an unknown table', 'resources', 'resource', "The name 'resource' does not refer to any known table"],
    ['an unknown function', '| project id', '| project x = lower(id)', "The name 'lower' does not refer to any known"],
    ['an unescaped quote', 'vm-0000007', "vm'0000007", 'Missing'],
    ['a member of a text', '| project id', '| project id.x', "The name 'x' does not refer to any known column"],
  ])('is found when it is %s', (_, right, wrong, said) => {
    expect(kql).toContain(right);

    expect(analysed(kql.replace(right, wrong)).diagnostics.join('; ')).toContain(said);
  });

  it.each([
    ['escapes nothing', (text: string) => `'${text}'`],
    ['doubles quotes, as in SQL', (text: string) => `'${text.replaceAll("'", "''")}'`],
    ['forgets backslashes', (text: string) => `'${text.replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`],
    ['forgets line ends', (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`],
    ['drops what it fears', (text: string) => `'${text.replace(/['\\\r\n]/g, '')}'`],
  ])('is found when a literal %s', (_, literal) => {
    const ask = (text: string) => ({
      ...samples.machinesNamed.ask(text),
      kql: `resources | where name == ${literal(text)}`,
    });
    const keeps = keepsTokens({ ask, names: ['x'], texts: (text) => [text] });

    expect(fc.check(fc.property(name, keeps), { numRuns: 500, seed }).failed).toBe(true);
  });
});
