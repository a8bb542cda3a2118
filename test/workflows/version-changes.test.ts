import { randomUUID } from 'node:crypto';
import type { Person } from '../../core/access';
import { UserError } from '../../core/errors';
import { byApprovers, type ChangeData, changeSubject, type RequestId, type VersionPlan } from '../../core/runs';
import { revoke } from '../../workflows/change/versions';
import { createLockControl } from '../../workflows/start';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { versionPlan } from '../support/changes';

let world: AzureWorld;
beforeAll(async () => {
  world = await azureWorld({ moves: true });
});
afterAll(() => world.close());

const [image] = exampleCatalogue().images.filter(({ name }) => name === 'ubuntu-22');
if (!image) throw new Error('the example catalogue lacks ubuntu-22');
const approval = byApprovers(image, new Date('2026-11-28T09:00:00Z'));

async function start(plan: VersionPlan): Promise<RequestId> {
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.grace } as const;
  return (await world.control.startOrJoin({ ...request, intent: randomUUID() })).run.id;
}

/** As if somebody else did it, in the portal. */
async function byHand(version: string, excludeFromLatest: boolean): Promise<void> {
  const found = (await world.versions()).get(version);
  const targetRegions = found?.regions.map(({ name, replicas }) => ({ name, regionalReplicaCount: replicas }));
  const profile = { publishingProfile: { excludeFromLatest, targetRegions }, storageProfile: {} };
  await ask(world.sandbox, 'PATCH', `${found?.id}?api-version=2024-03-03`, { properties: profile });
  world.clock.advance(60);
}

const offered = async () =>
  [...(await world.versions()).values()].flatMap(({ version, excludedFromLatest }) =>
    excludedFromLatest ? [] : [version],
  );

/** Everything as in the beginning: 1.4.1 and 1.5.0 are offered. */
async function restored(...versions: readonly string[]): Promise<void> {
  for (const version of versions) {
    const { data } = await world.endOfChange(await start(versionPlan('restore', version)));
    expect(data.ending?.how).toBe('done');
  }
  expect(await offered()).toEqual(['1.4.1', '1.5.0']);
}

it('a version is revoked once an approver agrees, and can be restored', async () => {
  const before = (await world.versions()).get('1.5.0');
  const id = await start(versionPlan('revoke', '1.5.0', { approval, reason: 'openssl regression' }));
  await world.untilAny(id, (run) => run.stage === 'approve');
  const { rule } = await world.asked(id);
  expect(rule.groupName).toBe('goldbot-approvers');
  await world.approve(id, people.heidi);
  const { data, plan } = await world.endOfChange(id);
  expect(data.ending?.why).toMatch(/^ubuntu-22 1\.5\.0 is out of latest in every region; it stays in the gallery/);
  expect(data.before).toBe('offered');
  expect(plan).toMatchObject({ radius: { breaks: [], digest: expect.stringMatching(/^[0-9a-f]{8}$/) } });
  expect(data.warnings?.join(' ')).toMatch(/1\.4\.1 would be latest instead of 1\.5\.0\. 2 would take another version/);
  const after = (await world.versions()).get('1.5.0');
  expect(after?.tags).toEqual({ ...before?.tags, 'goldbot-state': 'revoked', 'goldbot-reason': 'openssl regression' });
  expect(after).toMatchObject({ excludedFromLatest: true, endOfLife: before?.endOfLife });
  await restored('1.5.0');
  expect((await world.versions()).get('1.5.0')).toEqual(before);
});

it('what was built from it goes first, in the turns of both images; a missing role lets others go on', async () => {
  const windows = versionPlan('revoke', '1.1.0', { image: 'windows-2022' });
  const descendants = [{ image: 'windows-2022', gallery: windows.gallery, version: '1.1.0' }];
  const sent = world.changes('PATCH', /\/versions\//).length;
  const id = await start(versionPlan('revoke', '1.4.1', { descendants }));
  const { data } = await world.endOfChange(id);
  expect(data.ending?.why).toMatch(
    /^windows-2022 1\.1\.0, ubuntu-22 1\.4\.1 are out of latest in every region; they stay/,
  );
  const written = world.changes('PATCH', /\/versions\//).slice(sent);
  expect(written.map(({ url }) => /images\/([^/]+)\/versions/.exec(url)?.[1])).toEqual(['windows-2022', 'ubuntu-22']);
  const turns = await world.database.query('select image from image_turn where run_id = $1 order by image', [id]);
  expect(turns.map((turn) => turn['image'])).toEqual(['ubuntu-22', 'windows-2022']);
  await world.endOfChange(await start(versionPlan('restore', '1.1.0', { image: 'windows-2022' })));
  await restored('1.4.1');

  const left: string[] = [];
  const kind = revoke({
    catalogue: exampleCatalogue,
    outcomeOf: async () => undefined,
    recorded: async () => undefined,
    takeTurn: async (_, run) => run,
    leaveTurn: async (of) => void left.push(of),
  });
  const forbidden = async () => {
    throw new UserError('AZ_FORBIDDEN', 'A role is missing.', { hint: 'Give it.' });
  };
  const plan = versionPlan('revoke', '1.4.1', { descendants });
  const read = { ...world.azure.read, version: forbidden };
  await expect(kind.next({ read, run: { id: 'R-22222', plan } } as never, plan)).rejects.toThrow('A role is missing.');
  expect(left).toEqual(['ubuntu-22', 'windows-2022']);
});

it('two that would hide the last versions together do not: the second looks when the first is done', async () => {
  const both = await Promise.all(['1.5.0', '1.4.1'].map((version) => start(versionPlan('revoke', version))));
  const ends = await Promise.all(both.map((id) => world.endOfChange(id)));
  const hows = ends.map(({ data }) => data.ending?.how);
  expect([...hows].sort()).toEqual(['done', 'failed']);
  const failed = ends.find(({ data }) => data.ending?.how === 'failed');
  expect(failed?.data.ending?.why).toMatch(
    /^(since it was agreed to, something else came to depend on it: as of .*|)scale set vmss-\S+ \(\w+\) could not scale out: no version would be latest where it is/,
  );
  expect(await offered()).toHaveLength(1);
  await restored(hows[0] === 'done' ? '1.5.0' : '1.4.1');
});

it('what comes to depend on a version after it was agreed to ends the run, with nothing done', async () => {
  const id = await start(versionPlan('revoke', '1.5.0', { approval }));
  await world.untilAny(id, (run) => run.stage === 'approve');
  await world.asked(id);
  await byHand('1.4.1', true);
  const patches = world.changes('PATCH', /versions\/1\.5\.0/).length;
  await world.approve(id, people.heidi);
  const { data } = await world.endOfChange(id);
  expect(data.ending?.how).toBe('failed');
  expect(data.ending?.why).toMatch(
    /^since it was agreed to, something else came to depend on it: as of .* scale set vmss-payments-api \(payments\) could not scale out: no version would be latest where it is, and 1 more$/,
  );
  expect(world.changes('PATCH', /versions\/1\.5\.0/)).toHaveLength(patches);
  await byHand('1.4.1', false);
});

it('one that is agreed to for a later day waits for it, however long ago that was, and can be cancelled until then', async () => {
  const at = new Date(world.clock.nowMs() + 9 * 86_400_000).toISOString();
  const id = await start(versionPlan('revoke', '1.5.0', { approval, at }));
  await world.approve(id, people.heidi);
  await world.untilAny(id, (run) => run.stage === 'wait' && run.dueAt.getTime() >= Date.parse(at));
  expect(await offered()).toEqual(['1.4.1', '1.5.0']);
  const { data } = await world.endOfChange(id);
  expect(data.ending?.how).toBe('done');
  expect(world.clock.nowMs()).toBeGreaterThanOrEqual(Date.parse(at));
  await restored('1.5.0');
  const later = new Date(world.clock.nowMs() + 9 * 86_400_000).toISOString();
  const second = await start(versionPlan('revoke', '1.5.0', { at: later, approval }));
  await world.approve(second, people.heidi);
  const body = { reason: 'the fix is out' };
  await world.control.signal({ request: second, kind: 'cancel', person: people.grace, body, intent: randomUUID() });
  expect((await world.endOfChange(second)).data.ending).toMatchObject({ how: 'cancelled', why: 'the fix is out' });
  expect(await offered()).toEqual(['1.4.1', '1.5.0']);
});

it('a lock of the image holds it until it is lifted', async () => {
  const locks = createLockControl({ database: world.database, clock: world.clock });
  const about = { image: 'ubuntu-22', reason: 'audit', person: people.heidi } as const;
  await locks.lock({ ...about, intent: randomUUID() });
  const id = await start(versionPlan('revoke', '1.4.1'));
  const held = await world.untilAny(id, (run) => run.stage === 'hold');
  expect(held.data).toMatchObject({ held: { holds: [{ kind: 'lock', why: 'audit' }] } });
  await locks.unlock({ ...about, isAdmin: true, intent: randomUUID() });
  expect((await world.endOfChange(id)).data.ending?.how).toBe('done');
  await restored('1.4.1');
});

const windows = { image: 'windows-2022', keeps: true } as const;
const gallery = exampleCatalogue().azure.gallery;
const galleryPath = `/subscriptions/${exampleCatalogue().azure.subscription}/resourceGroups/${gallery.resourceGroup}/providers/Microsoft.Compute/galleries/${gallery.name}`;

it('a version is taken out of latest, then deleted, and comes back from where the gallery keeps it', async () => {
  const path = `${galleryPath}?api-version=2024-03-03`;
  await ask(world.sandbox, 'PATCH', path, { properties: { softDeletePolicy: { isSoftDeleteEnabled: true } } });
  world.clock.advance(5);
  const { lifts = '' } = { lifts: (await world.versions('windows-2022')).get('1.1.0')?.endOfLife?.toISOString() };
  const first = world.sandbox.exchanges.length;
  const retired = await world.endOfChange(await start(versionPlan('retire', '1.1.0', { ...windows, lifts })));
  expect(retired.data.ending?.why).toMatch(/^windows-2022 1\.1\.0 is deleted\. Until .* it can be restored\.$/);
  expect(retired.data.warnings?.slice(0, 2)).toEqual([
    'The gallery keeps it for 7 days: until then it can be restored, and anyone who names its number can deploy it.',
    expect.stringMatching(/^Its deletion is blocked until .*: that is lifted\.$/),
  ]);
  const writes = world.sandbox.exchanges.slice(first).filter(({ method }) => method === 'PATCH' || method === 'DELETE');
  expect(writes.map(({ method }) => method)).toEqual(['PATCH', 'DELETE']);
  expect(writes[0]?.requestBody).toMatchObject({
    properties: {
      publishingProfile: { excludeFromLatest: true },
      safetyProfile: { blockDeletionBeforeEndOfLife: false },
    },
  });
  expect([...(await world.versions('windows-2022')).keys()]).toEqual(['1.2.0']);

  const deleted = { ...windows, deleted: true } as const;
  const restored = await world.endOfChange(await start(versionPlan('restore', '1.1.0', deleted)));
  expect(restored.data).toMatchObject({ before: 'deleted, and kept by the gallery', ending: { how: 'done' } });
  const back = (await world.versions('windows-2022')).get('1.1.0');
  expect(back).toMatchObject({ excludedFromLatest: false, tags: { 'goldbot-state': 'aged' } });
  expect(back?.tags['goldbot-reason']).toBeUndefined();
});

it('a version whose deletion somebody blocks meanwhile is not deleted', async () => {
  const id = await start(versionPlan('retire', '1.1.0', { ...windows, approval }));
  await world.untilAny(id, (run) => run.stage === 'approve');
  await world.asked(id);
  const plan = versionPlan('eol', '1.1.0', { image: 'windows-2022', until: '2027-09-01T00:00:00.000Z' });
  expect((await world.endOfChange(await start(plan))).data.ending?.why).toBe('windows-2022 1.1.0 ends on 1 Sep 2027.');
  await world.approve(id, people.heidi);
  const { data } = await world.endOfChange(id);
  expect(data.ending?.why).toBe('since it was agreed to, somebody blocked its deletion until 1 Sep 2027');
  expect((await world.versions('windows-2022')).get('1.1.0')?.excludedFromLatest).toBe(true);
});

it('a management lock on the gallery ends it before anybody is asked', async () => {
  const lock = `${galleryPath}/providers/Microsoft.Authorization/locks/keep?api-version=2020-05-01`;
  await ask(world.sandbox, 'PUT', lock, { properties: { level: 'CanNotDelete' } });
  const { data } = await world.endOfChange(await start(versionPlan('retire', '1.1.0', { ...windows, approval })));
  expect(data.ending?.why).toContain('A management lock on gold keeps 1.1.0 from being deleted.');
  await ask(world.sandbox, 'DELETE', lock);
});

it('an end of life is set and cleared, and a version is marked as aged', async () => {
  const done = async (plan: VersionPlan) => (await world.endOfChange(await start(plan))).data.ending?.why;
  expect(await done(versionPlan('eol', '1.5.0', { until: '2027-06-01T00:00:00.000Z' }))).toBe(
    'ubuntu-22 1.5.0 ends on 1 Jun 2027.',
  );
  expect(await done(versionPlan('eol', '1.5.0', { until: null }))).toBe('ubuntu-22 1.5.0 has no end of life.');
  expect((await world.versions()).get('1.5.0')).toMatchObject({ blockDeletionBeforeEndOfLife: false });
  expect((await world.versions()).get('1.5.0')?.endOfLife).toBeUndefined();
  expect(await done(versionPlan('age', '1.4.1', { replacedBy: '1.6.0' }))).toBe(
    'ubuntu-22 1.4.1 is aged: 1.6.0 replaces it.',
  );
  expect((await world.versions()).get('1.4.1')?.tags['goldbot-replaced-by']).toBe('1.6.0');
});

it.each([
  ['revoke', '9.9.9', 'The gallery has no version 9.9.9 of ubuntu-22.'],
  ['restore', '1.5.0', '1.5.0 is not revoked: there is nothing to restore.'],
  [
    ...(['retire', '1.3.0'] as const),
    'scale set vmss-data-workers (data) could not scale out, reimage or repair: it names this version; nothing was changed.',
  ],
] as const)('%s %s fails before anybody is asked', async (verb, version, why) => {
  const { data } = await world.endOfChange(await start(versionPlan(verb, version, { approval, keeps: true })));
  expect(data.ending?.why).toContain(why);
  expect(await offered()).toEqual(['1.4.1', '1.5.0']);
});

/** Cards about the run that are wanted, with where. */
async function newsOf(id: RequestId): Promise<readonly string[]> {
  const rows = await world.database.query<{ topic: string; place: string }>(
    'select topic, conversation_name as place from card where topic like $1 order by topic',
    [`news:${id}:%`],
  );
  return rows.map(({ topic, place }) => `${topic.split(':')[2]} in ${place}`);
}

it('broken glass takes two people, tells the teams, and stays open until somebody who took no part reviews it', async () => {
  const { grace, heidi, judy } = people;
  const glass = { ...approval, rule: { ...approval.rule, quorum: 2 } };
  const id = await start(versionPlan('retire', '1.3.0', { approval: glass, breakGlass: true, keeps: true }));
  await world.approve(id, heidi);
  expect((await world.untilAny(id, (run) => run.stage === 'approve')).endedAt).toBeNull();
  await world.approve(id, judy);
  const open = await world.untilAny(id, (run) => run.stage === 'review');
  expect(open.data).toMatchObject({ ending: { how: 'done' } });
  expect([...(await world.versions()).keys()]).not.toContain('1.3.0');
  expect(await newsOf(id)).toEqual([
    'team-data in data / ops',
    'team-legacy in legacy / ops',
    'team-payments in payments / ops',
    'team-web in web / ops',
  ]);
  expect(open.data).toMatchObject({
    affected: {
      data: {
        lines: expect.arrayContaining([
          'scale set vmss-data-workers cannot scale out, reimage or repair: it names this version.',
        ]),
      },
    },
  });
  // It holds up nobody else, not even who wants the same again.
  const same = await start(versionPlan('retire', '1.3.0', { keeps: true }));
  expect(same).not.toBe(id);
  expect((await world.endOfChange(same)).data.ending?.why).toContain('has no version 1.3.0');
  expect((await world.endOfChange(await start(versionPlan('revoke', '1.4.1')))).data.ending?.how).toBe('done');

  const say = (person: Person) =>
    world.control.signal({
      request: id,
      kind: 'review',
      person,
      body: { reason: 'a set was forgotten' },
      intent: randomUUID(),
    });
  for (const person of [grace, heidi, judy]) {
    await expect(say(person)).rejects.toMatchObject({
      code: 'APPROVAL_OWN',
      message: expect.stringContaining('You cannot review'),
    });
  }
  for (const asked of [1, 2]) {
    world.clock.advance(24 * 60);
    await world.untilAny(id, ({ data }) => (data as ChangeData).review?.asks === asked);
  }
  expect(await newsOf(id)).toEqual(
    expect.arrayContaining(['review-1 in Image Factory / approvals', 'review-2 in Image Factory / approvals']),
  );
  await say({ oid: 'a1d0c000-0000-4000-8000-000000000005', name: 'Dana' });
  const { data, outcome } = await world.endOfChange(id);
  expect(outcome).toBe('done');
  expect(data.review).toMatchObject({ asks: 2, by: { name: 'Dana' }, said: 'a set was forgotten' });
});
