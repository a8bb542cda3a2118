import { UserError } from '../../core/errors';
import { type ChangeRun, changeHash, type VersionPlan } from '../../core/runs';
import { presentChange } from '../../dialogs/present';
import { presentChangeNews } from '../../dialogs/present/change-news';
import { review } from '../../workflows/change/review';
import { aRun, dialogWorld, now, people } from './support/world';

const plan: VersionPlan = {
  ...{ verb: 'retire', image: 'ubuntu-22', versions: ['1.3.0'], target: 'ubuntu-22 1.3.0', team: null },
  ...{ reason: 'openssl', breakGlass: true, keeps: false, at: '2026-12-01T00:00:00.000Z' },
  gallery: { subscription: 's', resourceGroup: 'rg', gallery: 'gold', definition: 'ubuntu-22' },
  radius: { machines: 28, breaks: ['/s/one', '/s/two'], digest: '3f9c1ab2' },
  approval: {
    rule: { group: 'g', groupName: 'goldbot-approvers', quorum: 2 },
    ttlMs: 1,
    channel: 'Image Factory / approvals',
  },
};
const data: ChangeRun['data'] = {
  begunAt: now.toISOString(),
  ending: { how: 'done', why: 'ubuntu-22 1.3.0 is deleted for good.' },
  affected: {
    data: {
      channel: 'data / ops',
      lines: ['28 machines of yours run it and keep running: replace them as soon as you can.'],
    },
  },
};
const run = (more: Partial<ChangeRun['data']> = {}): ChangeRun =>
  ({
    ...aRun('R-33333', {}),
    ...{ kind: 'change', subject: 'retire:ubuntu-22@1.3.0', plan, planHash: changeHash(plan), stage: 'review' },
    ...{ outcome: null, endedAt: null, data: { ...data, ...more } },
  }) as ChangeRun;
const dana = { oid: 'a5', name: 'Dana' };
const done = { asks: 2, by: dana, said: 'a set was forgotten', at: now.toISOString() };

describe('the card of broken glass', () => {
  it('says what breaks, when, and that a review is open until there is one', () => {
    const { ending: _, begunAt: __, ...asked } = data;
    const { text } = presentChange({ ...run(), stage: 'approve', data: asked }, { now });
    expect(text).toContain('✗ Glass is to be broken. 2 would break: one, two.');
    expect(text).toContain('Review: by somebody who took no part, a day after it is done');
    expect(text).toMatch(/When: .*1 Dec.*, not before/);
    expect(text).toContain('out of latest, then deleted for good');
  });

  it('says what became of it, and offers the review until there is one', () => {
    const open = presentChange(run(), { now }).text;
    expect(open).toContain('Break glass: 2 would break, and it was done all the same: one, two');
    expect(open).toContain('Review: open: somebody who took no part says what is to be learnt');
    expect(open).toContain('review R-33333 --reason "…"');
    const reviewed = presentChange(run({ review: done }), { now }).text;
    expect(reviewed).toContain('Review: Dana: “a set was forgotten”');
    expect(reviewed).not.toContain('review R-33333');
    const failed = presentChange(run({ ending: { how: 'failed', why: 'Azure is gone' } }), { now }).text;
    expect(failed).toContain('2 would break, and it was begun all the same');
  });

  it('has nothing to review where it was refused', () => {
    const { begunAt: _, ...refused } = data;
    const over = { ...run(), stage: 'close', outcome: 'cancelled', endedAt: now } as const;
    const { text } = presentChange(
      { ...over, data: { ...refused, ending: { how: 'refused', why: 'too many' } } } as ChangeRun,
      { now },
    );
    expect(text).toContain('Break glass: 2 would have broken');
    expect(text).not.toContain('Review');
  });

  it('is followed by a message that asks for the review, and says so once it is done', () => {
    const asked = presentChangeNews(run(), 'review-1').text;
    expect(asked).toContain('Glass was broken for retire ubuntu-22 1.3.0: nobody has reviewed it');
    expect(asked).toContain('Ada asked for it in R-33333: “openssl”.');
    expect(asked).toContain('ubuntu-22 1.3.0 is deleted for good. It was agreed to, although 2 would break: one, two.');
    expect(asked).toContain(
      'Somebody who neither asked for it nor decided about it says what is to be learnt; it is asked for every day until then.',
    );
    expect(asked).toContain('review R-33333 --reason "…"');
    for (const word of ['review-1', 'reviewed']) {
      const { text } = presentChangeNews(run({ review: done }), word);
      expect(text).toContain('retire ubuntu-22 1.3.0 is reviewed');
      expect(text).toContain('Dana reviewed the broken glass of R-33333: “a set was forgotten”.');
    }
  });

  it.each([
    ['rollback', { to: '1.2.0' }, 'ubuntu-22 was rolled back to 1.2.0'],
    [
      'replicate',
      { copies: { set: [{ name: 'UK South', replicas: 1 }], again: [], remove: ['East US'] } },
      'ubuntu-22 1.3.0 has other copies: 1 copy in UK South; none in East US',
    ],
  ] as const)('tells a team of a %s for what it was', (verb, more, said) => {
    const other = { ...run(), plan: { ...plan, verb, ...more } } as ChangeRun;
    expect(presentChangeNews(other, 'team-data').text).toContain(said);
  });

  it('tells each team in its own channel what it means for it', () => {
    const { text } = presentChangeNews(run(), 'team-data');
    expect(text).toContain('ubuntu-22 1.3.0 was retired');
    expect(text).toContain('Why: “openssl”.');
    expect(text).toContain('28 machines of yours run it and keep running: replace them as soon as you can.');
    expect(text).toContain('Ada asked for it in R-33333; goldbot-approvers agreed, although 2 would break: one, two.');
    expect(text).toContain('who uses ubuntu-22@1.3.0 --team data');
    expect(text).toContain('versions ubuntu-22');
  });

  it('says how much more there is for a team than a card has room for', () => {
    const lines = Array.from({ length: 9 }, (_, n) => `scale set ${n} is told of.`);
    const { text } = presentChangeNews(run({ affected: { data: { channel: 'data / ops', lines } } }), 'team-data');
    expect(text).toContain('Scale set 4 is told of.');
    expect(text).not.toContain('cale set 5 is told of.');
    expect(text).toContain('And 4 more of yours.');
    expect(text).toContain('Ada asked for it in R-33333');
  });
});

describe('reviewing', () => {
  it('is for approvers, admins and auditors', async () => {
    const world = dialogWorld();
    world.runs.set('R-33333', run() as never);
    const says = async (who: 'ada' | 'dana') =>
      (await world.say(who, 'review R-33333 --reason "a scale set was forgotten"')).text;
    expect(await says('ada')).toContain('A review is for approvers, admins and auditors who took no part.');
    expect(world.signals).toEqual([]);
    const answer = await says('dana');
    expect(answer).toContain('Review: Dana: “a scale set was forgotten”');
    expect(world.signals).toMatchObject([{ kind: 'review', body: { reason: 'a scale set was forgotten' } }]);
  });

  it('is done on the message that asks for it, which asks what is to be learnt in its place', async () => {
    const world = dialogWorld();
    world.runs.set('R-33333', run() as never);
    const { planHash: hash } = run();
    const clicked = 'news:R-33333:review-1';
    const press = (who: 'ada' | 'dana', reason?: string) =>
      world.click(who, 'review', { request: 'R-33333', hash, ...(reason !== undefined && { reason }) }, { clicked });
    const asked = JSON.stringify(presentChangeNews(run(), 'review-1', { as: 'decider' }).card);
    expect(asked).toContain(`"data":{"request":"R-33333","hash":"${hash}"}`);

    const refused = await press('ada', 'it went well');
    expect(refused).toMatchObject({ kind: 'message', text: expect.stringContaining('approvers, admins and auditors') });
    const empty = await press('dana');
    expect(empty).toMatchObject({ kind: 'card', reply: { text: expect.stringContaining('What is to be learnt') } });
    expect(world.signals).toEqual([]);

    const done = await press('dana', 'a scale set was forgotten');
    expect(done).toMatchObject({
      kind: 'card',
      reply: { text: expect.stringContaining('ubuntu-22 1.3.0 is reviewed') },
    });
    expect(world.signals).toMatchObject([{ kind: 'review', hash, body: { reason: 'a scale set was forgotten' } }]);
  });

  it('asks by a form from the card of the run, and whoever may not review for nothing', async () => {
    const world = dialogWorld();
    world.runs.set('R-33333', run() as never);
    const data = { request: 'R-33333', hash: run().planHash };
    const open = JSON.stringify(presentChange(run(), { now }).card);
    expect(open).toContain('"title":"Review"');
    const press = (who: 'ada' | 'dana') => world.click(who, 'review', data, { clicked: 'run:R-33333' });
    expect(await press('dana')).toMatchObject({
      kind: 'card',
      reply: { text: expect.stringContaining('What is to be') },
    });
    expect(await press('ada')).toMatchObject({ kind: 'message' });
  });

  it.each(['news:R-33333:review-1', 'run:R-33333'])('shows on %s to each what is theirs', async (clicked) => {
    const world = dialogWorld();
    world.runs.set('R-33333', {
      ...run(),
      actors: [{ oid: people.grace.oid, name: 'Grace', did: 'requested', at: now }],
    } as never);
    const sees = async (who: 'ada' | 'dana' | 'grace', byHand = false) => {
      const answer = await world.look(who, clicked, byHand);
      if (answer.kind !== 'card') return answer;
      return { titles: answer.reply.card?.actions.map(({ title }) => title), text: answer.reply.text };
    };
    const dana = await sees('dana');
    expect(dana).toMatchObject({ titles: expect.arrayContaining(['Write the review']) });
    const grace = await sees('grace');
    expect(grace).toMatchObject({
      titles: expect.not.arrayContaining(['Write the review', 'Review']),
      text: expect.stringContaining(
        'You requested the run: it waits for an approver, admin or auditor who took no part.',
      ),
    });
    const ada = await sees('ada');
    expect(ada).toMatchObject({
      titles: expect.arrayContaining(['Review']),
      text: expect.stringContaining('review R-33333 --reason'),
    });
    expect(ada).toMatchObject({ titles: expect.not.arrayContaining(['Write the review']) });
    expect(await sees('ada', true)).toMatchObject({ kind: 'message', text: expect.stringContaining('took no part') });
    expect(world.signals).toEqual([]);
  });

  it('waits until it is known who may', async () => {
    const silent = () => Promise.reject(new UserError('DIRECTORY_SILENT', 'silent', { hint: 'h' }));
    const world = dialogWorld({ directory: { memberOf: silent } });
    world.runs.set('R-33333', run() as never);
    const { text } = await world.say('dana', 'review R-33333 --reason "a scale set was forgotten"');
    expect(text).toContain('Microsoft Graph did not say which groups you are in');
  });

  it('is given up after a year, and its audit says so', async () => {
    const { limit } = review;
    const step = typeof limit === 'string' ? undefined : await limit.past({} as never, {} as never);
    expect(step).toEqual({ kind: 'to', stage: 'close', why: 'nobody reviewed it in a year' });
  });
});
