import { randomUUID } from 'node:crypto';
import { definitionId, galleryVersionId } from '../../core/azure-id';
import { azureRoles } from '../../core/azure-roles';
import { readSet } from '../../core/lifecycle';
import { type ChangePlan, type ChangeRun, changeSubject, type RolloutPlan } from '../../core/runs';
import { byAdmins } from '../../dialogs/changes';
import { presentChange } from '../../dialogs/present/change';
import { restrict } from '../deploy/restricted';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { deferPlan, pinnedSets, rolloutPlan, versionPlan } from '../support/changes';

const { workers, queue, jobs } = pinnedSets;

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

async function start(plan: ChangePlan) {
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.ada } as const;
  return (await world.control.startOrJoin({ ...request, intent: randomUUID() })).run.id;
}
const ended = async (plan: ChangePlan): Promise<ChangeRun> => world.endOfChange(await start(plan));

/** What was asked of a set, in order. */
const askedOf = (name: string) =>
  world.sandbox.exchanges
    .filter(({ method, url, status }) => method !== 'GET' && status < 400 && url.includes(`/${name}`))
    .map(({ url, requestBody }) => [/\/(manualupgrade|reimage)\?/.exec(url)?.[1] ?? 'model', requestBody] as const);

const runs = async ({ id }: { readonly id: string }) => {
  world.clock.advance(1);
  return (await readSet(world.azure.read, id))?.instances.map(({ version }) => version);
};

const unhealthy = (about: object) =>
  ask(world.sandbox, 'POST', '/_sandbox/conditions', { health: [{ ...about, healthy: false }] });

it('gives each set its model, then one instance at a time as a fifth allows; Azure moves the set that rolls', async () => {
  const run = await ended(rolloutPlan());
  expect(run.data.ending).toEqual({ how: 'done', why: '12 of 12 instances run 1.5.0.' });
  const batches = ['0', '1', '2', '3', '4'].map((id) => ['manualupgrade', { instanceIds: [id] }]);
  expect(askedOf(workers.name)).toEqual([['model', expect.anything()], ...batches]);
  expect(askedOf(queue.name)).toEqual([['model', expect.anything()]]);
  expect(askedOf(jobs.name)).toEqual([]);
  expect(await runs(workers)).toEqual(['1.5.0', '1.5.0', '1.5.0', '1.5.0', '1.5.0']);
  const { text } = presentChange(run, { now: run.endedAt ?? new Date() });
  expect(text).toContain('✓ vmss-data-workers · 5 of 5 on 1.5.0');
});

it('stops where Azure stops, begins no other set, and says what runs what', async () => {
  await unhealthy({ image: `${definitionId(rolloutPlan().gallery)}/versions/1.5.0` });
  const run = await ended(rolloutPlan({ sets: [queue, workers] }));
  expect(run.data.ending).toMatchObject({
    how: 'failed',
    why: expect.stringMatching(
      /^vmss-payments-queue was not upgraded by Azure: Rolling Upgrade failed .*goldbot stopped/,
    ),
  });
  expect(run.data.ending?.why).toContain('1 of 3 instances that were looked at run 1.5.0');
  expect(askedOf(workers.name)).toEqual([]);
  const { text } = presentChange(run, { now: run.endedAt ?? new Date() });
  expect(text).toMatch(/✗ vmss-payments-queue.*1 of 3 on 1\.5\.0/);
  expect(text).toMatch(/– vmss-data-workers.*not begun/);
});

describe('an instance that took the model and kept its disk', () => {
  const fifth = { instance: `${workers.id}/virtualMachines/4` };
  const keepsDisk = () =>
    ask(world.sandbox, 'POST', '/_sandbox/conditions', { upgrades: [{ ...fifth, keepsDisk: true }] });

  it('is reimaged, once, where the plan says so, and the rest goes on', async () => {
    await keepsDisk();
    const run = await ended(rolloutPlan({ sets: [{ ...workers, reimages: true }] }));
    expect(run.data.warnings?.join(' ')).toContain(
      'goldbot reimages an instance of vmss-data-workers that takes 1.5.0 and still runs another version: its system disk is lost',
    );
    expect(run.data.ending).toEqual({
      how: 'done',
      why: '5 of 5 instances run 1.5.0. vmss-data-workers had instance 4 reimaged.',
    });
    expect(askedOf(workers.name).filter(([what]) => what === 'reimage')).toEqual([
      ['reimage', { instanceIds: ['4'], exactVersion: '1.5.0' }],
    ]);
    const { text } = presentChange(run, { now: run.endedAt ?? new Date() });
    expect(text).toContain('✓ vmss-data-workers · 5 of 5 on 1.5.0; had instance 4 reimaged');
  });

  it.each([
    ['the plan does not say so', false, 'goldbot-reimage'],
    ['the role was taken away meanwhile', true, 'goldbot-reimage'],
  ])('stops the rollout where %s, and says with what it would go on', async (_, reimages, role) => {
    await keepsDisk();
    if (reimages) await restrict(world.sandbox, { roles: azureRoles.filter(({ name }) => name !== role) });
    const plan = rolloutPlan({ sets: [{ ...workers, ...(reimages && { reimages }) }] });
    const { data } = await ended(plan);
    expect(data.ending?.why).toMatch(
      /^vmss-data-workers has instance 4 still on 1\.3\.0, although Azure took the upgrade; its owner reimages it \(az vmss reimage .*the role goldbot-reimage on rg-data does; goldbot stopped there: 4 of 5 /,
    );
    expect(world.changes('POST', /\/reimage\?/)).toEqual([]);
  });
});

it('touches no set that is not well before', async () => {
  await unhealthy({ set: queue.id });
  const { data } = await ended(rolloutPlan({ sets: [queue] }));
  expect(data.ending?.why).toContain('vmss-payments-queue has instances 0, 1 and 2 unhealthy on what they run now');
  expect(askedOf(queue.name)).toEqual([]);
});

it('a flexible set is moved by the names of its machines', async () => {
  const { data } = await ended(rolloutPlan({ sets: [jobs], version: '1.4.1' }));
  expect(data.ending?.why).toBe('4 of 4 instances run 1.4.1.');
  expect(askedOf(jobs.name).slice(0, 2)).toEqual([
    ['model', expect.anything()],
    ['manualupgrade', { instanceIds: ['vm-web-jobs-001'] }],
  ]);
});

it('a version that is revoked on the way is given to no further instance', async () => {
  const id = await start(rolloutPlan({ sets: [workers] }));
  await world.untilAny(id, () => askedOf(workers.name).length >= 2);
  await world.endOfChange(await start(versionPlan('revoke')));
  const { data } = await world.endOfChange(id);
  expect(data.ending).toMatchObject({
    how: 'failed',
    why: expect.stringMatching(/^1\.5\.0 was revoked: because; goldbot stopped there: \d of 5 instances/),
  });
  expect(await runs(workers)).toContain('1.3.0');
});

it('gives instances of a set that takes the latest no other version than was agreed to', async () => {
  const imageReference = { id: definitionId(rolloutPlan().gallery) };
  const body = { properties: { virtualMachineProfile: { storageProfile: { imageReference } } } };
  await ask(world.sandbox, 'PATCH', `${workers.id}?api-version=2024-11-01`, body);
  world.clock.advance(5);
  const { data } = await ended(rolloutPlan({ sets: [workers], version: '1.4.1' }));
  expect(data.ending?.why).toContain('vmss-data-workers takes the latest, which is 1.5.0 now.');
  expect(world.changes('POST', /manualupgrade/)).toEqual([]);
});

it('is cancelled between two batches: none is half done, and it says what runs what', async () => {
  const id = await start(rolloutPlan({ sets: [workers, queue] }));
  await world.untilAny(id, () => askedOf(workers.name).length >= 2);
  await world.control.signal({
    ...{ request: id, kind: 'cancel', person: people.ada, via: 'text', intent: 'enough' },
    body: { reason: 'a bug in 1.5.0' },
  });
  const { data, endedAt, outcome } = await world.endOfChange(id);
  expect(outcome).toBe('cancelled');
  const on = (await runs({ id: workers.id }))?.filter((version) => version === '1.5.0').length;
  expect(data.ending).toEqual({
    ...{ how: 'cancelled', by: 'Ada' },
    why:
      `a bug in 1.5.0. No batch of goldbot's is half done: vmss-data-workers has ${on} of 5 on 1.5.0, ` +
      'and what starts in it runs that; not begun: vmss-payments-queue.',
  });
  expect(on).toBe(askedOf(workers.name).length - 1);
  expect(on).toBeLessThan(3);
  expect(askedOf(queue.name)).toEqual([]);
  expect(endedAt).not.toBeNull();
});

it('begins nothing once its window is over', async () => {
  const window = { from: '2026-01-01T00:00:00.000Z', until: '2026-01-01T04:00:00.000Z' };
  const { data } = await ended(rolloutPlan({ window }));
  expect(data.ending?.why).toContain('The window ended: Thu 1 Jan, 04:00 UTC; goldbot stopped there: ');
  expect(askedOf(workers.name)).toEqual([]);
});

describe('a set whose owner is asked before Azure upgrades it', () => {
  const front = { ...jobs, id: jobs.id.replace(jobs.name, 'vmss-web-front'), name: 'vmss-web-front' };
  const { gallery } = rolloutPlan();

  /** A newer version is there, and Azure asks about it: the set has eight hours to answer. */
  async function isAsked(): Promise<void> {
    const path = (number: string) => galleryVersionId(gallery, number);
    await ask(world.sandbox, 'PUT', `${path('1.6.0')}?api-version=2024-03-03`, {
      location: 'westeurope',
      properties: {
        publishingProfile: { targetRegions: [{ name: 'West Europe' }] },
        storageProfile: { source: { id: path('1.5.0') } },
      },
    });
    world.clock.advance(60);
    for (let n = 0; (await world.azure.read.upgradeQuestions(front.id)).length === 0; n += 1) {
      if (n > 30) throw new Error('Azure asks nothing');
      world.clock.advance(10);
    }
  }
  const plan = (more: Partial<RolloutPlan> = {}) =>
    rolloutPlan({ version: '1.6.0', sets: [{ ...front, way: 'azure', asks: 'hook' }], ...more });

  it('is let upgrade, and watched until all of it is there', async () => {
    await isAsked();
    const { data } = await ended(plan());
    expect(data.ending).toEqual({ how: 'done', why: '8 of 8 instances run 1.6.0.' });
    expect(data.warnings?.join(' ')).toContain('Without an answer Azure begins by itself with vmss-web-front at ');
    expect(world.changes('PATCH', /lifecycleHookEvents/)).toHaveLength(1);
    expect(world.changes('POST', /manualupgrade/)).toEqual([]);
  });

  it('waits for the window, because Azure is told to wait', async () => {
    await isAsked();
    const [question] = await world.azure.read.upgradeQuestions(front.id);
    const from = new Date((question?.until.getTime() ?? 0) + 4 * 3_600_000);
    const window = { from: from.toISOString(), until: new Date(from.getTime() + 8 * 3_600_000).toISOString() };
    const id = await start(plan({ window, approval: byAdmins(exampleCatalogue()) }));
    await world.approve(id);
    const { data, endedAt } = await world.endOfChange(id);
    expect(data.ending?.how).toBe('done');
    expect(endedAt?.getTime()).toBeGreaterThan(from.getTime());
    const told = world.changes('PATCH', /lifecycleHookEvents/).map(({ requestBody }) => requestBody);
    expect(told).toEqual([
      { properties: { waitUntil: new Date(from.getTime() + 30 * 60_000).toISOString() } },
      { properties: { targetResources: [expect.anything()] } },
    ]);
  });

  it('is kept waiting while it is deferred, and no rollout begins meanwhile; afterwards Azure still waits', async () => {
    await isAsked();
    const [question] = await world.azure.read.upgradeQuestions(front.id);
    const until = new Date((question?.until.getTime() ?? 0) + 4 * 3_600_000);
    const id = await start(deferPlan(0, { until: until.toISOString() }));
    await world.untilAny(id, ({ stage }) => stage === 'wait');
    const refused = await ended(plan({ team: 'web' }));
    expect(refused.data.ending).toMatchObject({
      how: 'failed',
      why: expect.stringContaining('Ada deferred ubuntu-22 for web until'),
    });
    const { data, endedAt } = await world.endOfChange(id);
    expect(data.ending?.why).toMatch(/^The deferral of ubuntu-22 for web ended at .*; where Azure still waits/);
    expect(endedAt?.getTime()).toBeGreaterThanOrEqual(until.getTime());
    // It is told to wait an hour longer, and gets no answer; that hour goes by in seconds of this world.
    expect(world.changes('PATCH', /lifecycleHookEvents/).map(({ requestBody }) => requestBody)).toEqual([
      { properties: { waitUntil: new Date(until.getTime() + 3_600_000).toISOString() } },
    ]);
  });

  it('is not deferred for longer than Azure waits', async () => {
    await isAsked();
    const { data } = await ended(deferPlan(world.clock.nowMs() + 3 * 86_400_000));
    expect(data.ending).toMatchObject({
      how: 'failed',
      why: expect.stringContaining('Azure waits with vmss-web-front no longer'),
    });
    expect(world.changes('PATCH', /lifecycleHookEvents/)).toEqual([]);
  });
});
