import { dress, escapeMarkdown, fill, plain, render } from '../../cards/render';
import { sheet } from '../../cards/sheet';
import { twin } from '../../cards/twin';

const frame = {
  title: 'T',
  subtitles: [],
  badges: [],
  hasBody: true,
  foot: [],
  buttons: [],
  links: [],
  fallback: 'T',
  speak: 'T.',
};
const bind = (name: string) => ['$', `{${name}}`].join('');

describe('rendering a card', () => {
  it('refuses a view that lacks a field, and names it', () => {
    const body = [{ type: 'TextBlock', text: `${bind('image')} ${bind('version')}` }];
    expect(() => render(body, { ...frame, image: 'ubuntu-22' })).toThrow('rendering card: no value for version');
  });

  it('refuses a field that is null or missing deep in a list', () => {
    const body = [{ type: 'TextBlock', $data: bind('rows'), text: bind('text') }];
    expect(() => render(body, { ...frame, rows: [{ text: 'a' }, { text: null }] })).toThrow(
      'rendering card: no value for',
    );
    expect(() => render(body, frame)).toThrow('no value for');
  });

  it('refuses a condition that is not a boolean, which the library would drop in silence', () => {
    const body = [{ type: 'TextBlock', $when: bind('late'), text: 'late' }];
    expect(() => render(body, frame)).toThrow('$when');
    expect(() => render(body, { ...frame, late: 'yes' })).toThrow('$when');
    expect(JSON.stringify(render(body, { ...frame, late: true }).body)).toContain('late');
  });

  it('refuses a part that does not exist', () => {
    expect(() => render([{ $include: 'nothing' }], frame)).toThrow('card template: no part "nothing"');
  });

  it('refuses a condition that computes: the words and choices are made in the builder', () => {
    const body = [{ type: 'TextBlock', $when: bind('n > 1'), text: 'many' }];
    expect(() => render(body, { ...frame, n: 2 })).toThrow(
      `card template: only plain paths in $data and $when, not ${bind('n > 1')}`,
    );
  });

  it('refuses an element that has no words: its twin would be silent', () => {
    expect(() => twin({ body: [{ type: 'Image' }], actions: [] } as never, [])).toThrow('no words for a Image');
  });

  it('cuts what does not fit in 25 KB to its beginning, and says so; the words stay whole', () => {
    const of = (rows: number) =>
      sheet(
        [{ $include: 'paragraphs' }],
        { title: 'T', subtitles: [], buttons: [] },
        { paragraphs: Array.from({ length: rows }, (_, i) => ({ text: `row ${i}` })) },
      );
    const words = 'The rest does not fit on a card.';
    expect(JSON.stringify(of(20).card).includes(words)).toBe(false);
    const { card, text } = of(400);
    const json = JSON.stringify(card);
    expect([json.includes(words), json.includes('row 1'), json.includes('row 399')]).toEqual([true, true, false]);
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(25 * 1024);
    expect(text).toContain('row 399');
    expect(text).not.toContain(words);
  });

  it('refuses a block that its template has no place for, which would be lost in silence', () => {
    const head = { title: 'T', subtitles: [], buttons: [] };
    const fits = [{ $include: 'facts' }];
    expect(() => sheet(fits, head, { facts: [{ title: 'a', value: 'b' }] })).not.toThrow();
    expect(() => sheet(fits, head, { paragraphs: [{ text: 'a' }] })).toThrow('no place in the template for paragraphs');
    expect(() => sheet(fits, head, { paragraphs: [] })).not.toThrow();
  });

  it('forgets the gaps of one card before the next', () => {
    const body = [{ type: 'TextBlock', text: bind('image') }];
    expect(() => render(body, frame)).toThrow();
    expect(render(body, { ...frame, image: 'ubuntu-22' }).version).toBe('1.5');
  });

  it('does not expand an expression that comes with the data', () => {
    const body = [{ type: 'TextBlock', text: bind('note') }];
    const card = render(body, { ...frame, note: bind('title') });
    expect(JSON.stringify(card.body)).not.toContain('"text":"T"}]');
    expect(JSON.stringify(card)).not.toContain(bind('title'));
  });

  it('sends what a button carries as it is', () => {
    const data = { note: `*a* ${bind('x')} <at>b</at>` };
    const buttons = [
      { title: 'Go', verb: 'publish', data, sentence: 'publish', style: 'default', mode: 'primary', inputs: 'none' },
    ];
    const card = render([{ type: 'TextBlock', text: 'x' }], { ...frame, buttons });
    expect(card.actions[0]?.['data']).toEqual(data);
  });
});

describe('the words of people', () => {
  const evaluated = /\{\{|\$\{/;
  const word = '{{DATE(2026-11-28T08:00:00Z,SHORT)}}';
  /** Every text that Teams shows; what a button sends back and what stands in a field is data. */
  const shown = (node: unknown): string[] => {
    if (typeof node === 'string') return [node];
    if (typeof node !== 'object' || node === null) return [];
    const { data: _, ...rest } = node as Record<string, unknown>;
    if (String(rest['type']).startsWith('Input.')) delete rest['value'];
    return Object.values(rest).flatMap(shown);
  };

  it.each([
    '{{DATE(2026-11-28T08:00:00Z,SHORT)}}',
    '{{TIME(2026-11-28T08:00:00Z)}}',
    '{{{DATE(x)}}}',
    '{\u0007{DATE(x)}}',
  ])('are shown as they are, functions too: %j', (text) => {
    for (const dressed of [plain(text), escapeMarkdown(text)]) {
      expect(dressed).not.toMatch(evaluated);
      expect(dressed.replaceAll('\u2060', '').replaceAll('\\', '')).toBe(text.replace('\u0007', ''));
    }
  });

  it('are evaluated nowhere on a card, nor in its twin, whatever element holds them', () => {
    const body = [
      { type: 'TextBlock', text: bind('note') },
      { type: 'FactSet', facts: [{ title: bind('note'), value: bind('note') }] },
      { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: bind('note') }] },
      { type: 'Input.Text', id: 'note', label: bind('note'), placeholder: bind('note'), value: bind('note') },
    ];
    const buttons = [
      {
        title: word,
        verb: 'publish',
        data: { note: word },
        sentence: 'p',
        style: 'default',
        mode: 'primary',
        inputs: 'none',
      },
    ];
    const draft = fill(body, { ...frame, title: word, fallback: word, buttons, note: word });
    const card = dress(draft);
    const texts = shown(card);

    expect(texts.filter((text) => text.includes('DATE')).length).toBeGreaterThanOrEqual(8);
    expect(texts.filter((text) => evaluated.test(text))).toEqual([]);
    expect(twin(draft, [])).not.toMatch(evaluated);
    expect(twin(draft, [])).toContain('DATE(2026-11-28T08:00:00Z,SHORT)');
    // What goes back to goldbot is what the person wrote.
    expect(card.actions[0]?.['data']).toEqual({ note: word });
  });
});

describe('a long word beside the title of a fact', () => {
  const digest = '88ae67967e0e1ce2aae1b6a403013d24'.repeat(2);
  const fact = (title: string, value: string) => {
    const body = [{ type: 'FactSet', facts: [{ title: bind('title2'), value: bind('value') }] }];
    const card = render(body, { ...frame, buttons: [], title2: title, value });
    const found = JSON.stringify(card).match(/"facts":(\[.*?\])/)?.[1] ?? '[]';
    return (JSON.parse(found) as { title: string; value: string }[])[0];
  };

  it.each([
    ['a digest', `SHA-256 ${digest}`, 3],
    ['a source', 'Canonical:jammy:22_04:22.04.202611120', 2],
    ['17 characters', 'a'.repeat(17), 1],
    ['16 characters', 'a'.repeat(16), 0],
    ['words that break by themselves', 'systemd-networkd systemd-resolved unattended-upgrades', 0],
  ])('may break: %s', (_, text, times) => {
    const { value = '' } = fact('Document', text) ?? {};
    expect(value.split('\u200b')).toHaveLength(times + 1);
    expect(value.split(/[\u200b\s-]/).filter((piece) => piece.length > 16)).toEqual([]);
    expect(value.replaceAll('\u200b', '')).toBe(text);
    expect(fact(text, 'x')?.title.split('\u200b')).toHaveLength(times + 1);
  });

  it('may break in a sentence of runs too; a line of a log is cut so that it can be copied', () => {
    const inlines = [
      { type: 'TextRun', text: bind('value') },
      { type: 'TextRun', text: bind('value'), fontType: 'Monospace' },
    ];
    const card = JSON.stringify(render([{ type: 'RichTextBlock', inlines }], { ...frame, value: digest }));
    const half = digest.slice(0, 32);
    expect(card).toContain(JSON.stringify(digest.match(/.{16}/g)?.join('\u200b')));
    expect(card).toContain(JSON.stringify(`${half}\n${half}`));
  });

  it('breaks where a name is divided, when it is', () => {
    expect(fact('Source', 'Canonical:jammy:22_04:22.04.202611120')?.value.split('\u200b')).toEqual([
      'Canonical:jammy:',
      '22_04:22.04.',
      '202611120',
    ]);
  });
});

describe('escaping', () => {
  it.each([
    ['**bold**', '\\*\\*bold\\*\\*'],
    ['_a_', '\\_a\\_'],
    ['[x](http://y)', '\\[x\\](http://y)'],
    ['`code`', '\\`code\\`'],
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['# head', '\\# head'],
    ['&lt;b&gt;', '\\&lt;b\\&gt;'],
    ['C:\\*.*', 'C:\\\\\\*.\\*'],
  ])('makes %s mean nothing', (text, escaped) => expect(escapeMarkdown(text)).toBe(escaped));

  it.each([
    'sshd_config',
    '3 * 4',
    'a - b',
    'R&D',
    'x (y)',
    '22.04.202611120',
    'C:\\Windows',
    '5 < 6'.replace('<', '>'),
  ])('leaves %s as it is', (text) => expect(escapeMarkdown(text)).toBe(text));

  it.each(['<at>Grace</at>', '< AT >Grace</ at>', '<\tat>x'])('lets nobody be mentioned by %j', (text) => {
    expect(plain(text)).not.toMatch(/<\s*\/?\s*at/i);
  });

  it('removes control characters and direction overrides, and keeps line breaks', () => {
    expect(plain('a\u0007b\u202ec\r\nd')).toBe('abc\nd');
  });
});
