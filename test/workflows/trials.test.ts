import { randomUUID } from 'node:crypto';
import { galleryRef } from '../../core/images';
import { type ChangeRun, changeSubject, type TryPlan } from '../../core/runs';
import { type TrialId, trialDefinition, trialImage } from '../../core/trials';
import type { Json } from '../../sandbox/kernel/types';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';

/** One world for all: each run of trials leaves nothing behind. */
const gallery = galleryRef(exampleCatalogue().azure);
const definition = `/subscriptions/${gallery.subscription}/resourceGroups/${gallery.resourceGroup}/providers/Microsoft.Compute/galleries/${gallery.gallery}/images/${trialDefinition}`;
const plan: TryPlan = {
  ...{ verb: 'try', target: trialDefinition, team: null, cost: 'little', gallery },
  source: { definition: 'ubuntu-22', version: '1.5.0' },
};

let world: AzureWorld;
beforeAll(async () => {
  world = await azureWorld();
});
afterAll(() => world.close());

const conditions = (galleries: Json) => ask(world.sandbox, 'POST', '/_sandbox/conditions', { galleries: [galleries] });

async function tried(): Promise<ChangeRun> {
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.ada } as const;
  const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
  return world.endOfChange(run.id);
}

const verdicts = ({ data }: ChangeRun): Partial<Record<TrialId, string>> =>
  Object.fromEntries(Object.entries(data.trials?.answers ?? {}).map(([id, { verdict }]) => [id, verdict]));

const there = () => world.azure.read.trial(gallery);

it('asks each question, keeps what Azure said, deletes what it made, and writes to nothing else', async () => {
  const before = world.sandbox.exchanges.length;
  const run = await tried();

  expect(run.data.ending).toMatchObject({ how: 'done', why: expect.stringContaining('6 of 6 questions answered') });
  expect(verdicts(run)).toEqual({
    ...{ 'patch-without-tags': 'kept', 'patch-without-safety': 'kept', 'patch-without-end': 'kept' },
    ...{ 'patch-without-storage': 'refused', 'end-of-life-null': 'lost', 'write-while-busy': 'refused' },
  });
  expect(await there()).toEqual({});
  // It may be attached to an issue.
  const told = JSON.stringify(run.data.trials?.answers);
  for (const secret of [gallery.subscription, gallery.resourceGroup, `/galleries/${gallery.gallery}`]) {
    expect(told).not.toContain(secret);
  }
  expect(told).toContain('/resourceGroups/<group>/providers/Microsoft.Compute/galleries/<gallery>/images/');
  expect(told).toMatch(/"client":"azsdk-js-arm-compute\/\d/);
  const written = world.sandbox.exchanges
    .slice(before)
    .filter(({ method, url }) => method !== 'GET' && !url.includes('ResourceGraph'));
  const outside = written.filter(({ url }) => {
    const { pathname } = new URL(url);
    return pathname !== definition && !pathname.startsWith(`${definition}/`);
  });
  expect(outside.map(({ method, url }) => `${method} ${url}`)).toEqual([]);
  expect(run.data.before).toBe('nothing of earlier trials is there');
  const defined = written.find(({ method, url }) => method === 'PUT' && !url.includes('/versions/'));
  expect(defined?.requestBody).toMatchObject({
    properties: { description: 'Made by goldbot for its trials, and deleted when they are over.' },
  });
  const made = written.find(({ method, url }) => method === 'PUT' && url.includes('/versions/'));
  expect(made?.requestBody).toMatchObject({
    properties: { publishingProfile: { excludeFromLatest: true, targetRegions: [{ name: 'westeurope' }] } },
  });
});

it('sees the opposite answers of an Azure that does the opposite, and makes anew what an earlier run left', async () => {
  const write = world.azure.write({ leftMs: () => 60_000 });
  await write.makeTrialDefinition(gallery, { source: 'ubuntu-22', run: 'R-22222' });
  await write.makeTrialVersion(gallery, { source: plan.source, run: 'R-22222', endOfLife: '2028-01-01T00:00:00.000Z' });
  world.world.clock.advance(30);
  const { subscription, buildResourceGroup: resourceGroup, location } = exampleCatalogue().azure;
  const remains = await world.azure.read.remains({ subscription, resourceGroup, location }, [trialImage(gallery)]);
  expect(remains.find(({ kind }) => kind === 'candidate')).toMatchObject({
    ...{ name: `${trialDefinition}@1.0.0`, runId: 'R-22222', storage: 'Premium_LRS', copies: 1 },
  });
  await conditions({ gallery: 'gold', patch: 'replaces', endOfLifeNull: 'keeps', regionWithoutStorage: 'keeps' });

  const run = await tried();

  expect(run.data.before).toBe('a version of an earlier run (R-22222) is there');
  expect(verdicts(run)).toEqual({
    ...{ 'patch-without-tags': 'lost', 'patch-without-safety': 'lost', 'patch-without-end': 'lost' },
    ...{ 'patch-without-storage': 'kept', 'end-of-life-null': 'kept', 'write-while-busy': 'refused' },
  });
  expect(await there()).toEqual({});
});
