import { randomUUID } from 'node:crypto';
import { type ChangeRun, changeSubject, type RequestId, type SharePlan, shareName } from '../../core/runs';
import { minutes } from '../../core/time';
import { accessEndSchedules } from '../../workflows/change';
import { tick } from '../../workflows/engine/schedules';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { sharePlan } from '../support/changes';
import { losingEachCommitOnce } from '../support/losing';

/** Shares of the gallery, through replicas that die after each write. */

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld({ at: losingEachCommitOnce() });
});
afterEach(() => world.close());

const { gallery } = sharePlan('share');
const friend = { kind: 'tenant', id: '2f4a9838-26b7-47ee-be60-ccc1fdec5953' } as const;
const stranger = { kind: 'subscription', id: '1c0d3f7a-0000-4000-8000-000000000001' } as const;

const sharing = () => world.azure.read.gallerySharing(gallery);
const ends = () => world.database.query<{ key: string }>("select key from schedule where kind = 'access-end'");
const posts = () => world.changes('POST', /\/share\?/).length;

async function ended(plan: SharePlan): Promise<ChangeRun> {
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.grace } as const;
  const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
  return world.endOfChange(run.id);
}

it('a share with an end is gone right after it, though every commit is lost once, and Azure is asked once for each', async () => {
  const until = new Date(Math.ceil(world.clock.nowMs() / 1_000) * 1_000 + minutes(60 * 48));
  const { data } = await ended(sharePlan('share', { until: until.toISOString() }));
  expect(data.ending?.why).toMatch(/may deploy from the gallery gold until .* There ubuntu-22 is \/SharedGalleries\//);
  expect(data.warnings?.[0]).toMatch(/^Azure shares all of it: .*ubuntu-22/);
  expect(data.warnings?.[1]).toContain('goldbot cannot see it');
  expect((await sharing())?.subscriptions).toEqual([stranger.id]);
  expect(await ends()).toEqual([{ key: `access-end:${shareName(gallery, stranger)}` }]);
  world.clock.advance((until.getTime() - world.clock.nowMs()) / 60_000 + 0.1);
  await tick({ database: world.database, clock: world.clock, kinds: [accessEndSchedules({})] }, { reconcile: false });
  const [run] = await world.database.query<{ id: RequestId }>("select id from run where subject like 'access-end:%'");
  const end = run && (await world.endOfChange(run.id));
  expect(end?.data.ending?.why).toContain('no longer has the gallery gold');
  expect((await sharing())?.subscriptions).toEqual([]);
  expect(posts()).toBe(2);
});

it('a reset takes it from those who were listed, forgets their ends, and nobody gets it again', async () => {
  const until = new Date(world.clock.nowMs() + minutes(60)).toISOString();
  await ended(sharePlan('share', { until }));
  await ended(sharePlan('share', { to: friend }));
  const all = sharePlan('unshare', { to: { kind: 'everybody', losing: [stranger, friend] } });
  expect((await ended(all)).data.ending?.why).toMatch(/^Nobody has the gallery gold by direct sharing any more/);
  expect(await sharing()).toMatchObject({ madeFor: 'private', subscriptions: [], tenants: [] });
  expect(await ends()).toEqual([]);
  expect((await ended(sharePlan('share'))).data.ending).toMatchObject({
    ...{ how: 'failed', why: expect.stringContaining('The gallery gold is private') },
  });
});

it('a reset that was agreed to for others than have it now changes nothing', async () => {
  await ended(sharePlan('share'));
  const all = sharePlan('unshare', { to: { kind: 'everybody', losing: [friend] } });
  expect((await ended(all)).data.ending).toMatchObject({
    ...{ how: 'failed', why: expect.stringContaining('has just changed; nothing was changed') },
  });
  expect((await sharing())?.subscriptions).toEqual([stranger.id]);
});
