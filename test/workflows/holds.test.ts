import type { GalleryVersion } from '../../core/azure';
import type { Freeze } from '../../core/catalogue';
import { fingerprintOf } from '../../core/images';
import {
  type ChangePlan,
  type Hold,
  type Lock,
  type Override,
  type PublishData,
  planHash,
  type Signal,
} from '../../core/runs';
import { days, hours, minutes, seconds } from '../../core/time';
import { apply, type ChangeKind, hold as holdChange } from '../../workflows/change/stages';
import type { HoldDeps } from '../../workflows/holds';
import { customise } from '../../workflows/publish/build';
import { hold } from '../../workflows/publish/hold';
import { publish, replicate } from '../../workflows/publish/publish';
import type { PublishContext } from '../../workflows/publish/stage';
import { anApproval, aVersion, fixed } from '../dialogs/support/plan';
import { aRun, now } from '../dialogs/support/world';

/** What locks and freezes hold, before which write, and how a run gets past them. */
const ada = { oid: 'a', name: 'Ada' };
const lock: Lock = { image: 'ubuntu-22', by: ada, reason: 'openssl regression', since: now };
const ahead = (ms: number) => new Date(now.getTime() + ms).toISOString();
const wall = (ms: number) => ahead(ms).slice(0, 16).replace('T', ' ');
const window = (more: Partial<Freeze> = {}): Freeze => ({
  ...{ name: 'year end', from: wall(-hours(1)), to: wall(hours(5)), zone: 'UTC', reason: 'the books are closed' },
  ...more,
});
const frozen: Hold = {
  ...{ kind: 'freeze', by: 'year end', why: 'the books are closed' },
  ...{ since: `${ahead(-hours(1)).slice(0, 16)}:00.000Z`, until: `${ahead(hours(5)).slice(0, 16)}:00.000Z` },
};
const locked: Hold = { kind: 'lock', by: 'Ada', why: 'openssl regression', since: now.toISOString() };
const holding = (freeze: readonly Freeze[], found?: Lock): HoldDeps => ({
  catalogue: () => ({ azure: { freeze } }) as never,
  lockOf: async (image) => (found?.image === image ? found : undefined),
});

const candidate = aVersion('1.6.0', { excludedFromLatest: true, tags: {}, regions: [] });
const approval = anApproval({
  status: 'approved',
  fingerprint: fingerprintOf(candidate),
  decisions: [{ oid: 'g', name: 'G', verdict: 'approve', reason: null, via: 'text', at: now }],
});

interface Given {
  readonly data?: PublishData;
  readonly inbox?: readonly Signal[];
  readonly version?: GalleryVersion;
  readonly override?: string;
}

/** A step, and the names of the writes that it asked for. */
async function step(
  stage: { readonly name: string; run(context: PublishContext): Promise<unknown> },
  given: Given = {},
) {
  const { data = {}, inbox = [], version = candidate, override } = given;
  const asked: string[] = [];
  const write = new Proxy({}, { get: (_, name) => async () => void asked.push(String(name)) });
  const read = {
    build: async () => ({ state: 'absent' }),
    version: async () => version,
    marketplaceVersion: async (_place: unknown, _image: unknown, number: string) => ({ version: number }),
  };
  const request = override === undefined ? {} : { override };
  const run = aRun('R-22222', {
    ...{ plan: { request, approvalChannel: 'a', fixed }, planHash: planHash(fixed), stage: stage.name, data },
    actors: [{ ...ada, did: 'requested' }],
  });
  const made = await stage.run({ run, inbox, approval, now, read, write } as unknown as PublishContext);
  return { made: made as { kind: string; stage?: string; ms?: number; why?: string; data?: PublishData }, asked };
}

const guarded = [
  ['a build', customise, 'customise', 'startBuild'],
  ['the copies to regions', replicate, 'replicate', 'updateVersion'],
  ['the flag', publish, 'publish', 'updateVersion'],
] as const;

describe.each(guarded)('before %s', (_, stageOf, before, write) => {
  it('nothing is held when nothing holds it', async () => {
    expect((await step(stageOf(holding([window({ to: wall(-minutes(1)) })])))).asked).toEqual([write]);
    expect((await step(stageOf(holding([], { ...lock, image: 'windows-2022' })))).asked).toEqual([write]);
  });

  it.each([
    ['a lock', holding([], lock), [locked], 'Locked by Ada since'],
    ['a freeze', holding([window()]), [frozen], 'Frozen until'],
    ['both', holding([window()], lock), [locked, frozen], 'Locked by Ada since'],
  ] as const)('%s holds it, and nothing is written', async (_name, deps, holds, why) => {
    const { made, asked } = await step(stageOf(deps));
    expect(asked).toEqual([]);
    expect(made).toMatchObject({ kind: 'to', stage: 'hold', data: { held: { before, at: now.toISOString(), holds } } });
    expect(made.why).toContain(why);
  });

  it('what Azure has accepted already is not held', async () => {
    const data = { template: 'x', written: { what: `${before} 1.6.0`, times: 1 } };
    const { made } = await step(stageOf(holding([window()], lock)), { data });
    expect(made.stage === 'hold').toBe(before === 'customise');
  });
});

it.each([
  ['West Europe', ['hold', 'hold', 'hold']],
  ['North Europe', [undefined, 'hold', 'hold']],
  ['East US', [undefined, undefined, undefined]],
])('a frozen region holds what goes there: %s', async (region, stages) => {
  const deps = holding([window({ regions: [region] })]);
  const made = await Promise.all(guarded.map(async ([, stageOf]) => (await step(stageOf(deps))).made.stage));
  expect(made).toEqual(stages);
});

const said = (kind: Signal['kind'], by = { oid: 'g', name: 'Grace' }): Signal => ({
  kind,
  by,
  body: kind === 'override' ? { reason: 'CVE' } : {},
  at: now,
});
const heidi = { oid: 'h', name: 'Heidi' };
const wish: Override = { reason: 'CVE', by: heidi, at: now.toISOString(), windows: ['year end'] };
const held = (holds: readonly Hold[], before = 'replicate', override?: Override): PublishData => ({
  held: { before, at: now.toISOString(), holds },
  ...(override && { override }),
});

describe('a held run', () => {
  it('looks again when the window is over, or within the hour, and is not drawn anew meanwhile', async () => {
    const soon = window({ to: wall(minutes(10)) });
    const untilMs = Date.parse(`${ahead(minutes(10)).slice(0, 16)}:00.000Z`) - now.getTime();
    const waits = { ...frozen, until: `${ahead(minutes(10)).slice(0, 16)}:00.000Z` };
    expect((await step(hold(holding([soon])), { data: held([waits]) })).made).toEqual({ kind: 'again', ms: untilMs });
    expect((await step(hold(holding([window()])), { data: held([frozen]) })).made).toEqual({
      kind: 'again',
      ms: hours(1),
    });
    expect((await step(hold(holding([], lock)), { data: held([locked]) })).made).toEqual({
      kind: 'again',
      ms: hours(1),
    });
  });

  it('tells what has come to hold it meanwhile', async () => {
    const { made } = await step(hold(holding([window()], lock)), { data: held([frozen]) });
    expect(made.data).toEqual({ held: { before: 'replicate', at: now.toISOString(), holds: [locked, frozen] } });
  });

  it.each([
    ['customise', 'capture'],
    ['replicate', 'replicate'],
    ['publish', 'publish'],
  ])('held before %s goes on at %s', async (before, stage) => {
    const { made } = await step(hold(holding([])), { data: held([frozen], before) });
    expect(made).toMatchObject({ kind: 'to', stage });
    expect(made.data?.held).toBeUndefined();
  });

  it('is cancelled at any time', async () => {
    const { made } = await step(hold(holding([], lock)), {
      data: held([locked]),
      inbox: [{ ...said('cancel'), body: { reason: 'enough' } }],
    });
    expect(made).toMatchObject({
      kind: 'to',
      stage: 'cleanup',
      data: { ending: { outcome: 'cancelled', why: 'enough', by: 'Grace' } },
    });
  });

  it('is let through a freeze by two people, and not by one', async () => {
    const deps = holding([window()]);
    const one = await step(hold(deps), { data: held([frozen]), inbox: [said('override', heidi)] });
    expect(one.made).toMatchObject({ kind: 'again', data: { override: wish } });
    const twice = await step(hold(deps), { data: held([frozen], 'replicate', wish), inbox: [said('confirm', heidi)] });
    expect(twice.made).toEqual({ kind: 'again', ms: hours(1) });
    const two = await step(hold(deps), { data: held([frozen], 'replicate', wish), inbox: [said('confirm')] });
    const confirmed = { ...wish, confirmed: { by: { oid: 'g', name: 'Grace' }, at: now.toISOString() } };
    expect(two.made).toMatchObject({ kind: 'to', stage: 'replicate', data: { override: confirmed } });
    expect((await step(replicate(deps), { data: { override: confirmed } })).asked).toEqual(['updateVersion']);
  });

  it('is not let through a lock, nor through a window that nobody spoke of', async () => {
    const confirmed = { ...wish, confirmed: { by: { oid: 'g', name: 'Grace' }, at: now.toISOString() } };
    const other = window({ name: 'month end' });
    for (const deps of [holding([window()], lock), holding([window(), other])]) {
      const { made } = await step(hold(deps), { data: held([frozen], 'replicate', confirmed) });
      expect(made).toMatchObject({ kind: 'again' });
    }
  });

  it('asks by itself when it was started with the wish to override', async () => {
    const { made } = await step(hold(holding([window()])), { data: held([frozen]), override: 'CVE' });
    expect(made).toMatchObject({
      kind: 'again',
      data: { override: { reason: 'CVE', by: ada, windows: ['year end'] } },
    });
  });

  it('may be held for thirty days, and for as long as the freeze lasts', async () => {
    const { limit } = hold(holding([]));
    if (limit === 'at once') throw new Error('it has no limit');
    expect(limit.ms).toBe(days(30));
    const at = frozen.since;
    const plus = (holds: readonly Hold[]) =>
      limit.plus?.ms({ data: { held: { before: 'publish', at, holds } } } as never);
    expect(plus([frozen])).toBe(hours(6));
    expect(plus([frozen, locked])).toBe(0);
    const run = aRun('R-22222', { data: held([locked]) });
    const last = await limit.past({ run, now } as never, { since: now });
    const why = 'it was held for too long. Locked by Ada since Mon 23 Nov, 09:00 UTC: “openssl regression”.';
    expect(last).toMatchObject({ kind: 'to', stage: 'cleanup', data: { ending: { outcome: 'expired', why } } });
  });

  it('must know before what it is held', async () => {
    await expect(step(hold(holding([])), {})).rejects.toThrow('R-22222 is held, and nobody knows before what');
  });
});

describe('a change', () => {
  const remediate = (team: string | null): ChangePlan => ({
    verb: 'remediate',
    machineId: '/m',
    assignment: '/a',
    policy: 'p',
    target: 'vm-1',
    team,
  });
  const restrict = (team: string | null) =>
    ({
      verb: 'restrict',
      target: team ?? 'all',
      team,
      effect: 'audit',
      galleries: [],
      targets: [],
      dryRun: [],
    }) as unknown as ChangePlan;
  const classify = { verb: 'classify', machineId: '/m', model: 'pet', target: 'vm-1', team: 'payments' } as ChangePlan;
  const kind = () =>
    ({ next: async () => ({ kind: 'do', progress: 'p', act: async () => ({}) }) }) as unknown as ChangeKind<ChangePlan>;
  const context = (plan: ChangePlan, data = {}, inbox: readonly Signal[] = []) =>
    ({ run: { id: 'R-33333', plan, data, stage: 'apply' }, inbox, now }) as never;
  const payments = [window({ teams: ['payments'] })];

  it.each([
    ['a remediation of the team', remediate('payments'), payments, true],
    ['a restriction of the team', restrict('payments'), payments, true],
    ['a restriction of all teams', restrict(null), payments, true],
    ['a remediation of another team', remediate('web'), payments, false],
    ['a remediation of no team', remediate(null), payments, false],
    ['any, when everything is frozen', remediate(null), [window()], true],
    ['none, when an image is frozen', remediate('payments'), [window({ images: ['ubuntu-22'] })], false],
    ['none that changes nothing that runs', classify, [window()], false],
  ])('is held: %s', async (_, plan, freeze, isHeld) => {
    const made = await apply(kind, holding(freeze)).run(context(plan));
    if (isHeld)
      expect(made).toMatchObject({ kind: 'to', stage: 'hold', data: { held: { before: 'apply', holds: [frozen] } } });
    else expect(made).toMatchObject({ kind: 'again', ms: seconds(3) });
  });

  it('is not held once it has begun', async () => {
    expect(
      await apply(kind, holding([window()])).run(context(remediate('payments'), { begunAt: 'then' })),
    ).toMatchObject({ kind: 'again' });
  });

  it('waits, is cancelled, and goes on after the window or when two people say so', async () => {
    const data = { held: { before: 'apply', at: now.toISOString(), holds: [frozen] } };
    const waits = (freeze: readonly Freeze[], more = {}, inbox: readonly Signal[] = []) =>
      holdChange(holding(freeze)).run(context(remediate('payments'), { ...data, ...more }, inbox));
    expect(await waits(payments)).toEqual({ kind: 'again', ms: hours(1) });
    expect(await waits([])).toMatchObject({ kind: 'to', stage: 'apply' });
    expect(await waits(payments, { override: wish }, [said('confirm')])).toMatchObject({ kind: 'to', stage: 'apply' });
    expect(await waits(payments, {}, [said('cancel')])).toMatchObject({ kind: 'end', outcome: 'cancelled' });
  });

  it('expires when it was held for too long', async () => {
    const { limit } = holdChange(holding([]));
    if (limit === 'at once') throw new Error('it has no limit');
    const run = { data: { held: { before: 'apply', at: now.toISOString(), holds: [frozen] } } };
    const last = await limit.past({ run, now } as never, { since: now });
    expect(last).toMatchObject({
      kind: 'end',
      outcome: 'expired',
      data: { ending: { why: expect.stringMatching(/^it was held for too long\. Frozen until/) } },
    });
  });
});
