import { tattooReader } from '../../core/images';
import type { UpgradeQuestion } from '../../core/lifecycle';
import {
  type Approval,
  type ChangeData,
  type DeferPlan,
  type ExemptPlan,
  exemptionId,
  type TattooPlan,
  tattooCommandName,
} from '../../core/runs';
import { days, hours, minutes, seconds } from '../../core/time';
import { defer, shownWhereAsked } from '../../workflows/change/defer';
import { classify, readTattoo } from '../../workflows/change/machines';
import { exempt, rescan } from '../../workflows/change/policies';
import { restrict } from '../../workflows/change/restrict';
import { apply, approve, type ChangeContext, type ChangeKind, type Next, verify } from '../../workflows/change/stages';
import { exampleCatalogue } from '../support/catalogue';
import { unheld } from '../support/unheld';

/** Each step of a change whole: what is kept, what is shown, and what is asked of Azure. */
const now = new Date('2026-11-23T09:00:00Z');
const ago = (ms: number): string => new Date(now.getTime() - ms).toISOString();
const id = 'R-22222';
const vm = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm-1';

interface Given {
  readonly data?: ChangeData;
  readonly plan?: object;
  readonly read?: object;
  readonly approval?: Partial<Approval>;
  readonly inbox?: readonly object[];
}

function world({ data = {}, plan = {}, read = {}, approval, inbox = [] }: Given) {
  const asked: unknown[] = [];
  const write = new Proxy(
    {},
    {
      get:
        (_, name) =>
        async (...args: unknown[]) =>
          void asked.push([name, ...args]),
    },
  );
  const run = { id, data, plan, planHash: 'h', actors: [], stage: 'x' };
  return { asked, context: { run, now, read, write, inbox, approval } as unknown as ChangeContext };
}

/** What a kind of change would do next; a write is made. */
async function next<Plan>(kind: { next(context: ChangeContext, plan: Plan): Promise<Next> }, plan: Plan, given: Given) {
  const { context, asked } = world({ ...given, plan: plan as object });
  const made = await kind.next(context, plan);
  const data = made.kind === 'do' ? await made.act() : undefined;
  const { act: _, ...told } = made as Next & { act?: unknown };
  return { told, asked, data };
}

describe('classifying a machine', () => {
  const plan = { verb: 'classify', machineId: vm, target: 'vm-1', team: 'web', model: 'pet' } as const;
  const tagged = (tags?: object, data: ChangeData = {}) =>
    next(classify, plan, { data, read: { tagsOf: async () => tags } });

  it('writes the tag, and no other', async () => {
    const { told, asked, data } = await tagged({ team: 'web', 'service-model': 'cattle' });
    expect([told, data]).toEqual([{ kind: 'do', progress: 'setting the tag' }, {}]);
    expect(asked).toEqual([['mergeTags', vm, { 'service-model': 'pet' }]]);
  });

  it.each([
    [{ before: 'cattle' }, 'Before: cattle.'],
    [{ before: 'pet' }, 'It already had that tag.'],
    [{}, 'It already had that tag.'],
  ])('is so when Azure says so: %j', async (data, words) => {
    const { told } = await tagged({ 'service-model': 'pet' }, data);
    const outcome = `vm-1 is pet. ${words} Resource Graph, and with it compliance and digests, follows in a few minutes.`;
    expect(told).toEqual({ kind: 'so', outcome });
  });

  it('fails without a machine', async () => {
    expect((await tagged()).told).toEqual({ kind: 'failed', why: 'vm-1 is gone: Azure no longer has it.' });
  });

  it.each([
    [undefined, 'undecided'],
    [{}, 'undecided'],
    [{ 'service-model': 'cattle' }, 'cattle'],
  ])('tells beforehand what it was: %j', async (tags, before) => {
    const { context } = world({ read: { tagsOf: async () => tags } });
    expect(await classify.survey(context, plan)).toEqual({ before });
  });
});

describe('reading a tattoo', () => {
  const plan: TattooPlan = {
    verb: 'tattoo',
    machineId: vm,
    target: 'vm-1',
    team: 'web',
    os: 'Linux',
    location: 'westeurope',
  };
  const name = tattooCommandName(id);
  const facts = { imageReference: 'Canonical:o:22_04-lts:1.0', osName: 'ubuntu', osVersion: '22.04' };
  const kind = readTattoo({ catalogue: exampleCatalogue, recorded: async () => undefined } as never);
  const reading = (result: object, data: ChangeData = {}, machines: readonly object[] = [facts], of = plan) =>
    next(kind, of, {
      data,
      read: { command: async () => result, machines: async () => machines, version: async () => undefined },
    });
  const done = (change: object) => ({ state: 'done', exitCode: 0, output: '', error: '', ...change });

  it.each([
    ['Linux', 'cat /etc/goldbot/tattoo'],
    ['Windows', tattooReader.Windows],
  ] as const)('asks a %s machine', async (os, script) => {
    const { told, asked } = await reading({ state: 'absent' }, {}, [facts], { ...plan, os });
    expect(told).toEqual({ kind: 'do', progress: 'asking the machine' });
    expect(asked).toEqual([['runCommand', { id: vm, location: 'westeurope' }, { name, script, timeoutSeconds: 60 }]]);
  });

  it.each([
    [undefined, { kind: 'wait', progress: 'the machine reads its tattoo' }],
    [minutes(10), { kind: 'wait', progress: 'the machine reads its tattoo' }],
    [minutes(10) + 1, { kind: 'do', progress: 'the machine did not answer' }],
  ])('waits for its answer: after %s ms', async (ms, expected) => {
    const { told, data } = await reading({ state: 'running' }, ms === undefined ? {} : { waitingSince: ago(ms) });
    expect(told).toMatchObject(expected);
    expect(data).toEqual(expected.kind === 'do' ? { gaveUp: true } : undefined);
  });

  it('keeps what it said, as much as anybody reads', async () => {
    const { told, data } = await reading(done({ exitCode: 1, output: 'o'.repeat(5_000), error: 'e'.repeat(2_000) }));
    expect(told).toEqual({ kind: 'do', progress: 'the machine has answered' });
    expect(data).toEqual({ guest: { exitCode: 1, output: 'o'.repeat(4_000), error: 'e'.repeat(1_000) } });
  });

  const guest = { exitCode: 0, output: 'x', error: '' };
  it('removes the command, once, before it judges', async () => {
    const first = await reading(done({}), { guest });
    expect(first.asked).toEqual([['deleteCommand', vm, name]]);
    expect([first.told, first.data]).toEqual([
      { kind: 'do', progress: 'removing the command from the machine' },
      { removingSince: now.toISOString() },
    ]);
    const again = await reading(done({}), { guest, removingSince: ago(minutes(10)) });
    expect([again.told, again.asked]).toMatchObject([
      { kind: 'wait', progress: 'removing the command from the machine' },
      [],
    ]);
  });

  it('judges although the command stays, and says that it does', async () => {
    const gone = await reading({ state: 'absent' }, { guest, removingSince: ago(1) });
    const stays = await reading(done({}), { guest, removingSince: ago(minutes(10) + 1) });
    expect(gone.told).toMatchObject({ kind: 'so', data: { judgement: expect.any(Object) } });
    expect(gone.told).not.toHaveProperty(['data', 'commandLeft']);
    expect(stays.told).toMatchObject({ kind: 'so', data: { commandLeft: name, judgement: expect.any(Object) } });
  });

  it.each([
    ['is gone', { state: 'absent' }, 'the command was removed from it'],
    ['stays', done({}), 'Azure has not removed the command from it yet'],
  ])('fails when the machine did not answer; the command %s', async (_, result, words) => {
    const { told } = await reading(result, { gaveUp: true, removingSince: ago(minutes(10) + 1) });
    const why = `vm-1 did not answer within 10 minutes; ${words}. Check that it is running and that its VM agent is ready, then ask again.`;
    expect(told).toEqual({ kind: 'failed', why });
  });

  it('fails without a machine', async () => {
    const { told } = await reading({ state: 'absent' }, { guest }, []);
    expect(told).toEqual({ kind: 'failed', why: 'vm-1 is gone: Azure no longer has it.' });
  });

  it.each([
    ['a text', { exitCode: 0, output: 'x', error: 'Permission denied' }, undefined],
    ['no file', { exitCode: 1, output: '', error: 'cat: x: No such file or directory' }, undefined],
    ['no key', { exitCode: 1, output: '', error: 'Cannot find path HKLM' }, undefined],
    ['no property', { exitCode: 1, output: '', error: 'tattoo does not exist at HKLM' }, undefined],
    ['a script that could not run', { exitCode: 126, output: '', error: ' Permission denied\nmore' }, 126],
    ['a script that said nothing', { exitCode: 137, output: '', error: '' }, 137],
  ])('knows %s from a script that could not run', async (_, said, exitCode) => {
    const { told } = await reading({ state: 'absent' }, { guest: said });
    const text = JSON.stringify(told);
    expect([text.includes('Permission denied'), text.includes('more')]).toEqual([exitCode === 126, false]);
    expect(text.includes(`${exitCode}`)).toBe(exitCode !== undefined);
  });
});

describe('an exemption', () => {
  const plan: ExemptPlan = {
    ...{ verb: 'exempt', policy: 'Baseline', machineId: vm, target: 'vm-1', team: 'web', assignment: '/a' },
    ...{ until: '2026-12-01T00:00:00.000Z', reason: 'why' },
  };
  const found = (exemption?: object, of = plan) => next(exempt, of, { read: { exemption: async () => exemption } });
  const written = {
    assignment: '/a',
    title: 'vm-1: Baseline',
    reason: 'why',
    expiresAt: new Date(plan.until),
    run: id,
  };

  it.each([
    ['there is none', undefined],
    ['it ends on another day', { expiresAt: now, reason: 'why' }],
    ['it has another reason', { expiresAt: new Date(plan.until), reason: 'other' }],
    ['it has no end', { reason: 'why' }],
  ])('is written when %s', async (_, exemption) => {
    const { told, asked } = await found(exemption);
    expect(told).toEqual({ kind: 'do', progress: 'writing the exemption' });
    expect(asked).toEqual([['putExemption', exemptionId(plan), written]]);
  });

  it('is of one definition when its plan is, and its title fits', async () => {
    const of = { ...plan, reference: 'ref', policy: 'p'.repeat(200) };
    const { asked } = await found(undefined, of);
    expect(asked).toMatchObject([
      ['putExemption', exemptionId(of), { reference: 'ref', title: `vm-1: ${'p'.repeat(122)}` }],
    ]);
  });

  it('is so when Azure has it, and fails when its day has come', async () => {
    const so = await found({ expiresAt: new Date(plan.until), reason: 'why' });
    expect(so.told).toEqual({ kind: 'so', outcome: 'vm-1 is exempt from Baseline until 1 Dec 2026.' });
    const late = await found(undefined, { ...plan, until: now.toISOString() });
    expect(late.told).toEqual({
      ...{ kind: 'failed', why: '23 Nov 2026 has passed; nothing was exempted. Ask again with a later day.' },
    });
    expect((await found(undefined, { ...plan, until: new Date(now.getTime() + 1).toISOString() })).told.kind).toBe(
      'do',
    );
  });
});

describe('an evaluation', () => {
  const plan = { verb: 'rescan', target: 'web', team: 'web', scopes: ['/a', '/b'] } as never;
  const look = (evaluations: Record<string, string>, done: readonly string[] = []) =>
    next(rescan, plan, {
      ...{ data: { evaluations } },
      read: { evaluation: async (url: string) => (done.includes(url) ? 'done' : 'running') },
    });

  it('is started for one scope after the other', async () => {
    const { context } = world({ data: { evaluations: {} } });
    const started = await rescan.next({ ...context, write: { startEvaluation: async () => 'url' } } as never, plan);
    expect(started.kind === 'do' && (await started.act())).toEqual({ evaluations: { '/a': 'url' } });
    const first = await look({});
    expect([first.told, first.asked]).toEqual([
      { kind: 'do', progress: '1 of 2 scopes started' },
      [['startEvaluation', '/a']],
    ]);
    const second = await look({ '/a': 'url-a' });
    expect(second.told).toEqual({ kind: 'do', progress: '2 of 2 scopes started' });
    expect([second.asked, second.data]).toEqual([
      [['startEvaluation', '/b']],
      { evaluations: { '/a': 'url-a', '/b': '' } },
    ]);
  });

  it('is over when every scope is', async () => {
    const one = await look({ '/a': 'url-a', '/b': 'url-b' }, ['url-b']);
    expect(one.told).toMatchObject({
      ...{ kind: 'wait', progress: 'Azure has evaluated 1 of 2 scopes', wait: { ms: hours(4) } },
      data: { evaluations: { '/a': 'url-a', '/b': '' } },
    });
    const all = await look({ '/a': 'url-a', '/b': '' }, ['url-a']);
    expect(all.told).toMatchObject({ kind: 'so', data: { evaluations: { '/a': '', '/b': '' } } });
  });

  it('tells beforehand how many scopes there are', async () => {
    const many = (scopes: readonly string[]) => rescan.survey(world({}).context, { scopes } as never);
    expect([await many(['/a']), await many(['/a', '/b'])]).toEqual([
      { before: '1 scope to evaluate' },
      { before: '2 scopes to evaluate' },
    ]);
  });
});

describe('a restriction', () => {
  const targets = [
    { scope: '/a', name: 'n', notScopes: [], buildGroups: [] },
    { scope: '/b', name: 'n', notScopes: [], buildGroups: [] },
  ];
  const look = (effect: string, state: object, other: object = state) =>
    next(
      restrict({ catalogue: exampleCatalogue }),
      { verb: 'restrict', target: 'web', team: 'web', effect, galleries: ['/g'], dryRun: [], targets } as never,
      {
        read: { restriction: async ({ scope }: { scope: string }) => (scope === '/a' ? state : other) },
      },
    );
  const assigned = { enforced: true, effect: 'deny', galleries: ['/g'], notScopes: [], buildGroups: [] };

  it.each([
    ['the definition', {}, undefined, 'writing the definition (1 of 2)', [['defineRestriction', '/a']]],
    [
      'the assignment',
      { defined: true },
      undefined,
      'writing the assignment (1 of 2)',
      [['assignRestriction', targets[0], { effect: 'deny', galleries: ['/g'] }]],
    ],
    [
      'the next target',
      { defined: true, assigned },
      {},
      'writing the definition (2 of 2)',
      [['defineRestriction', '/b']],
    ],
  ])('writes %s, one at a time', async (_, state, other, progress, asked) => {
    const made = await look('deny', state, other);
    expect([made.told, made.asked]).toEqual([{ kind: 'do', progress }, asked]);
  });

  it('is lifted where there is one', async () => {
    const made = await look('off', { defined: true }, { defined: true, assigned });
    expect(made.told).toEqual({ kind: 'do', progress: 'lifting the restriction (2 of 2)' });
    expect(made.asked).toEqual([['removeRestriction', targets[1]]]);
  });
});

describe('a restriction that follows the ends of life', () => {
  const target = { scope: '/a', name: 'n', notScopes: [], buildGroups: [] };
  const plan = { verb: 'restrict', target: 'web', team: 'web', effect: 'deny', galleries: ['/g'], dryRun: [] } as const;
  const is = { enforced: true, effect: 'deny', galleries: ['/g'], notScopes: [], buildGroups: [], pastEnd: ['/old'] };
  const look = (assigned: object | undefined, more: object, defined = true) =>
    next(restrict({ catalogue: exampleCatalogue }), { ...plan, targets: [target], ...more } as never, {
      read: {
        restriction: async () => ({ defined, ...(assigned && { assigned }) }),
        publishedVersions: async () => ({ rows: [] }),
      },
    });
  const byItself = { pastEnd: true, byItself: { decided: 'R-22222' } };

  it('is brought to what is past its end now; asked for without, it lets all of that through again', async () => {
    const settings = { effect: 'deny', galleries: ['/g'] };
    expect((await look(is, byItself)).asked).toEqual([['assignRestriction', target, { ...settings, pastEnd: [] }]]);
    expect((await look(is, {})).asked).toEqual([['assignRestriction', target, settings]]);
    expect((await look(is, byItself, false)).asked).toEqual([['defineRestriction', '/a']]);
  });

  it.each([
    ['was lifted', undefined],
    ['has another effect', { ...is, effect: 'audit' }],
    ['is not enforced', { ...is, enforced: false }],
    ['leaves out another scope', { ...is, notScopes: ['/a/b'] }],
  ])('is left alone by goldbot itself where it %s, and it says so', async (_, assigned) => {
    const made = await look(assigned, byItself);
    expect(made.asked).toEqual([]);
    expect(made.told).toMatchObject({ kind: 'so', outcome: expect.stringContaining('decided in R-22222.') });
    expect(made.told).toMatchObject({ outcome: expect.stringContaining('1 scope is restricted otherwise by now') });
    // Asked for by people it is made so all the same.
    expect((await look(assigned, { pastEnd: true })).asked).toHaveLength(1);
  });
});

describe('making a change', () => {
  const kind = (made: Next) => () => ({ next: async () => made }) as unknown as ChangeKind<never>;
  const write = (data = {}): Next => ({ kind: 'do', progress: 'p', act: async () => data });
  const applied = (made: Next, data: ChangeData = {}, approval?: Partial<Approval>) =>
    apply(kind(made) as never, unheld).run(world({ data, ...(approval && { approval }) }).context);

  it.each([
    ['the first time', {}, { begunAt: now.toISOString(), repeats: 0 }],
    ['another thing', { progress: 'q', repeats: 3, begunAt: 'then' }, { begunAt: 'then', repeats: 0 }],
    ['the same once more', { progress: 'p', begunAt: 'then' }, { begunAt: 'then', repeats: 1 }],
    ['the same for the last time', { progress: 'p', repeats: 11, begunAt: 'then' }, { begunAt: 'then', repeats: 12 }],
  ])('writes %s, and looks in three seconds', async (_, before, kept) => {
    expect(await applied(write({ evaluations: {} }), before)).toEqual({
      ...{ kind: 'again', ms: seconds(3) },
      data: { waitingSince: undefined, evaluations: {}, progress: 'p', ...kept },
    });
  });

  it('gives up what is undone each time', async () => {
    const made = await applied(write(), { progress: 'p', repeats: 12 });
    const why =
      'Azure accepted it 12 times (p), and each time it was not so afterwards: somebody or something undoes it.';
    expect(made).toEqual({
      ...{ kind: 'end', outcome: 'failed', audit: { how: 'failed', said: why } },
      data: { progress: undefined, waitingSince: undefined, ending: { how: 'failed', why } },
    });
  });

  it('verifies what needs no write, with what is known', async () => {
    expect(await applied({ kind: 'so', outcome: 'x', data: { before: 'b' } })).toEqual({
      kind: 'to',
      stage: 'verify',
      data: { before: 'b' },
    });
    expect(await applied({ kind: 'failed', why: 'x' })).toEqual({ kind: 'to', stage: 'verify', data: {} });
  });

  const lapsed = {
    status: 'approved',
    askedAt: new Date(now.getTime() - days(4)),
    expiresAt: new Date(now.getTime() - days(2)),
    decisions: [],
  } as const;
  it('asks again before it begins on an approval that is too old, and not once it has begun', async () => {
    expect(await applied(write(), {}, lapsed)).toEqual({ kind: 'to', stage: 'approve' });
    expect(await applied(write(), { begunAt: 'then' }, lapsed)).toMatchObject({ kind: 'again' });
    expect(await applied(write(), {}, { ...lapsed, expiresAt: new Date(now.getTime() + 1) })).toMatchObject({
      kind: 'again',
    });
    expect(await applied(write(), {}, { ...lapsed, status: 'pending' })).toMatchObject({ kind: 'again' });
  });

  const verified = (made: Next, data: ChangeData = {}) => verify(kind(made) as never).run(world({ data }).context);
  it.each([
    [{ kind: 'so', outcome: 'It is.', data: { before: 'b' } } as Next, 'done', 'It is.', { before: 'b' }],
    [{ kind: 'failed', why: 'It is not.' } as Next, 'failed', 'It is not.', {}],
  ])('ends with %j', async (made, how, why, data) => {
    expect(await verified(made)).toEqual({
      ...{ kind: 'end', outcome: how, audit: { how, said: why, by: undefined } },
      data: { progress: undefined, waitingSince: undefined, ...data, ending: { how, why } },
    });
  });

  const wait: Next = {
    kind: 'wait',
    progress: 'p',
    wait: { waitsFor: 'x', ms: minutes(10), afterwards: 'y' },
    data: { before: 'b' },
  };
  it.each([
    [undefined, now.toISOString()],
    [ago(minutes(10)), ago(minutes(10))],
  ])('waits since %s', async (waitingSince, since) => {
    const made = await verified(wait, waitingSince === undefined ? {} : { waitingSince });
    expect(made).toEqual({ kind: 'again', ms: seconds(15), data: { before: 'b', progress: 'p', waitingSince: since } });
  });

  it('does not wait for ever, and writes again what was undone', async () => {
    expect(await verified(wait, { waitingSince: ago(minutes(10) + 1) })).toMatchObject({
      ...{ kind: 'end', outcome: 'failed' },
      data: {
        ending: {
          why: 'Azure accepted it 10 minutes ago and is not done: p. Look at it in the Azure portal; the same command again continues from there.',
        },
      },
    });
    expect(await verified(write())).toEqual({ kind: 'to', stage: 'apply' });
  });
});

describe('asking about a change', () => {
  const rule = { group: 'g', groupName: 'Approvers', quorum: 1 };
  const asked = { rule, ttlMs: days(3), channel: 'c' };
  const deciders = { size: 2, count: 2, ids: ['a', 'b'] };
  const open = {
    planHash: 'h',
    rule,
    status: 'pending',
    askedAt: now,
    expiresAt: new Date(now.getTime() + days(3)),
    decisions: [],
  };
  const looked = (approval?: object, given: Given = {}) =>
    approve({ deciders: async () => deciders as never }).run(
      world({ plan: { approval: asked }, ...(approval && { approval: approval as never }), ...given }).context,
    );
  const ask = { kind: 'ask', ...asked, lookMs: hours(6), data: { deciders } };

  it.each([
    ['nobody was asked', undefined, ask],
    ['another plan was asked about', { ...open, planHash: 'other', status: 'approved' }, ask],
    [
      'the approval is too old',
      { ...open, status: 'approved', askedAt: new Date(now.getTime() - days(3)), expiresAt: now },
      { ...ask, voids: { why: 'outlived' } },
    ],
  ])('asks when %s', async (_, approval, expected) => {
    expect(await looked(approval)).toEqual(expected);
  });

  it.each([
    ['in six hours', open, hours(6)],
    ['when it expires', { ...open, expiresAt: new Date(now.getTime() + 500) }, 500],
    ['at once', { ...open, expiresAt: new Date(now.getTime() - 500) }, 0],
  ])('looks again %s', async (_, approval, ms) => {
    expect(await looked(approval)).toEqual({ kind: 'again', ms, data: { deciders } });
    expect(await looked(approval, { data: { deciders } as never })).toEqual({ kind: 'again', ms, data: {} });
  });

  const decision = { oid: 'x', name: 'Grace', verdict: 'reject', reason: 'no', via: 'text', at: now };
  it.each([
    ['rejected', { decisions: [decision] }, 'refused', 'no', 'Grace'],
    ['rejected', { decisions: [{ ...decision, reason: null }] }, 'refused', 'no reason given', 'Grace'],
    ['rejected', {}, 'refused', 'no reason given', undefined],
    ['withdrawn', { closed: { at: now, by: 'Ada', why: 'later' } }, 'withdrawn', 'later', 'Ada'],
    ['void', {}, 'withdrawn', 'no reason given', undefined],
  ])('ends when it is %s: %j', async (status, more, how, why, by) => {
    const made = await looked({ ...open, status, ...more });
    expect(made).toMatchObject({
      kind: 'end',
      outcome: 'cancelled',
      data: { ending: { how, why, ...(by && { by }) } },
    });
    if (!by) expect(made).not.toHaveProperty(['data', 'ending', 'by']);
  });

  it('expires, is approved, needs nobody, is cancelled', async () => {
    expect(await looked({ ...open, status: 'expired' })).toMatchObject({
      kind: 'end',
      outcome: 'expired',
      data: { ending: { how: 'expired' } },
    });
    expect(await looked({ ...open, status: 'approved' })).toEqual({ kind: 'to', stage: 'apply' });
    expect(await looked(undefined, { plan: {} })).toEqual({ kind: 'to', stage: 'apply' });
    const cancel = { kind: 'cancel', by: { name: 'Ada' }, body: {} };
    expect(await looked(open, { inbox: [{ kind: 'withdraw' }, cancel] })).toMatchObject({
      ...{ outcome: 'cancelled', audit: { how: 'cancelled', said: 'no reason given', by: 'Ada' } },
    });
  });
});

describe('a deferral', () => {
  const until = new Date(now.getTime() + days(1));
  const plan: DeferPlan = {
    ...{ verb: 'defer', target: 'ubuntu-22 for web', team: 'web', image: 'ubuntu-22', reason: 'closing' },
    ...{ sets: [{ id: '/s/front', name: 'front', asks: 'hook' }], until: until.toISOString() },
  };
  const question = (more: Partial<UpgradeQuestion> = {}): UpgradeQuestion => ({
    ...{ name: 'q', waiting: ['/s/front'], otherwise: 'approve', until: new Date(now.getTime() + hours(1)) },
    ...{ latest: new Date(now.getTime() + days(2)), ...more },
  });
  const asking = (...questions: UpgradeQuestion[]) =>
    world({ plan, read: { upgradeQuestions: async () => questions, scaleSets: async () => ({ rows: [] }) } });
  const kind = defer({ catalogue: exampleCatalogue });
  const survey = (...questions: UpgradeQuestion[]) => kind.survey(asking(...questions).context, plan);

  it('says what Azure would have done, and how long it waits', async () => {
    expect(await survey(question())).toEqual({
      before: 'Azure would have begun with front at Mon 23 Nov, 10:00 UTC',
      warnings: [],
    });
    expect((await survey(question({ otherwise: 'reject' }))).before).toContain('Azure would not have begun with front');
    expect((await survey(question({ latest: until }))).warnings).toEqual([
      'Azure waits with front until Tue 24 Nov, 09:00 UTC at most: then it begins by itself, so that hardly anybody can be asked again.',
    ]);
    expect(await survey()).toEqual({
      before: 'Azure showed no question',
      warnings: ['What Azure begins to ask about front is put off as well, as far as Azure lets.'],
    });
  });

  it('is refused where Azure does not wait as long', async () => {
    const refused = survey(question({ latest: new Date(now.getTime() + hours(5)) }));
    await expect(refused).rejects.toMatchObject({
      message: expect.stringContaining('Azure waits with front no longer: Mon 23 Nov, 14:00 UTC. Nothing was put off.'),
      hint: 'Name an earlier end.',
    });
  });

  it('puts off what Azure asks until people had an hour to answer, as far as Azure lets, and once', async () => {
    const early = async (...questions: UpgradeQuestion[]) => {
      const { context, asked } = asking(...questions);
      const next = await kind.early?.(context, plan);
      if (next?.kind === 'do') await next.act();
      return asked;
    };
    const wanted = new Date(until.getTime() + hours(1));
    expect(await early(question())).toEqual([['putOffQuestion', '/s/front', 'q', wanted]]);
    expect(await early(question({ latest: until }))).toEqual([['putOffQuestion', '/s/front', 'q', until]]);
    expect(await early(question({ until: wanted }), question({ name: 'r' }))).toEqual([
      ['putOffQuestion', '/s/front', 'r', wanted],
    ]);
    expect(await early(question({ until: wanted }))).toEqual([]);
  });

  it('puts off what Azure asks about a set of the team that got its hook since, and about no other', async () => {
    const set = (name: string, more: object = {}) => ({
      ...{ id: `/s/${name}`, name, tags: { team: 'web' }, selfUpgrading: true, asks: 'hook', ...more },
      ...{ subscription: 's', resourceGroup: 'g' },
    });
    const rows = [set('front'), set('data', { tags: { team: 'data' } }), set('slow', { asks: 'deferral' }), set('new')];
    const upgradeQuestions = async (id: string) => (id === '/s/front' ? [] : [question()]);
    const read = { upgradeQuestions, scaleSets: async () => ({ rows }), managementGroups: async () => new Map() };
    const { context, asked } = world({ plan, read });
    const next = await kind.early?.(context, plan);
    if (next?.kind === 'do') await next.act();
    expect(asked).toEqual([['putOffQuestion', '/s/new', 'q', new Date(until.getTime() + hours(1))]]);
  });

  it('is shown where the team was asked as soon as it begins and as it ends', async () => {
    const ask = { team: 'web', image: 'ubuntu-22', topic: 'asks:a', channel: 'web / ops' };
    const others = [
      { ...ask, team: 'data', topic: 'asks:b' },
      { ...ask, topic: 'asks:c', over: 'since' },
    ];
    const asks = async () => ({ asOf: '', asks: [ask, ask, ...others] }) as never;
    const cardsOf = async (step: object, of: object = plan) => {
      const stage = shownWhereAsked({ asks })({
        name: 'plan',
        limit: 'at once',
        takes: [],
        run: async () => step as never,
      });
      return (await stage.run(world({ plan: of }).context)).cards;
    };
    const shown = [{ topic: 'asks:a', channel: 'web / ops', kind: 'asks' }];
    expect(await cardsOf({ kind: 'to', stage: 'wait' })).toEqual(shown);
    expect(await cardsOf({ kind: 'end', outcome: 'cancelled' })).toEqual(shown);
    expect(await cardsOf({ kind: 'again', ms: 1 })).toBeUndefined();
    expect(await cardsOf({ kind: 'to', stage: 'wait' }, { ...plan, verb: 'rollout' })).toBeUndefined();
  });
});
