import type { Freeze } from '../../core/catalogue';
import {
  type ChangePlan,
  type ChangeRun,
  type Hold,
  type Lock,
  type Override,
  type PublishRun,
  planHash,
} from '../../core/runs';
import { presentChange } from '../../dialogs/present/change';
import { presentChangeNews } from '../../dialogs/present/change-news';
import { presentNews } from '../../dialogs/present/news';
import { presentRun } from '../../dialogs/present/run';
import { groups } from './support/catalogue';
import { anApproval, fixed } from './support/plan';
import { aRun, dialogWorld, now, people } from './support/world';

/** What people read about locks, freezes and overrides, word for word. */
const lines = (text: string) => text.split('\n');
const ada = { oid: people.ada.oid, name: 'Ada' };
const since = new Date('2026-11-22T09:00:00Z');
const lock = { image: 'ubuntu-22', by: ada, reason: 'openssl regression', since };
const lockWords = 'Locked by Ada since Sun 22 Nov, 09:00 UTC: “openssl regression”.';
const goesOn =
  'is under way: it goes on until it would build, copy to other regions or publish, and waits there. It can be cancelled meanwhile.';
const plan = { request: {}, approvalChannel: 'Image Factory / approvals', fixed };
const freeze: Hold = {
  ...{ kind: 'freeze', by: 'year end', why: 'the books are closed' },
  ...{ since: '2026-11-20T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' },
};
const frozenWords = 'Frozen until Tue 1 Dec, 00:00 UTC by the window “year end”: “the books are closed”.';
const held: Hold = { kind: 'lock', by: 'Ada', why: 'openssl regression', since: since.toISOString() };
const asked: Override = {
  reason: 'CVE',
  by: { oid: 'h', name: 'Heidi' },
  at: since.toISOString(),
  windows: ['year end'],
};
const confirmed: Override = { ...asked, confirmed: { by: { oid: 'g', name: 'Grace' }, at: since.toISOString() } };

const holding = (holds: readonly Hold[], override?: Override): PublishRun =>
  aRun('R-22222', {
    ...{ plan, planHash: planHash(fixed), stage: 'hold' },
    data: { held: { before: 'replicate', at: since.toISOString(), holds }, ...(override && { override }) },
  });

describe('lock', () => {
  it('asks in a form for the reason that is missing, and says nothing of what goldbot’s own button carries', async () => {
    const { text } = await dialogWorld().say('ada', 'lock ubuntu-22 --sure');
    expect(lines(text)).toContain('Given: image ubuntu-22');
  });

  it('tells first what it would do, and does it when that is confirmed', async () => {
    const world = dialogWorld();
    const asks = await world.say('ada', 'lock ubuntu-22 --reason "openssl regression"');
    expect(lines(asks.text).slice(0, 5)).toEqual([
      'Lock ubuntu-22?',
      'While it is locked, nobody can build or publish it. You or an admin can unlock it.',
      'No run of it is open.',
      'Whoever is held up is told your reason: “openssl regression”.',
      'Nothing has been done yet.',
    ]);
    expect(world.locks).toEqual([]);

    const done = await world.click('ada', 'lock', { image: 'ubuntu-22', reason: 'openssl regression', sure: true });
    expect(world.locks).toMatchObject([{ image: 'ubuntu-22', by: ada, reason: 'openssl regression' }]);
    expect(done.kind === 'post' && lines(done.reply.text).slice(0, 3)).toEqual([
      'ubuntu-22 is locked',
      expect.stringMatching(/^Locked by Ada since .*: “openssl regression”\.$/),
      'It cannot be built or published until you or an admin unlocks it. Anyone who tries is told so.',
    ]);
  });

  it('names the run that is under way', async () => {
    const world = dialogWorld();
    world.runs.set('R-22222', aRun('R-22222', { stage: 'test' }));
    expect((await world.say('ada', 'lock ubuntu-22 --reason x')).text).toContain(`R-22222 ${goesOn}`);
  });

  it('leaves a lock as it is, the own and that of others', async () => {
    const world = dialogWorld();
    world.locks.push(lock);
    expect(lines((await world.say('ada', 'lock ubuntu-22 --reason other --sure')).text).slice(0, 3)).toEqual([
      'You have locked ubuntu-22 already',
      lockWords,
      'It stays as it is; to give another reason, unlock it first.',
    ]);
    const other = await world.say('grace', 'lock ubuntu-22 --reason other --sure');
    expect(other.text).toContain(`ubuntu-22 is locked, so it stays as it is. ${lockWords}`);
    expect(world.locks).toEqual([lock]);
    expect(world.refusals).toMatchObject([{ subject: 'ubuntu-22', detail: { code: 'IMAGE_LOCKED' } }]);
  });

  it('is for publishers, and takes a reason', async () => {
    const world = dialogWorld();
    expect((await world.say('dana', 'lock ubuntu-22 --reason x')).text).toContain(
      '“lock” of ubuntu-22 needs the role publisher',
    );
    expect((await world.say('ada', 'lock ubuntu-22')).text).toContain('lock needs reason.');
  });
});

describe('unlock', () => {
  it('tells first who has locked it and what waits, and does it when that is confirmed', async () => {
    const world = dialogWorld();
    world.locks.push(lock);
    expect(lines((await world.say('grace', 'unlock ubuntu-22 --reason mended')).text).slice(0, 4)).toEqual([
      'Unlock ubuntu-22, which Ada has locked?',
      lockWords,
      'No run waits for it.',
      'Nothing has been done yet.',
    ]);
    world.runs.set('R-22222', holding([held]));
    expect(lines((await world.say('ada', 'unlock ubuntu-22 --reason mended')).text).slice(0, 3)).toEqual([
      'Unlock ubuntu-22?',
      lockWords,
      'R-22222 waits for it, and goes on at once.',
    ]);
    expect(world.locks).toEqual([lock]);
    const { text } = await world.say('grace', 'unlock ubuntu-22 --reason mended --sure');
    expect(text).toContain('R-22222 goes on, unless a freeze holds it.');
    expect(world.locks).toEqual([]);
    world.locks.push(lock);
    world.runs.clear();
    expect(lines((await world.say('ada', 'unlock ubuntu-22 --reason mended --sure')).text).slice(0, 3)).toEqual([
      'ubuntu-22 is unlocked',
      'It was locked by Ada since Sun 22 Nov, 09:00 UTC: “openssl regression”.',
      'It can be published again.',
    ]);
    expect(world.locks).toEqual([]);
  });

  it('is not for other publishers', async () => {
    const world = dialogWorld();
    world.locks.push({ ...lock, by: { oid: 'h', name: 'Heidi' } });
    expect((await world.say('ada', 'unlock ubuntu-22 --reason x --sure')).text).toContain(
      'Ask Heidi to unlock it; an admin can, too.',
    );
    expect(world.locks).toHaveLength(1);
  });

  it('is not for the admins of another image', async () => {
    const catalogue = dialogWorld().deps.catalogue();
    const ofWindows = {
      group: groups.publishers,
      name: 'windows-admins',
      role: 'admin' as const,
      images: ['windows-2022'],
    };
    const world = dialogWorld({ catalogue: () => ({ ...catalogue, roles: [...catalogue.roles, ofWindows] }) });
    world.locks.push({ ...lock, by: { oid: 'h', name: 'Heidi' } });
    expect((await world.say('ada', 'unlock ubuntu-22 --reason x --sure')).text).toContain('Ask Heidi to unlock it');
    expect(world.locks).toHaveLength(1);
    world.locks.push({ ...lock, image: 'windows-2022', by: { oid: 'h', name: 'Heidi' } });
    await world.say('ada', 'unlock windows-2022 --reason x --sure');
    expect(world.locks.map(({ image }) => image)).toEqual(['ubuntu-22']);
  });

  it('says when there is nothing to unlock', async () => {
    const { text } = await dialogWorld().say('ada', 'unlock ubuntu-22 --reason x');
    expect(lines(text).slice(0, 2)).toEqual(['ubuntu-22 is not locked', 'Nothing was done.']);
  });
});

describe('a lock is shown', () => {
  it('where people look: status, whoami, the card of an open run', async () => {
    const world = dialogWorld();
    world.locks.push(lock);
    expect((await world.say('ada', 'status ubuntu-22')).text).toContain(lockWords);
    expect((await world.say('ada', 'whoami')).text).toContain('Has locked: ubuntu-22');
    expect((await world.say('grace', 'whoami')).text).not.toContain('Has locked');
    const open = aRun('R-22222', { plan, stage: 'test' });
    expect(presentRun(open, { now, lock }).text).toContain(
      `${lockWords} It waits before it builds, copies or publishes.`,
    );
    expect(
      presentRun({ ...open, stage: 'cleanup', data: { ending: { outcome: 'cancelled', why: 'x' } } }, { now, lock })
        .text,
    ).not.toContain(lockWords);
  });

  it('to whoever would join the run that it holds', async () => {
    const world = dialogWorld();
    world.runs.set('R-22222', holding([held]));
    expect((await world.say('ada', 'publish ubuntu-22')).text).toContain('it is held by a lock or a freeze');
  });
});

describe('the plan of a publish', () => {
  const planned = async (window: Partial<Freeze> = {}, locks: readonly Lock[] = []) => {
    const { deps } = dialogWorld();
    const { azure, ...rest } = deps.catalogue();
    const zone = { name: 'year end', zone: 'UTC', reason: 'the books are closed' };
    const freeze = [{ ...zone, from: '2026-11-20', to: '2026-11-30', ...window }];
    const world = dialogWorld({
      catalogue: () => ({ ...rest, azure: { ...azure, freeze } }),
      read: {
        marketplaceVersions: async () => [{ version: '22.04.1' }],
        marketplaceVersion: async (_, __, version) => ({ version }),
        versions: async () => [],
        scaleSets: async () => ({ rows: [], asOf: now }),
      },
    });
    world.locks.push(...locks);
    return (await world.say('ada', 'publish ubuntu-22 --plan')).text;
  };

  it('warns of a lock, and offers nothing that would be refused', async () => {
    const text = await planned({ from: '2026-01-01', to: '2026-01-02' }, [lock]);
    expect(text).toContain(`${lockWords} Nothing is started until it is unlocked.`);
    expect(text).not.toContain('Frozen');
  });

  it.each<[string, Partial<Freeze>, string | undefined]>([
    ['is open', {}, `${frozenWords} A run waits for its end.`],
    [
      'begins within a week',
      { from: '2026-11-30 08:50', to: '2026-12-20 00:00' },
      'Frozen until Sun 20 Dec, 00:00 UTC by the window “year end”: “the books are closed”. It begins Mon 30 Nov, 08:50 UTC; what is not done by then waits.',
    ],
    ['begins later', { from: '2026-11-30 09:01', to: '2026-12-20 00:00' }, undefined],
    ['is for another image', { images: ['windows-2022'] }, undefined],
  ])('warns of a window that %s', async (_, window, words) => {
    const text = await planned(window);
    if (words === undefined) expect(text).not.toContain('Frozen');
    else expect(text).toContain(words);
  });
});

describe('the card of a held run', () => {
  it('tells a lock, and who can lift it', () => {
    const { text } = presentRun(holding([held]), { now });
    expect(lines(text)[0]).toBe('Held: ubuntu-22 1.6.0');
    expect(text).toContain(`${lockWords}\nIt goes on when Ada or an admin unlocks ubuntu-22.`);
    expect(text).not.toContain('override');
  });

  it('tells a freeze, and offers to override it', () => {
    const { text } = presentRun(holding([freeze]), { now });
    expect(text).toContain(
      `${frozenWords}\nIt goes on by itself once the window is over. An override takes a reason and a second person.`,
    );
    expect(text).toContain('override R-22222 --reason "…"');
    expect(text).not.toContain('confirm R-22222');
  });

  it('tells who asks to override it, and why, and offers to confirm that', () => {
    const { text } = presentRun(holding([freeze], asked), { now });
    expect(text).toContain(
      'Heidi asks to override that: “CVE”. An approver or admin who has no part in it must confirm.',
    );
    expect(text).toContain('confirm R-22222');
    expect(text).not.toContain('override R-22222');
  });

  it('tells ever after who overrode, why, and who confirmed, to deciders too', () => {
    const run = { ...holding([], confirmed), stage: 'approve' };
    const words = 'Heidi overrode the freeze “year end”: “CVE”; Grace confirmed it.';
    expect(presentRun(run, { now, approval: anApproval() }).text).toContain(words);
  });

  it('has a message beside it, which follows it', () => {
    const news = (run: PublishRun) => lines(presentNews(run, 'hold-1-approve').text);
    expect(news(holding([freeze])).slice(0, 2)).toEqual(['ubuntu-22 1.6.0 waits', frozenWords]);
    expect(news({ ...holding([freeze]), stage: 'replicate' }).slice(0, 2)).toEqual([
      'ubuntu-22 1.6.0 was held',
      'Nothing holds R-22222 any more.',
    ]);
  });

  it('has one for those who can confirm, which follows it', () => {
    const news = (run: PublishRun) => lines(presentNews(run, 'override-1').text);
    expect(news(holding([freeze], asked))).toEqual([
      'Let ubuntu-22 1.6.0 through the freeze?',
      frozenWords,
      'Heidi asks to override that for R-22222: “CVE”.',
      'An approver or admin who has no part in the run confirms it. Unless somebody does, the run waits.',
      'confirm R-22222 · status R-22222',
    ]);
    expect(news(holding([], confirmed))[1]).toBe('Heidi overrode the freeze “year end”: “CVE”; Grace confirmed it.');
    expect(news({ ...holding([freeze], asked), stage: 'replicate' }).slice(0, 2)).toEqual([
      'An override of R-22222 was asked for',
      'Nobody confirmed it, and it is not waited for any more.',
    ]);
  });
});

describe('an override that waits for a second person', () => {
  it.each(['news:R-22222:override-1', 'run:R-22222'])('shows on %s to each what is theirs', async (clicked) => {
    const world = dialogWorld();
    const overrider = { oid: people.ada.oid, name: 'Ada', did: 'overrode' as const, at: since };
    world.runs.set('R-22222', { ...holding([freeze], asked), actors: [overrider] });
    const sees = async (who: 'ada' | 'grace' | 'dana', byHand = false) => {
      const answer = await world.look(who, clicked, byHand);
      if (answer.kind !== 'card') return answer;
      const { card, text } = answer.reply;
      return { titles: card?.actions.map(({ title }) => title), refreshes: card?.['refresh'] !== undefined, text };
    };
    const confirm = 'Confirm the override';
    expect(await sees('grace')).toMatchObject({ titles: expect.arrayContaining([confirm]), refreshes: true });
    expect(await sees('ada')).toMatchObject({
      titles: expect.not.arrayContaining([confirm, 'Decide']),
      text: expect.stringContaining('You asked for it: it waits for an approver or admin who has no part in the run.'),
    });
    // What an old client goes on showing: nothing confirms there, and the sentence that does is said.
    const everybodys = await sees('dana');
    expect(everybodys).toMatchObject({
      titles: expect.arrayContaining(['Decide']),
      text: expect.stringContaining('confirm R-22222'),
    });
    expect(everybodys).toMatchObject({ titles: expect.not.arrayContaining([confirm]) });
    expect(await sees('dana', true)).toMatchObject({
      kind: 'message',
      text: expect.stringContaining('confirms the override of R-22222'),
    });
    expect(world.overrides).toEqual([]);
  });
});

describe('override and confirm', () => {
  it('say what comes next', async () => {
    const world = dialogWorld();
    world.runs.set('R-22222', holding([freeze], asked));
    expect(lines((await world.say('ada', 'override R-22222 --reason CVE')).text).slice(0, 3)).toEqual([
      'You asked to let R-22222 through the freeze',
      'Nothing is let through yet: an approver or admin who has no part in R-22222 confirms it. They are asked where the run is approved.',
      'As of now you have a part in it, and cannot decide about it. Your reason is shown on its cards: “CVE”.',
    ]);
    expect(lines((await world.say('grace', 'confirm R-22222')).text).slice(0, 3)).toEqual([
      'R-22222 goes through the freeze',
      'Heidi asked for it: “CVE”. You confirmed it.',
      'It goes on now, unless a lock holds it. Its cards name you both.',
    ]);
    expect(world.overrides).toMatchObject([
      { request: 'R-22222', reason: 'CVE', person: { oid: people.ada.oid } },
      { request: 'R-22222', person: { oid: people.grace.oid } },
    ]);
    expect(world.overrides[1]).not.toHaveProperty('reason');
  });

  it('do nothing for a click on a card of another plan, or without a reason', async () => {
    const world = dialogWorld();
    world.runs.set('R-22222', holding([freeze], asked));
    const old = await world.click('grace', 'confirm', { request: 'R-22222', hash: 'a'.repeat(64) });
    expect(old).toMatchObject({ kind: 'message', text: expect.stringContaining('That card is old') });
    const hash = planHash(fixed);
    const card = { clicked: 'run:R-22222' };
    const blank = await world.click('ada', 'override', { request: 'R-22222', hash, reason: '' }, card);
    expect(blank).toMatchObject({ kind: 'card', reply: { text: expect.stringContaining('Override R-22222?') } });
    expect(JSON.stringify(blank)).toContain('It needs a reason, for those who follow the run. Nothing is done yet.');
    expect(world.overrides).toEqual([]);
  });
});

describe('a held change', () => {
  const remediate: ChangePlan = {
    verb: 'remediate',
    machineId: '/m',
    assignment: '/a',
    policy: 'baseline',
    target: 'vm-1',
    team: 'payments',
  };
  const change = (data: ChangeRun['data'], stage = 'hold') =>
    ({
      ...aRun('R-33333'),
      kind: 'change',
      subject: 'x',
      plan: remediate,
      planHash: 'h',
      stage,
      data,
    }) as unknown as ChangeRun;
  const waits = { before: 'apply', at: since.toISOString(), holds: [freeze] };

  it('tells what holds it, and offers to override or cancel it', () => {
    const { text } = presentChange(change({ held: waits }), { now });
    expect(text).toContain(`! ${frozenWords}`);
    expect(text).toContain('override R-33333 --reason "…"');
    expect(text).toContain('cancel R-33333 --reason "…"');
    expect(presentChange(change({ held: waits, override: asked }), { now }).text).toContain('confirm R-33333');
  });

  it('tells who overrode it', () => {
    const { text } = presentChange(change({ override: confirmed }, 'apply'), { now });
    expect(text).toContain('! Heidi overrode the freeze “year end”: “CVE”; Grace confirmed it.');
  });

  it('has messages beside it', () => {
    expect(lines(presentChangeNews(change({ held: waits }), 'hold').text)[0]).toBe('remediate vm-1 waits');
    expect(lines(presentChangeNews(change({ held: waits, override: asked }), 'override-1').text)[0]).toBe(
      'Let remediate vm-1 through the freeze?',
    );
  });
});
