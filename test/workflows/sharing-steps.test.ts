import type { GallerySharing } from '../../core/image-access';
import type { SharePlan } from '../../core/runs';
import { share, unshare } from '../../workflows/change/sharing';
import type { ChangeContext } from '../../workflows/change/stages';
import { sharePlan } from '../support/changes';

/** What a share does next, by what Azure says of the gallery now. */

const now = new Date('2026-11-21T09:00:00Z');
const id = '1c0d3f7a-0000-4000-8000-000000000001';
const going = [{ region: 'westeurope', failed: false }];
const failed = [{ region: 'westeurope', failed: true, said: 'no capacity' }];

const gallery = (more: Partial<GallerySharing> = {}): GallerySharing => ({
  ...{ madeFor: 'groups', subscriptions: [], tenants: [], ...more },
});

function asked(sharing: GallerySharing, { before = false, kept }: { before?: boolean; kept?: Date } = {}) {
  const writes: unknown[] = [];
  const context = {
    now,
    run: { id: 'R-22222', data: before ? { asked: { sharing: now.toISOString() } } : {} },
    read: {
      gallerySharing: async () => sharing,
      definitions: async () => 'abcdef'.split('').map((name) => ({ name })),
    },
    write: { shareGallery: async (_: unknown, change: unknown) => writes.push(change) },
  } as unknown as ChangeContext;
  const ends = { of: async () => kept, keep: async () => {}, drop: async () => {} };
  return { context, ends, writes };
}

async function next(plan: SharePlan, sharing: GallerySharing, more?: Parameters<typeof asked>[1]) {
  const { context, ends, writes } = asked(sharing, more);
  const step = await (plan.verb === 'share' ? share : unshare)({ ends }).next(context, plan);
  if (step.kind === 'do') await step.act();
  return { step, writes };
}

it('asks Azure once, and waits for it', async () => {
  expect((await next(sharePlan('share'), gallery())).writes).toEqual([{ add: { kind: 'subscription', id } }]);
  for (const [sharing, before] of [
    [gallery(), true],
    // Another replica did, and could not note it; or somebody else is at it.
    [gallery({ unsettled: going }), false],
  ] as const) {
    const { step, writes } = await next(sharePlan('share'), sharing, { before });
    expect([step.kind, writes]).toEqual(['wait', []]);
  }
});

it('is done when it is so in every region, and says where it is not', async () => {
  const has = { subscriptions: [id] };
  expect((await next(sharePlan('share'), gallery({ ...has, unsettled: going }))).step).toMatchObject({
    ...{ kind: 'wait', progress: 'Azure has it to do in westeurope yet' },
  });
  expect((await next(sharePlan('share'), gallery(has))).step).toMatchObject({
    ...{ kind: 'so', outcome: `subscription ${id} may deploy from the gallery gold.` },
  });
  for (const sharing of [gallery({ ...has, unsettled: failed }), gallery({ unsettled: failed })]) {
    expect((await next(sharePlan('share'), sharing, { before: true })).step).toMatchObject({
      ...{ kind: 'failed', why: 'Azure accepted it, and it is not so in westeurope: no capacity' },
    });
  }
});

it('an end that comes while it was shared again takes nothing back', async () => {
  const plan = sharePlan('unshare', { atEnd: true });
  const { step, writes } = await next(plan, gallery({ subscriptions: [id] }), {
    kept: new Date('2027-01-01T00:00:00Z'),
  });
  expect(step).toMatchObject({ kind: 'so', outcome: expect.stringContaining('was given it again meanwhile') });
  expect(writes).toEqual([]);
});

it('a reset spares everybody when somebody else has come', async () => {
  const to = { kind: 'everybody', losing: [{ kind: 'subscription', id }] } as const;
  const { step, writes } = await next(sharePlan('unshare', { to }), gallery({ subscriptions: [id], tenants: ['t-1'] }));
  expect(step).toMatchObject({ kind: 'failed', why: expect.stringContaining('was shared with tenant t-1 as well') });
  expect(writes).toEqual([]);
});

it.each([
  [{ kind: 'tenant', id, ours: true }, 'Everybody in the tenant who may make machines may deploy these images.'],
  [{ kind: 'tenant', id, ours: false }, 'another organisation’s, as far as goldbot knows: Azure looks up no tenant.'],
  [{ kind: 'subscription', id, ours: false }, 'It is another organisation’s. Scale sets in flexible mode cannot'],
  [{ kind: 'subscription', id }, 'goldbot cannot see it: it is another organisation’s, or there is none of this id.'],
  [{ kind: 'subscription', id, ours: true, name: 'Payments' }, undefined],
] as const)('deciders are told who %j is', async (to, said) => {
  const { context, ends } = asked(gallery());
  const { warnings = [] } = await share({ ends }).survey(context, sharePlan('share', { to }));
  expect(warnings[0]).toBe(
    'Azure shares all of it: a, b, c, d and 2 more, with every version of each, now and to come.',
  );
  expect(warnings.slice(1, -1).join()).toContain(said ?? '');
  expect(warnings).toHaveLength(said === undefined ? 2 : 3);
});
