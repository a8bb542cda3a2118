import { type ChangeRun, changeHash, changeSubject, type ExemptPlan, planHash } from '../../core/runs';
import { groups } from './support/catalogue';
import { inventoryWorld } from './support/inventory-world';
import { fixed } from './support/plan';
import { aRun, dialogWorld, now, people } from './support/world';

const rule = { ...fixed.rule, group: groups.approvers };
const plan = { request: { note: 'openssl' }, approvalChannel: 'x', fixed: { ...fixed, rule } };
const open = (change: Parameters<typeof aRun>[1] = {}) =>
  aRun('R-22222', { plan, planHash: planHash(plan.fixed), stage: 'test', ...change });
const others = [{ oid: people.dana.oid, name: 'Dana', did: 'requested' as const }];

function worldWith(run: ReturnType<typeof aRun>, deps: Parameters<typeof dialogWorld>[0] = {}) {
  const world = dialogWorld(deps);
  world.runs.set(run.id, run);
  return world;
}

describe('a publish of an image that is being published', () => {
  it('asks whoever may decide about it first, and starts and joins nothing', async () => {
    const world = worldWith(open());
    const { text, card } = await world.say('grace', 'publish ubuntu-22');
    expect(world.started).toEqual([]);
    for (const words of [
      'ubuntu-22 is being published already: join R-22222?',
      'You may decide about it as a member of goldbot-approvers; as a participant you no longer may.',
      'Nothing has been done yet.',
    ])
      expect(text).toContain(words);
    expect(card?.actions).toEqual([
      expect.objectContaining({ title: 'Join', verb: 'publish', data: { image: 'ubuntu-22', join: true } }),
      expect.objectContaining({ title: 'Do not join', verb: 'status', data: { request: 'R-22222' } }),
    ]);
  });

  it.each([
    [
      'pressed',
      (world: ReturnType<typeof worldWith>) => world.click('grace', 'publish', { image: 'ubuntu-22', join: true }),
    ],
    ['typed', (world: ReturnType<typeof worldWith>) => world.say('grace', 'publish ubuntu-22 --join')],
  ])('joins who says so: %s', async (_, act) => {
    const world = worldWith(open());
    expect(JSON.stringify(await act(world))).toContain('You joined R-22222');
    expect(world.runs.get('R-22222')?.actors.map(({ name }) => name)).toEqual(['Ada', 'Grace']);
  });

  it.each([
    ['is no approver', open({ actors: others }), 'ada'],
    ['is part of it', open({ actors: [...others, { ...people.grace, did: 'joined' }] }), 'grace'],
  ] as const)('does not ask somebody who %s', async (_, run, who) => {
    const world = worldWith(run);
    const { text } = await world.say(who, 'publish ubuntu-22');
    expect(text).toContain('You joined R-22222');
  });

  it('asks when Microsoft Graph does not say who decides', async () => {
    const memberOf = async (_: string, asked: readonly string[]) => {
      if (asked.length === 1) throw Object.assign(new Error('silent'), { name: 'UserError', code: 'DIRECTORY_SILENT' });
      return [groups.admins, groups.approvers, groups.viewers].filter((group) => asked.includes(group));
    };
    const world = worldWith(open(), { directory: { ...dialogWorld().deps.directory, memberOf } });
    const { text } = await world.say('grace', 'publish ubuntu-22');
    expect(text).toContain('Microsoft Graph does not say at the moment whether you otherwise could.');
    expect(world.started).toEqual([]);
  });

  it.each([
    ['repair', 'it waits for repair: rebuild or cancel it'],
    ['approve', 'it waits for approval'],
    ['test', 'it is at “Test”'],
    ['plan', 'it is under way'],
  ] as const)('says where it is in %s', async (stage, words) => {
    const { text } = await worldWith(open({ stage, actors: others })).say('ada', 'publish ubuntu-22');
    expect(text).toContain(
      `ubuntu-22 is being published already, asked for by Dana; ${words}. No second run was started.`,
    );
  });

  it.each([
    ['published', undefined, 'ubuntu-22 1.6.0 is published already'],
    ['cancelled', 'Ada', 'The publish of ubuntu-22 1.6.0 was cancelled by Ada'],
    ['expired', undefined, 'The publish of ubuntu-22 1.6.0 was not decided in time'],
    ['failed', undefined, 'The publish of ubuntu-22 1.6.0 has failed'],
  ] as const)(
    'joins none that is %s and only tidies up, and never says that it is being published',
    async (outcome, by, says) => {
      const ending = { outcome, why: 'because', ...(by && { by }) };
      const world = worldWith(open({ stage: 'cleanup', data: { ending } }));
      const { text } = await world.say('ada', 'publish ubuntu-22');
      expect(text).toContain(says);
      expect(text).toContain('That was R-22222. It is still deleting what nobody needs any more.');
      expect(text).toContain('No run was started: send it again when that one is over.');
      expect(text).not.toContain('being published');
      expect(world.started).toEqual([]);
    },
  );

  it('joins none that has published and serves its regions', async () => {
    const world = worldWith(
      open({ stage: 'replicate', stages: ['publish', 'replicate'], data: { publishedAt: now.toISOString() } }),
    );
    const { text } = await world.say('ada', 'publish ubuntu-22');
    expect(text).toContain('ubuntu-22 1.6.0 is published already');
    expect(text).toContain('Its regions are still being served; it is over when that is done.');
    expect(world.started).toEqual([]);
  });

  it('is told with the number of the open run, not with the one after it', async () => {
    const read = { scaleSets: async () => ({ rows: [], asOf: new Date(0) }) };
    const { text } = await worldWith(open(), { read }).say('ada', 'publish ubuntu-22 --plan --bump major');
    expect(text).toContain('ubuntu-22 1.6.0');
    expect(text).toContain('R-22222 is publishing this image already, by this plan; asking now joins it.');
    expect(text).toContain('Your options would not be used: that run has begun.');
    expect(text).toContain('openssl');
    const waiting = await worldWith(open({ stage: 'repair' }), { read }).say('ada', 'publish ubuntu-22 --plan');
    expect(waiting.text).toContain('It waits for repair: a rebuild takes the next number.');
    expect(waiting.text).not.toContain('Your options');
  });
});

describe('a rebuild', () => {
  const failure = { stage: 'test' as const, what: 'sshd', error: 'inactive', tail: [] };
  const broken = open({ stage: 'repair', data: { failure }, actors: others });

  it('asks whoever may decide about it first', async () => {
    const world = worldWith(broken);
    const { text, card } = await world.say('grace', 'rebuild R-22222 --note mended');
    expect(text).toContain('Rebuild R-22222 yourself?');
    expect(world.signals).toEqual([]);
    const data = { request: 'R-22222', note: 'mended', join: true, hash: broken.planHash };
    expect(card?.actions?.[0]).toMatchObject({ title: 'Rebuild', verb: 'rebuild', data });
    await world.click('grace', 'rebuild', data);
    expect(world.signals).toEqual([expect.objectContaining({ kind: 'rebuild', body: { note: 'mended' } })]);
  });

  it('of somebody who decides about nothing begins at once', async () => {
    const world = worldWith(broken);
    await world.say('ada', 'rebuild R-22222');
    expect(world.signals).toHaveLength(1);
  });
});

describe('a change that is asked for already', () => {
  const exempt = 'exempt vm-web-edge-005 --policy only-golden-images --until 2027-03-01 --reason because';

  async function asked(change: Partial<ExemptPlan> = {}) {
    const world = inventoryWorld();
    await world.say('ada', exempt);
    await world.say('grace', exempt);
    const wanted = world.started.at(-1)?.plan as ExemptPlan;
    const before = { ...wanted, ...change };
    const run = { ...aRun('R-33333', { actors: others }), kind: 'change', stage: 'approve' } as unknown as ChangeRun;
    const open = { ...run, plan: before, subject: changeSubject(wanted), planHash: changeHash(before), data: {} };
    world.runs.clear();
    world.runs.set('R-33333', open as never);
    world.started.length = 0;
    return world;
  }

  it('asks whoever decides first', async () => {
    const world = await asked();
    const { text, card } = await world.say('grace', exempt);
    expect(text).toContain('exempt vm-web-edge-005 is asked for already: join R-33333?');
    expect(world.started).toEqual([]);
    const [join] = card?.actions ?? [];
    expect(join).toMatchObject({ title: 'Join', verb: 'exempt', data: { join: true, until: '2027-03-01' } });
    const joined = await world.say('grace', `${exempt} --join`);
    expect(joined.text).toContain('You joined R-33333');
    expect(joined.text).toMatch(
      /Dana asked to exempt vm-web-edge-005 from \S+ until 1 Mar 2027, and that is still in progress\./,
    );
  });

  it('asks nobody to join what is over but for its review', async () => {
    const world = await asked();
    const over = { stage: 'review', data: { ending: { how: 'done', why: 'so' } } };
    world.runs.set('R-33333', { ...world.runs.get('R-33333'), ...over } as never);
    expect((await world.say('grace', exempt)).text).not.toContain('join R-33333?');
    expect(world.started).toHaveLength(1);
  });

  it('joins nobody who asks for something else', async () => {
    const world = await asked({ until: new Date(now.getTime() + 86_400_000).toISOString() });
    const { text } = await world.say('grace', exempt);
    expect(text).toContain('R-33333 changes vm-web-edge-005 already');
    expect(text).toContain('What you asked for was not started: send it again when R-33333 is over.');
    expect(world.started).toEqual([]);
  });
});
