import { randomUUID } from 'node:crypto';
import { fingerprintOf } from '../../core/images';
import { isShownIn } from '../../core/lifecycle';
import { byApprovers, type ChangeData, changeSubject, type RequestId, type VersionPlan } from '../../core/runs';
import { verified } from '../../dialogs/present/certificate';
import { presentChange } from '../../dialogs/present/change';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { versionPlan } from '../support/changes';

let world: AzureWorld;
beforeAll(async () => {
  world = await azureWorld();
});
afterAll(() => world.close());

const [image] = exampleCatalogue().images.filter(({ name }) => name === 'ubuntu-22');
if (!image) throw new Error('the example catalogue lacks ubuntu-22');
const { subscription, buildResourceGroup: resourceGroup, location } = exampleCatalogue().azure;
const place = { subscription, resourceGroup, location };
const approval = byApprovers(image, new Date('2026-11-28T09:00:00Z'));
const back = (more: Partial<VersionPlan> = {}) => versionPlan('rollback', '1.5.0', { to: '1.4.1', ...more });

async function start(plan: VersionPlan): Promise<RequestId> {
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.grace } as const;
  return (await world.control.startOrJoin({ ...request, intent: randomUUID() })).run.id;
}
const ended = async (plan: VersionPlan) => (await world.endOfChange(await start(plan))).data.ending;

async function shownIn(version: string): Promise<readonly string[]> {
  const found = (await world.versions()).get(version);
  return found?.regions.flatMap(({ name }) => (isShownIn(found, name) ? [name] : [])) ?? [];
}

/** As if somebody else did it, in the portal. */
async function byHand(version: string, body: object): Promise<void> {
  const found = (await world.versions()).get(version);
  await ask(world.sandbox, 'PATCH', `${found?.id}?api-version=2024-03-03`, body);
  world.clock.advance(400);
}

it('goes back once an approver agrees, and forward again region by region', async () => {
  const before = await shownIn('1.5.0');
  const id = await start(back({ approval, reason: 'openssl regression' }));
  await world.untilAny(id, (run) => run.stage === 'approve');
  await world.asked(id);
  await world.approve(id, people.heidi);
  const { data } = await world.endOfChange(id);
  expect(data.ending?.why).toMatch(
    /^ubuntu-22 is back at 1\.4\.1: 1\.5\.0 is out of latest in every region\. Machines stay on what they run/,
  );
  expect(data.warnings?.join(' ')).toMatch(/1\.4\.1 would be latest instead of 1\.5\.0/);
  expect(await shownIn('1.5.0')).toEqual([]);
  const tags = (await world.versions()).get('1.5.0')?.tags;
  expect(tags).toMatchObject({ 'goldbot-state': 'rolled-back', 'goldbot-reason': 'openssl regression' });

  const [first = 'nowhere'] = before;
  const one = await ended(versionPlan('promote', '1.5.0', { regions: [first] }));
  expect(one?.why).toBe(`ubuntu-22 1.5.0 is offered in ${first}, and latest wherever no higher number is.`);
  expect(await shownIn('1.5.0')).toEqual([first]);
  expect((await world.versions()).get('1.5.0')?.tags['goldbot-state']).toBeUndefined();
  expect((await ended(versionPlan('promote', '1.5.0')))?.why).toBe(
    'ubuntu-22 1.5.0 is offered in every region that it is in, and latest wherever no higher number is.',
  );
  expect(await shownIn('1.5.0')).toEqual(before);
});

it('moves a channel from one version to another, and leaves latest as it is', async () => {
  const before = await shownIn('1.5.0');
  const stable = async () =>
    [...(await world.versions()).values()].flatMap(({ version, tags }) =>
      tags['goldbot-channel-stable'] === undefined ? [] : [version],
    );
  const first = await ended(versionPlan('channel', '1.4.1', { channel: 'stable' }));
  expect(first?.why).toBe('ubuntu-22 1.4.1 is the stable version now. Azure’s latest is what it was.');
  expect(await stable()).toEqual(['1.4.1']);
  const id = await start(versionPlan('channel', '1.5.0', { channel: 'stable', versions: ['1.5.0', '1.4.1'] }));
  const { data } = await world.endOfChange(id);
  expect(data).toMatchObject({ before: '1.5.0 in no channel, 1.4.1 in stable', ending: { how: 'done' } });
  expect(data.warnings).toEqual([
    'Azure’s latest is one for all: a channel says which version is meant for whom, and deploys nothing.',
    '1.4.1 leaves stable.',
  ]);
  expect(await stable()).toEqual(['1.5.0']);
  expect(await shownIn('1.5.0')).toEqual(before);
});

it('does not go back while something above is offered that nobody agreed to hide', async () => {
  const { how, why } = (await ended(versionPlan('rollback', '1.3.0', { to: '1.4.1' }))) ?? {};
  expect(how).toBe('failed');
  expect(why).toMatch(/^1\.5\.0 is above 1\.4\.1 as well, and nobody agreed to hide it\./);
  expect((await shownIn('1.5.0')).length).toBeGreaterThan(0);
});

it('does not promote what is offered, nor what nobody tested', async () => {
  expect((await ended(versionPlan('promote', '1.5.0')))?.why).toMatch(/^1\.5\.0 is offered there already/);
  const { id = '', regions = [] } = (await world.versions()).get('1.5.0') ?? {};
  const targetRegions = regions.map(({ name }) => ({ name }));
  const properties = {
    publishingProfile: { excludeFromLatest: true, targetRegions },
    storageProfile: { source: { id } },
  };
  const location = 'westeurope';
  const path = id.replace('1.5.0', '9.0.0');
  await ask(world.sandbox, 'PUT', `${path}?api-version=2024-03-03`, { location, properties });
  world.clock.advance(3_600);
  expect((await ended(versionPlan('promote', '9.0.0')))?.why).toMatch(
    /^Nobody tested 9\.0\.0: goldbot has no record of it\./,
  );
  await ask(world.sandbox, 'DELETE', `${path}?api-version=2024-03-03`);
  world.clock.advance(600);
});

it('looks once more before it exposes anything: what was changed after the approval stays hidden', async () => {
  expect((await ended(back()))?.how).toBe('done');
  const id = await start(versionPlan('promote', '1.5.0', { approval }));
  await world.untilAny(id, (run) => run.stage === 'approve');
  await world.asked(id);
  const { tags } = (await world.versions()).get('1.5.0') ?? {};
  await byHand('1.5.0', {
    tags: { ...tags, 'goldbot-source': 'Evil:Corp:image:1.0.0' },
    properties: { storageProfile: {} },
  });
  await world.approve(id, people.heidi);
  const { data } = await world.endOfChange(id);
  expect(data.ending).toMatchObject({ how: 'failed', why: expect.stringContaining('is not what goldbot tested') });
  expect(await shownIn('1.5.0')).toEqual([]);
});

it('comes back forward: a copy under a number above all others is latest, with what stands inside on its tags', async () => {
  const id = await start(back({ forward: '1.6.0', reason: 'openssl regression' }));
  const { data, plan } = await world.endOfChange(id);
  expect(data.warnings?.join(' ')).toContain('Then 1.4.1 comes back as 1.6.0, a copy');
  expect(data.ending?.why).toMatch(
    /^ubuntu-22 1\.4\.1 is back as 1\.6\.0, .*1\.5\.0 is out of latest in every region\./,
  );
  const all = await world.versions();
  const [copy, good] = [all.get('1.6.0'), all.get('1.4.1')];
  if (!copy || !good) throw new Error('a version is missing');
  expect(await shownIn('1.6.0')).toEqual(good.regions.map(({ name }) => name));
  expect(await shownIn('1.5.0')).toEqual([]);
  expect(copy.source).toBe(good.id.toLowerCase());
  expect(copy.endOfLife).toEqual(good.endOfLife);
  expect(copy.tags).toMatchObject({
    ...{ 'goldbot-copy-of': '1.4.1', 'goldbot-copied-by': id, 'goldbot-version': '1.4.1' },
    ...{ 'goldbot-tattoo-sha256': good.tags['goldbot-tattoo-sha256'], 'goldbot-published': expect.any(String) },
  });
  expect(copy.tags['goldbot-state']).toBeUndefined();
  const [put, ...puts] = world.changes('PUT', /versions\/1\.6\.0/);
  expect(puts).toEqual([]);
  // What is hidden and has no day of publishing is what a publish left, and would be cleaned up while it is being made.
  expect(put?.requestBody).toMatchObject({
    tags: { 'goldbot-published': expect.any(String), 'goldbot-state': 'being-copied' },
    properties: { publishingProfile: { excludeFromLatest: true } },
  });

  const kept = (await world.reads.recordedVersions('ubuntu-22')).get('1.6.0');
  expect(kept).toEqual({ runId: id, fingerprint: fingerprintOf(copy) });
  const deps = { reads: world.reads, read: world.azure.read };
  expect(await verified({ image: 'ubuntu-22', version: copy }, deps)).toMatchObject({
    verdict: 'unknown',
    because: expect.stringContaining(`it is a copy of 1.4.1, made in ${id}`),
  });
  const forged = { ...copy, tags: { ...copy.tags, 'goldbot-copy-of': '1.3.0' } };
  expect((await verified({ image: 'ubuntu-22', version: forged }, deps)).verdict).toBe('tampered');
  // The same again has nothing left to do; another run does not take the number for its own.
  expect((await ended(plan as VersionPlan))?.why).toMatch(/^1\.6\.0 is somebody else’s\. Nothing was changed\./);
});

it('ends half way with what stands there, which leftovers finds and the next run shows as it is', async () => {
  const plan = back({ versions: ['1.6.0'], forward: '1.7.0', reason: 'anew' });
  const hide = (excludeFromLatest: boolean) =>
    byHand('1.4.1', { properties: { publishingProfile: { excludeFromLatest }, storageProfile: {} } });
  const id = await start(plan);
  await world.untilAny(id, ({ data }) => /copying/.test((data as ChangeData).progress ?? ''));
  await hide(true);
  const failed = await world.endOfChange(id);
  expect(failed.data.ending).toEqual({
    how: 'failed',
    why: 'ubuntu-22 1.4.1 is not offered: nothing could go back to it. 1.7.0, a copy of 1.4.1, is in the gallery, out of latest: the same command again shows it, and “leftovers” deletes it.',
  });
  const text = presentChange(failed, { now: new Date() }).text;
  expect(text).toContain('rollback ubuntu-22 --to 1.4.1 --reason anew --forward');
  const made = (await world.versions()).get('1.7.0');
  const remains = await world.azure.read.remains(place, [plan.gallery]);
  expect(remains).toContainEqual(expect.objectContaining({ kind: 'copy', name: 'ubuntu-22@1.7.0', runId: id }));
  // The number is gone for good, whatever becomes of it.
  expect(await world.reads.versionsTaken('ubuntu-22')).toContain('1.7.0');

  await hide(false);
  const { id: next, data } = await world.endOfChange(await start(plan));
  expect(data.warnings?.join(' ')).toContain(
    `Then 1.7.0, the copy that ${id} made and did not show, is shown as it is`,
  );
  expect(data.ending?.how).toBe('done');
  expect(world.changes('PUT', /versions\/1\.7\.0/)).toHaveLength(1);
  const copy = (await world.versions()).get('1.7.0');
  expect(copy?.createdAt).toEqual(made?.createdAt);
  expect(copy?.tags['goldbot-copied-by']).toBe(next);
  expect((await shownIn('1.7.0')).length).toBeGreaterThan(0);
  const kept = (await world.reads.recordedVersions('ubuntu-22')).get('1.7.0');
  expect(kept).toEqual({ runId: next, fingerprint: copy && fingerprintOf(copy) });
});

it('does not show a copy that another run left once somebody has changed it', async () => {
  const plan = back({ versions: ['1.7.0'], forward: '1.8.0' });
  const id = await start(plan);
  await world.untilAny(id, ({ data }) => /copying/.test((data as ChangeData).progress ?? ''));
  await byHand('1.4.1', { properties: { publishingProfile: { excludeFromLatest: true }, storageProfile: {} } });
  await world.endOfChange(id);
  const { tags } = (await world.versions()).get('1.8.0') ?? {};
  await byHand('1.8.0', { tags: { ...tags, 'goldbot-os': 'Evil 1.0' }, properties: { storageProfile: {} } });
  await byHand('1.4.1', { properties: { publishingProfile: { excludeFromLatest: false }, storageProfile: {} } });
  expect((await ended(plan))?.why).toMatch(/^1\.8\.0 is somebody else’s\. Nothing was changed\./);
});
