import type { RegionStatus } from '../../core/azure';
import { fingerprintOf } from '../../core/images';
import { type PublishPlan, type PublishRun, planHash } from '../../core/runs';
import { days, hours } from '../../core/time';
import { approve } from '../../workflows/publish/approve';
import { replicate as replicateUnless } from '../../workflows/publish/publish';
import type { PublishContext } from '../../workflows/publish/stage';
import { anApproval, aVersion, fixed } from '../dialogs/support/plan';
import { aRun, now } from '../dialogs/support/world';
import { unheld } from '../support/unheld';

const replicate = replicateUnless(unheld);

/** What stages do for a run that a schedule has started; its day is 1 December. */
const readyBy = new Date('2026-12-01T00:00:00Z');
const schedule: NonNullable<PublishPlan['schedule']> = {
  ...{ key: 'monthly 1 UTC', period: '2026-12', zone: 'UTC', missed: 0 },
  ...{ startAt: now.toISOString(), readyBy: readyBy.toISOString(), expectedAt: readyBy.toISOString() },
};
const candidate = aVersion('1.6.0', { excludedFromLatest: true, source: '/a' });

function contextOf(
  change: Partial<PublishContext>,
  data: PublishRun['data'] = {},
  plan: Partial<PublishPlan> = { schedule },
) {
  const run = aRun('R-22222', {
    ...{ plan: { request: {}, approvalChannel: 'a', fixed, ...plan }, planHash: planHash(fixed), stage: 'approve' },
    data: { tested: fingerprintOf(candidate), ...data },
  });
  const read = {
    version: async () => candidate,
    scaleSets: async () => ({ rows: [] }),
    machinesByVersion: async () => new Map(),
    marketplaceVersion: async (_place: unknown, _image: unknown, version: string) => ({ version }),
  };
  return { run, inbox: [], now, read, write: {}, ...change } as unknown as PublishContext;
}

describe('a request that nobody decided in time', () => {
  const expired = anApproval({ planHash: planHash(fixed), status: 'expired', fingerprint: fingerprintOf(candidate) });
  const stage = approve({
    deciders: async () => ({ size: 'fits', count: 2, ids: [] }),
    catalogue: () => ({ images: [], azure: {}, teams: new Map() }) as never,
    publishedBefore: async () => undefined,
    contents: async () => new Map(),
  });
  const step = (at: Date, plan?: Partial<PublishPlan>) =>
    stage.run(contextOf({ approval: expired, now: at }, {}, plan));

  it.each([
    ['before the day', now],
    ['less than two weeks after it', new Date(readyBy.getTime() + days(14) - 1)],
  ])('is asked anew %s, when a schedule waits for it', async (_, at) => {
    expect(await step(at)).toMatchObject({ kind: 'ask', rule: fixed.rule });
  });

  it('ends the run two weeks after the day', async () => {
    const ending = { outcome: 'expired', why: 'nobody in goldbot-approvers decided in time' };
    expect(await step(new Date(readyBy.getTime() + days(14)))).toMatchObject({ stage: 'cleanup', data: { ending } });
  });

  it('ends the run of a person at once', async () => {
    expect(await step(now, {})).toMatchObject({ stage: 'cleanup', data: { ending: { outcome: 'expired' } } });
  });
});

describe('the time at which a region had the version', () => {
  const region = (name: string, state: RegionStatus['state']): RegionStatus => ({
    ...{ name, replicas: 1, state, progress: 100, excludedFromLatest: false },
  });
  const approval = anApproval({
    ...{ planHash: planHash(fixed), status: 'approved', fingerprint: fingerprintOf(candidate) },
    decisions: [{ oid: 'g', name: 'Grace', verdict: 'approve', reason: null, via: 'text', at: now }],
  });

  it('is when it was first seen there, and stays so', async () => {
    const earlier = new Date(now.getTime() - hours(1)).toISOString();
    const version = {
      ...candidate,
      regions: [
        { ...region('West Europe', 'Completed'), replicas: 3 },
        { ...region('North Europe', 'Completed'), replicas: 2 },
      ],
    };
    const before = [
      { name: 'West Europe', state: 'Completed', progress: 100, completedAt: earlier },
      { name: 'North Europe', state: 'Replicating', progress: 40 },
    ];
    const context = contextOf({ approval, read: { version: async () => version } as never }, { regions: before });
    expect(await replicate.run(context)).toMatchObject({
      data: {
        regions: [
          { name: 'West Europe', state: 'Completed', completedAt: earlier },
          { name: 'North Europe', state: 'Completed', completedAt: now.toISOString() },
        ],
      },
    });
  });

  it('is not made up for what was there before times were noted', async () => {
    const version = {
      ...candidate,
      regions: [region('West Europe', 'Completed'), region('North Europe', 'Replicating')].map((r, i) => ({
        ...r,
        replicas: 3 - i,
      })),
    };
    const before = [{ name: 'West Europe', state: 'Completed', progress: 100 }];
    const context = contextOf({ approval, read: { version: async () => version } as never }, { regions: before });
    const result = await replicate.run(context);
    expect(JSON.stringify(result)).not.toContain('completedAt');
    expect(result).toMatchObject({ data: { regions: [{ name: 'West Europe' }, { name: 'North Europe' }] } });
  });
});
