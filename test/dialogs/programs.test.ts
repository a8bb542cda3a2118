import { parseCatalogue } from '../../core/catalogue';
import { line } from '../../core/command-call';
import { commands, createConversation, type Turn } from '../../dialogs';
import { catalogueFiles } from './support/catalogue';
import { aRun, type DialogWorld, dialogWorld, tenant } from './support/world';

const application = 'aaaaaaaa-0000-4000-8000-000000000002';

function catalogueWith(role: string, images = '') {
  const text = `audience: aaaaaaaa-0000-4000-8000-000000000001
applications:
  - { application: ${application}, name: Build pipeline, role: ${role}${images} }
`;
  return parseCatalogue([...catalogueFiles, { path: 'programs.yaml', text }]);
}

function worldWith(role = 'publisher', images = ''): DialogWorld {
  const parsed = catalogueWith(role, images);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  // In every group there is: what counts for a program is the catalogue alone.
  return dialogWorld({ catalogue: () => parsed.catalogue, directory: { memberOf: async (_, groups) => groups } });
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

describe('what a program may never do', () => {
  const changing = commands.filter(({ effect }) => effect === 'write').map(({ verb }) => verb);
  const asked = ['cancel', 'publish', 'rebuild', 'withdraw'];

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

  it('is to have a role that decides', () => {
    expect(catalogueWith('admin')).toMatchObject({
      ok: false,
      problems: [{ file: 'programs.yaml', line: 3, message: expect.stringContaining('never decides') }],
    });
  });
});
