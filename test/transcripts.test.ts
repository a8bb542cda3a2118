import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testDatabase } from './store/database';
import { fillFiveYears, shareOf } from './store/five-years';
import { readWhole, recordStatements } from './store/plans';
import { isFull, sized } from './support/size';
import { startWorld } from './support/world';
import { fillIds, holds, parseTranscript } from './transcripts/parse';
import { play, type Seen } from './transcripts/play';

const folder = join(__dirname, 'transcripts');
/** Set by `npm run gallery`: its pictures show what goldbot answered in these very conversations. */
const kept = process.env['GOLDBOT_ANSWERS'];
/**
 * What `npm test` plays: a conversation of each kind. The whole story it plays to judge what is said on the wire
 * (test/conformance); the others wait for Azure or for Teams' pace and are of `npm run test:full`.
 */
const sample = [
  ...['broken-glass', 'compliance-of-a-team', 'forged-clicks', 'locks-and-freezes', 'mistakes'],
  ...['the-weekly-digest', 'in-plain-words', 'found-beside-the-message-box', 'first-contact'],
].map((name) => `${name}.md`);
const all = readdirSync(folder).filter((file) => file.endsWith('.md') && file !== 'README.md');
const files = isFull || kept !== undefined ? all : sample;

/** The example catalogue and what the folder of a transcript adds to it; undefined where it has none. */
function catalogueFor(name: string): string | undefined {
  const more = join(folder, name);
  if (!existsSync(more)) return undefined;
  const whole = mkdtempSync(join(tmpdir(), 'goldbot-catalogue-'));
  cpSync(join(__dirname, '../catalog'), whole, { recursive: true });
  cpSync(more, whole, { recursive: true });
  return whole;
}

/** What goldbot asks its database in all of them. */
const recorded = recordStatements();

describe('the conversations of test/transcripts', () => {
  afterAll(() => recorded.stop());

  // Each has a world of its own, and waits for its cards most of the time.
  it.concurrent.each(files)(
    '%s comes true',
    async (file) => {
      const transcript = parseTranscript(readFileSync(join(folder, file), 'utf8'));
      const catalogue = catalogueFor(file.replace(/\.md$/, ''));
      const world = await startWorld(catalogue ? { catalogue } : {});
      try {
        const seen: Seen[] = [];
        await play(transcript, world, (one) => seen.push(one));
        if (kept) writeFileSync(join(kept, `${file}.json`), JSON.stringify(seen));
      } finally {
        await world.stop();
        if (catalogue) rmSync(catalogue, { recursive: true });
      }
    },
    240_000,
  );
});

describe('what goldbot asks its database in them', () => {
  it('reads no table whole that grows, as it is after five years', async () => {
    const db = await testDatabase({ audit: 'of any version' });
    try {
      await fillFiveYears(db.url, shareOf(sized(20, 5)));
      const asked = [...recorded.seen].filter(([text]) => /^\s*(select|with|insert|update|delete)\b/i.test(text));
      expect(asked.length).toBeGreaterThan(80);
      const whole: string[] = [];
      for (const [text, values] of asked) {
        const found = await readWhole(db.database, text, values);
        if (found.length > 0) whole.push(`${found.join(', ')}: ${text.replace(/\s+/g, ' ')}`);
      }
      expect(whole).toEqual([]);
    } finally {
      await db.close();
    }
  }, 240_000);

  it.each([
    ['an order without an index', 'select id from run order by due_at', ['Seq Scan of run']],
    ['a condition without one', `select id from card where thread_id = 'x'`, ['Seq Scan of card']],
    ['one row by its id', `select id from run where id = 'R-22222'`, []],
    ['the newest few', 'select seq from audit order by seq desc limit 5', []],
    ['a table that does not grow', 'select * from schedule', []],
  ])('would be seen to: %s', async (_, text, whole) => {
    const db = await testDatabase();
    expect(await readWhole(db.database, text, [])).toEqual(whole);
    await db.close();
  });
});

describe('the reader of transcripts', () => {
  const text = `# A title

Prose for people, with *emphasis*.

**Ada** in *Image Factory / General*:

    @goldbot publish ubuntu-22

**goldbot** answers:

    Publishing ubuntu-22
    {run} · asked by Ada …

**Grace** presses *Reject* on *Publish ubuntu-22* in *Image Factory / approvals*:

    reason: wait: there is more

**The sandbox** takes *POST /_sandbox/guest*:

    {"image": "ubuntu-22"}

**Build pipeline** runs:

    goldbot --wait publish ubuntu-22
`;

  it('finds the steps and leaves the prose alone', () => {
    expect(parseTranscript(text)).toEqual({
      title: 'A title',
      steps: [
        { line: 5, kind: 'say', who: 'Ada', where: 'Image Factory / General', text: '@goldbot publish ubuntu-22' },
        { line: 9, kind: 'answers', lines: ['Publishing ubuntu-22', '{run} · asked by Ada …'] },
        {
          line: 14,
          kind: 'click',
          who: 'Grace',
          button: 'Reject',
          card: 'Publish ubuntu-22',
          where: 'Image Factory / approvals',
          inputs: { reason: 'wait: there is more' },
        },
        { line: 18, kind: 'sandbox', method: 'POST', path: '/_sandbox/guest', body: '{"image": "ubuntu-22"}' },
        { line: 22, kind: 'run', program: 'Build pipeline', text: 'goldbot --wait publish ubuntu-22' },
      ],
    });
  });

  it('names the line of a step that it does not know', () => {
    expect(() => parseTranscript('# x\n\n**Ada** dances:\n\n    a lot\n')).toThrow('line 3');
    expect(() => parseTranscript('**goldbot** answers:\n\nnothing indented')).toThrow('line 1');
  });

  it('learns an id where it is first met and insists on it afterwards', () => {
    const ids = new Map<string, string>();
    expect(holds('Publishing\nR-7F3KQ · asked by Ada', ['{run} · asked'], ids)).toBe(true);
    expect(fillIds('status {run}', ids)).toBe('status R-7F3KQ');
    expect(holds('R-22222 · asked by Ada', ['{run} · asked'], ids)).toBe(false);
    expect(() => fillIds('{other}', ids)).toThrow('{other}');
  });

  it('wants the lines in their order, and learns nothing from a text that does not fit', () => {
    const ids = new Map<string, string>();
    expect(holds('a\nb\nc', ['a', 'c'], ids)).toBe(true);
    expect(holds('a\nb\nc', ['c', 'a'], ids)).toBe(false);
    expect(holds('R-7F3KQ', ['{run}', 'more'], ids)).toBe(false);
    expect(ids.size).toBe(0);
  });

  it('takes … for any text and everything else as it stands', () => {
    expect(holds('took 5 min (x)', ['took … (x)'], new Map())).toBe(true);
    expect(holds('took 5 min [x]', ['took … (x)'], new Map())).toBe(false);
  });
});
