import { csvCell } from '../../core/csv';
import { days } from '../../core/time';
import { csvOf } from '../../dialogs/commands/audit';
import { dialogWorld, now } from './support/world';

describe('audit', () => {
  it('says of a stage where the run came from and where it went', async () => {
    const base = { seq: 1, at: now, who: { oid: null, name: 'goldbot' }, subject: 'ubuntu-22', runId: null } as const;
    const entry = { ...base, action: 'stage', request: 'R-22222', detail: { from: 'test', to: 'approve' } } as const;
    const world = dialogWorld();
    world.deps.reads.audit = async () => [entry];
    const { text } = await world.say('dana', 'audit');
    expect(text).toContain('goldbot moved ubuntu-22 from test to approve · 09:00 · R-22222');
  });

  it('shows what people did, and folds what goldbot did by itself, but for what needs somebody', async () => {
    const base = { seq: 1, at: now, subject: 'ubuntu-22', request: 'R-22222', runId: null, detail: {} } as const;
    const [goldbot, grace] = [
      { oid: null, name: 'goldbot' },
      { oid: 'a2', name: 'Grace' },
    ] as const;
    const world = dialogWorld();
    world.deps.reads.audit = async () => [
      { ...base, who: goldbot, action: 'needs-a-look' },
      { ...base, who: goldbot, action: 'certify' },
      { ...base, who: grace, action: 'approve' },
    ];
    const [shown = '', folded = ''] = (await world.say('dana', 'audit')).text.split('What goldbot did by itself:');
    expect(shown).toContain('Grace approved ubuntu-22');
    expect(shown).toContain('! goldbot could not go on with ubuntu-22');
    expect(folded).toMatch(/^23 Nov 09:00: certified ubuntu-22 · R-22222$/m);
    expect(shown).not.toContain('certified');
  });
});

describe('the words under an audit', () => {
  const checkpoint = { entries: 40, at: '2026-11-23T00:00:00.000Z' };
  const fits = 'the checkpoint of 23 Nov 2026 (40 entries)';

  it.each([
    [
      'audit',
      { intact: true, entries: 42, checkpoint },
      `intact from ${fits} on: 2 entries since. audit --verify reads`,
    ],
    ['audit', { intact: true, entries: 1 }, 'intact from the first entry to number 1; no checkpoint is signed yet.'],
    [
      'audit --verify',
      { intact: true, entries: 42, checkpoint },
      `from the first entry to number 42, and fits ${fits}.`,
    ],
    [
      'audit --verify',
      { intact: true, entries: 40, left: 2_000 },
      'so far; 2,000 more were not reached in time: npm run',
    ],
    [
      'audit --verify',
      { intact: false, entries: 41, firstBroken: 42, why: '', checkpoint },
      `It fits ${fits.slice(0, 29)}`,
    ],
  ] as const)('%s: what was read, and what was not', async (said, verdict, words) => {
    const world = dialogWorld();
    const asked: unknown[] = [];
    world.deps.reads.verifyAudit = async (check) => {
      asked.push(check?.whole);
      return verdict;
    };
    const { text } = await world.say('dana', said);

    expect(text).toContain(words);
    expect(asked).toEqual([said.includes('--verify')]);
  });

  it('end before a press would have waited too long', async () => {
    const world = dialogWorld();
    const waits: unknown[] = [];
    world.deps.reads.verifyAudit = async (check) => {
      waits.push(check?.patienceMs);
      return { intact: true, entries: 0 };
    };
    await world.say('dana', 'audit --verify');
    await world.click('dana', 'audit', { verify: true });

    expect(waits).toEqual([40_000, 2_000]);
  });
});

it('says for ever what was altered and who answered for it', async () => {
  const world = dialogWorld();
  const altered = { firstBroken: 12, why: 'the entry was edited' };
  const account = {
    altered,
    entries: 30,
    stood: '',
    head: '',
    by: 'oid-dana',
    reason: 'A disk.',
    at: now.toISOString(),
  };
  world.deps.reads.verifyAudit = async () => ({ intact: true, entries: 40, accounted: [account] });

  expect((await world.say('dana', 'audit')).text).toContain(
    'Entry 12 was found altered, for which oid-dana answered on 23 Nov 2026: npm run audit:verify has the reason.',
  );
});

describe('the time of the audit', () => {
  it('is from a day on, and up to another that does not belong to it', async () => {
    const world = dialogWorld();
    const asked: unknown[] = [];
    world.deps.reads.audit = async (filter) => {
      asked.push(filter);
      return [];
    };
    const { text } = await world.say('dana', 'audit --since 2026-10-01 --until 2026-11-01');
    await world.say('dana', 'audit --until 7d');

    expect(text).toContain('since 2026-10-01, before 2026-11-01');
    expect(asked).toEqual([
      { since: new Date('2026-10-01'), until: new Date('2026-11-01'), limit: expect.any(Number) },
      { until: new Date(now.getTime() - days(7)), limit: expect.any(Number) },
    ]);
  });

  it('ends after it begins, and is one', async () => {
    const world = dialogWorld();
    expect((await world.say('dana', 'audit --since 2026-11-01 --until 2026-10-01')).text).toContain(
      'Nothing is both since 2026-11-01 and before 2026-10-01.',
    );
    expect((await world.say('dana', 'audit --until whenever')).text).toContain('"whenever" is not a date.');
  });
});

describe('the audit as CSV', () => {
  const entry = {
    seq: 1,
    at: now,
    who: { oid: 'a1', name: '=HYPERLINK("x")' },
    action: 'approve',
    subject: 'ubuntu-22',
    request: null,
    runId: null,
    detail: { note: 'a,b' },
  };

  it.each(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])(
    'lets no spreadsheet take %j for the beginning of a formula',
    (opens) => {
      const text = csvCell(`${opens}cmd|'/c calc'!A1`);
      expect(text.replace(/^"/, '').startsWith("'")).toBe(true);
    },
  );

  it('quotes what needs it and defuses formulas', () => {
    expect(csvOf([entry]).split('\n')[0]).toBe('seq,at,who,oid,action,subject,request,run,detail');
    expect(csvOf([entry]).split('\n')[1]).toBe(
      `1,2026-11-23T09:00:00.000Z,"'=HYPERLINK(""x"")",a1,approve,ubuntu-22,,,"{""note"":""a,b""}"`,
    );
  });

  it('says how many entries did not fit into a message', () => {
    const many = Array.from({ length: 1_000 }, () => entry);
    const lines = csvOf(many).split('\n');
    expect(lines.at(-1)).toBe(
      `# ${1_000 - (lines.length - 2)} older entries did not fit; narrow it with --since, --until or --image, or have \`npm run audit:export\` write all of them at a desk`,
    );
    expect(csvOf(many.slice(0, 5)).split('\n')).toHaveLength(6);
  });

  it.each([
    ['audit --export csv', 1_000, /\n# \d+ older entries did not fit/],
    ['audit --export csv', 1_001, /\n# more than \d+ older entries did not fit/],
    ['audit', 200, /^200 entries in the audit[\s\S]*The newest 20 of 200\./],
    ['audit', 201, /^More than 200 entries in the audit[\s\S]*The newest 20 of more than 200\./],
  ])('`%s` of %d entries counts none that it has not read', async (command, held, words) => {
    const world = dialogWorld();
    world.deps.reads.audit = async ({ limit = 0 } = {}) => Array.from({ length: held }, () => entry).slice(0, limit);
    expect((await world.say('dana', command)).text).toMatch(words);
  });
});
