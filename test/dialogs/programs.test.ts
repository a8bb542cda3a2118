import { parseCatalogue } from '../../core/catalogue';
import { line } from '../../core/command-call';
import { commands, createConversation, type Turn } from '../../dialogs';
import { catalogueFiles } from './support/catalogue';
import { aRun, type DialogWorld, dialogWorld, now, tenant } from './support/world';

const application = 'aaaaaaaa-0000-4000-8000-000000000002';

function catalogueWith(role: string, images = '') {
  const text = `audience: aaaaaaaa-0000-4000-8000-000000000001
applications:
  - { application: ${application}, name: Build pipeline, role: ${role}${images} }
`;
  return parseCatalogue([...catalogueFiles, { path: 'programs.yaml', text }]);
}

function worldWith(role = 'publisher', images = '', read: object = {}): DialogWorld {
  const parsed = catalogueWith(role, images);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  // In every group there is: what counts for a program is the catalogue alone.
  const directory = { memberOf: async (_: string, groups: readonly string[]) => groups };
  return dialogWorld({ catalogue: () => parsed.catalogue, directory, read });
}

function ask({ deps }: DialogWorld, text: string, intent = 'ask job-1') {
  const turn: Turn = {
    person: { oid: 'spn', name: 'Build pipeline (application)', tenantId: tenant, application },
    conversation: { id: `program:${application}`, kind: 'program' },
    intent,
  };
  return createConversation(deps).handleAsk(turn, text);
}

/** A sentence that the grammar takes, for each command. */
const sentenceOf = (verb: string) => commands.find((one) => one.verb === verb)?.examples[0] ?? verb;

describe('what a program asks', () => {
  it('starts a publish, whose card goes where people decide about it', async () => {
    const world = worldWith();
    const answer = await ask(world, 'publish ubuntu-22 --note "nightly"');
    expect(answer).toMatchObject({ ok: true, run: { id: 'R-NEW22', kind: 'publish', outcome: null }, next: [] });
    expect(answer.text).toContain('R-NEW22');
    expect(answer).not.toHaveProperty('card');
    expect(world.started).toEqual([
      expect.objectContaining({
        intent: 'publish:ask job-1',
        person: expect.objectContaining({ name: 'Build pipeline (application)' }),
        card: { channel: 'Image Factory / approvals' },
      }),
    ]);
  });

  it('tells how a run stands: open, published while it tidies up, failed', async () => {
    const world = worldWith();
    const outcome = async () => (await ask(world, 'status R-7F3KQ')).run?.outcome;
    world.runs.set('R-7F3KQ', aRun('R-7F3KQ'));
    expect(await outcome()).toBeNull();
    world.runs.set('R-7F3KQ', aRun('R-7F3KQ', { data: { publishedAt: new Date() } as never }));
    expect(await outcome()).toBe('published');
    world.runs.set('R-7F3KQ', aRun('R-7F3KQ', { outcome: 'failed' }));
    expect(await outcome()).toBe('failed');
  });

  it('is refused with code, words and the next sentence', async () => {
    const answer = await ask(worldWith(), 'publsh ubuntu-22');
    expect(answer).toMatchObject({ ok: false, code: 'UNKNOWN_COMMAND', next: ['publish ubuntu-22'] });
    expect(await ask(worldWith(), 'publish')).toMatchObject({ ok: false, code: 'BAD_COMMAND', next: ['help publish'] });
    expect(await ask(worldWith('viewer'), 'publish ubuntu-22')).toMatchObject({ ok: false, code: 'WRONG_ROLE' });
    const one = worldWith('publisher', ', images: [ubuntu-22]');
    expect(await ask(one, 'publish windows-2022')).toMatchObject({ ok: false, code: 'WRONG_ROLE' });
    expect(one.started).toEqual([]);
  });
});

describe('a version that a program asks to be promoted', () => {
  const made = (version: string, more: object = {}) => ({
    ...{ id: `/v/${version}`, image: 'ubuntu-22', version, provisioningState: 'Succeeded', excludedFromLatest: false },
    ...{ blockDeletionBeforeEndOfLife: false, tags: { 'goldbot-published': '2026-10-01T00:00:00Z' } },
    regions: [{ name: 'West Europe', replicas: 1, state: 'Unknown', progress: 0, excludedFromLatest: false }],
    ...more,
  });
  const tags = { 'goldbot-published': '2026-10-01T00:00:00Z', 'goldbot-state': 'rolled-back' };
  const versions = [made('1.4.1'), made('1.5.0', { excludedFromLatest: true, tags })] as never;
  const read = {
    versions: async () => versions,
    machinesByVersion: async () => new Map(),
    machineCounts: async () => ({ rows: [], members: [], asOf: now }),
    managementGroups: async () => new Map(),
    scaleSets: async () => ({ rows: [], asOf: now }),
    imageConsumers: async () => ({ rows: [], asOf: now }),
  };

  it('is shown as a plan first, and once it is agreed to, people decide where they always do', async () => {
    const world = worldWith('publisher', '', read);
    const plan = await ask(world, 'promote ubuntu-22@1.5.0 --reason "soaked for a week"');
    // Nothing has begun: a pipeline that leaves it at that must not take it for done.
    expect(plan.ok).toBe(false);
    expect(plan.text).toContain('a plan; nothing has been changed');
    expect(world.started).toEqual([]);
    expect(plan.next).toEqual([expect.stringMatching(/^promote ubuntu-22@1\.5\.0 .*--agreed [0-9a-f]{8}$/)]);
    const started = await ask(world, plan.next[0] ?? '', 'ask job-2');
    expect(started).toMatchObject({ ok: true, run: { id: 'R-NEW22', outcome: null } });
    expect(world.started).toEqual([
      expect.objectContaining({
        subject: 'promote:ubuntu-22@1.5.0',
        plan: expect.objectContaining({ approval: expect.objectContaining({ channel: 'Image Factory / approvals' }) }),
        person: expect.objectContaining({ application }),
        card: { channel: 'Image Factory / approvals' },
      }),
    ]);
  });
});

describe('what a program may never do', () => {
  const changing = commands.filter(({ effect }) => effect === 'write').map(({ verb }) => verb);
  const asked = ['cancel', 'promote', 'publish', 'rebuild', 'rollback', 'withdraw'];

  it('is every change but those that people then decide about', () => {
    expect(
      commands
        .filter(({ programs }) => programs)
        .map(({ verb }) => verb)
        .sort(),
    ).toEqual(asked);
  });

  it.each(changing.filter((verb) => !asked.includes(verb)))('`%s` is refused, and recorded by name', async (verb) => {
    const world = worldWith();
    world.runs.set('R-7F3KQ', aRun('R-7F3KQ'));
    world.runs.set('R-9WXB4', aRun('R-9WXB4'));
    const answer = await ask(world, sentenceOf(verb));
    expect(answer).toMatchObject({ ok: false, code: 'PEOPLE_ONLY', next: ['help'] });
    expect(answer.text).toContain(`“${verb}” is for people, and Build pipeline`);
    expect(answer.text).toContain('Ask somebody to do it in Teams.');
    expect(world.refusals).toEqual([
      expect.objectContaining({
        who: { oid: 'spn', name: 'Build pipeline (application)' },
        detail: expect.objectContaining({ code: 'PEOPLE_ONLY', conversation: `program:${application}` }),
      }),
    ]);
    expect([world.started, world.decided, world.signals, world.overrides]).toEqual([[], [], [], []]);
  });

  it('is to let its own publish through a freeze', async () => {
    const world = worldWith();
    const answer = await ask(world, line({ verb: 'publish', values: { image: 'ubuntu-22', override: 'late' } }));
    expect(answer).toMatchObject({ ok: false, code: 'PEOPLE_ONLY' });
    expect(answer.text).toContain('--override');
    expect(world.started).toEqual([]);
  });

  it('is to type the number of machines, or to break glass', async () => {
    for (const [option, more] of [
      ['--machines', { machines: 88 }],
      ['--break-glass', { breakGlass: true }],
    ] as const) {
      const world = worldWith();
      const values = { image: 'ubuntu-22', reason: 'bad', agreed: '3f9c1ab2', ...more };
      const answer = await ask(world, line({ verb: 'rollback', values }));
      expect(answer).toMatchObject({ ok: false, code: 'PEOPLE_ONLY' });
      expect(answer.text).toContain(`${option} of “rollback” is for people`);
      expect(world.started).toEqual([]);
    }
  });

  it('is to have a role that decides', () => {
    expect(catalogueWith('admin')).toMatchObject({
      ok: false,
      problems: [{ file: 'programs.yaml', line: 3, message: expect.stringContaining('never decides') }],
    });
  });
});
