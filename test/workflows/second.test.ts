import { randomUUID } from 'node:crypto';
import type { GalleryVersion, ImageRef } from '../../core/azure';
import { galleryVersionId } from '../../core/azure-id';
import { versionTags } from '../../core/images';
import { changeSubject, type RequestId, type VersionPlan } from '../../core/runs';
import { copy } from '../../workflows/change/second';
import type { ChangeContext } from '../../workflows/change/stages';
import type { VersionDeps } from '../../workflows/change/versions';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { withSecondGallery } from '../support/catalogue';
import { copyPlan, versionPlan } from '../support/changes';

let world: AzureWorld;
beforeAll(async () => {
  world = await azureWorld({ catalogue: withSecondGallery });
});
afterAll(() => world.close());

async function start(plan: VersionPlan): Promise<RequestId> {
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.grace } as const;
  return (await world.control.startOrJoin({ ...request, intent: randomUUID() })).run.id;
}
const ended = async (plan: VersionPlan) => (await world.endOfChange(await start(plan))).data.ending;
const puts = () => world.changes('PUT', /\/gold_dr\/images\/.*\/versions\//);
const inSecond = (gallery: ImageRef, number = '1.5.0') => world.azure.read.version(gallery, number);

it('copies a version out of latest, and shows it once it is everywhere, with what the version carries', async () => {
  const plan = await copyPlan(world.azure.read);
  const { data, id } = await world.endOfChange(await start(plan));
  expect([data.before, data.ending]).toMatchObject([
    'not there',
    {
      how: 'done',
      why: 'ubuntu-22 1.5.0 is in gold_dr: 3 copies in West Europe, 2 copies in North Europe, 2 copies in East US.',
    },
  ]);
  const from = plan.second?.from as ImageRef;
  const [version, copy] = await Promise.all([inSecond(from), inSecond(plan.gallery)]);
  expect(copy).toMatchObject({
    ...{ source: galleryVersionId(from, '1.5.0').toLowerCase(), home: 'northeurope', excludedFromLatest: false },
    endOfLife: version?.endOfLife,
    blockDeletionBeforeEndOfLife: true,
  });
  const { [versionTags.copiedBy]: by, ...tags } = copy?.tags ?? {};
  const { VMImageBuilderSource: _, ...own } = version?.tags ?? {};
  expect([by, tags]).toEqual([id, own]);
  const [put] = puts();
  expect(put?.requestBody).toMatchObject({ properties: { publishingProfile: { excludeFromLatest: true } } });
  expect(puts()).toHaveLength(1);
});

it('goes with the version under one approval: the copy first, each by what its own gallery says', async () => {
  const { gallery, second } = await copyPlanAnew();
  const from = second?.from as ImageRef;
  const copy = { image: 'ubuntu-22', gallery, version: '1.4.1' };
  const plan = versionPlan('revoke', '1.4.1', { descendants: [copy], target: 'ubuntu-22 1.4.1 and its copy' });
  expect(await ended(plan)).toMatchObject({
    how: 'done',
    why: expect.stringContaining('ubuntu-22 1.4.1 in gold_dr, ubuntu-22 1.4.1 are out of latest in every region'),
  });
  const both = await Promise.all([inSecond(gallery, '1.4.1'), inSecond(from, '1.4.1')]);
  expect(both.map((one) => [one?.excludedFromLatest, one?.tags[versionTags.state]])).toEqual([
    [true, 'revoked'],
    [true, 'revoked'],
  ]);
  const sent = world.changes('PATCH', /versions\/1\.4\.1\?/).map(({ url }) => url.includes('/gold_dr/'));
  expect(sent).toEqual([true, false]);
});

it('takes the copy out of latest with the version, and never touches another one of that number', async () => {
  const plan = await copyPlan(world.azure.read, '1.4.1').catch(() => undefined);
  expect(plan).toBeUndefined();
  const { gallery, second } = await copyPlan(world.azure.read, '1.3.0').catch(async () => ({
    gallery: undefined,
    second: undefined,
  }));
  expect([gallery, second]).toEqual([undefined, undefined]);
  const one = await (await world.versions()).get('1.5.0');
  await ask(world.sandbox, 'PATCH', `${one?.id}?api-version=2024-03-03`, {
    properties: {
      publishingProfile: {
        excludeFromLatest: true,
        targetRegions: one?.regions.map(({ name, replicas }) => ({ name, regionalReplicaCount: replicas })),
      },
    },
  });
  world.clock.advance(400);
  const hidden = await copyPlan(world.azure.read);
  expect(hidden.second).toMatchObject({ hidden: true, hiddenIn: [] });
  const { data } = await world.endOfChange(await start(hidden));
  expect(data.before).toBe('there, and other than the version');
  expect(data.ending).toMatchObject({
    how: 'done',
    why: expect.stringContaining('out of latest as the version itself'),
  });
  expect(await inSecond(hidden.gallery)).toMatchObject({ excludedFromLatest: true });
});

it('ends where the version or what has its number there is not what was agreed to', async () => {
  const plan = await copyPlan(world.azure.read).catch(() => undefined);
  expect(plan).toBeUndefined();
  const real = await copyPlanAnew();
  const other = {
    ...real,
    second: { ...real.second, source: { ...real.second?.source, 'OS disk': '99 GiB' } },
  } as VersionPlan;
  expect(await ended(other)).toMatchObject({
    how: 'failed',
    why: expect.stringContaining('it is not what was agreed to any more: OS disk: 99 GiB'),
  });
});

it('never overwrites what has the number there, and says what Azure could not make', async () => {
  const plan = await copyPlanAnew();
  const version = await inSecond(plan.second?.from as ImageRef, '1.4.1');
  if (!version) throw new Error('no version');
  const source = galleryVersionId(plan.second?.from as ImageRef, '1.4.1');
  const next = async (there: Partial<GalleryVersion>) => {
    const found = { ...version, source, ...there };
    const run = { id: 'R-22222', data: {}, plan };
    const read = { version: async ({ gallery }: ImageRef) => (gallery === 'gold_dr' ? found : version) };
    const context = { read, run, now: new Date() } as unknown as ChangeContext;
    const deps = { takeTurn: async () => run.id, leaveTurn: async () => undefined } as unknown as VersionDeps;
    return copy(deps).next(context, plan);
  };
  const made =
    'somebody else made 1.4.1 in gold_dr meanwhile: it was made from /else. goldbot never overwrites a version.';
  expect(await next({ source: '/else' })).toEqual({ kind: 'failed', why: made });
  const [first] = version.regions;
  if (!first) throw new Error('no region');
  const failed = { ...first, state: 'Failed' as const };
  expect(await next({ regions: [failed] })).toMatchObject({
    why: 'Azure could not copy 1.4.1 into gold_dr: West Europe failed (it gives no reason)',
  });
  expect(await next({ provisioningState: 'Failed' })).toMatchObject({
    why: expect.stringContaining('its state is Failed'),
  });
});

/** Of a version that the second gallery has not got, as another image has it. */
async function copyPlanAnew(): Promise<VersionPlan> {
  const there = async (...[ref, number]: Parameters<typeof world.azure.read.version>) =>
    ref.gallery === 'gold_dr' ? undefined : world.azure.read.version(ref, number);
  return copyPlan({ version: there }, '1.4.1');
}
