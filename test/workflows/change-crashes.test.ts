import { randomUUID } from 'node:crypto';
import { type ChangeData, type ChangePlan, changeSubject } from '../../core/runs';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { withSecondGallery } from '../support/catalogue';
import { changesOfEachKind, pinnedSets, versionPlan } from '../support/changes';
import { losingEachCommitOnce } from '../support/losing';
import { inFull } from '../support/size';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld({ at: losingEachCommitOnce(), catalogue: withSecondGallery, moves: true });
});
afterEach(() => world.close());

/** One that a rollout upgrades takes the model, and has to be reimaged. */
async function oneKeepsItsDisk(): Promise<void> {
  const instance = `${pinnedSets.workers.id}/virtualMachines/3`;
  await ask(world.sandbox, 'POST', '/_sandbox/conditions', { upgrades: [{ instance, keepsDisk: true }] });
}

/** Each of them comes to its end. */
async function lived(plans: readonly ChangePlan[]): Promise<void> {
  for (const plan of plans) {
    const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.ada } as const;
    const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
    const ended = await world.endOfChange(run.id);
    expect({ verb: plan.verb, how: ended.data.ending?.how }).toEqual({ verb: plan.verb, how: 'done' });
  }
}

/** How often Azure was asked for what. */
function effects() {
  // Trials change a copy of their own.
  const golden = /\/images\/(?!goldbot-trials)[^/]+\/versions\//;
  const times = (method: string, path: RegExp) => world.changes(method, path).length;
  return {
    tags: times('PATCH', /\/tags\/default\?/),
    exemptions: times('PUT', /\/policyExemptions\//),
    remediations: times('PUT', /\/remediations\//),
    definitions: times('PUT', /\/policyDefinitions\//),
    assigned: times('PUT', /\/policyAssignments\/goldbot-golden-images/),
    agents: times('PUT', /\/policyAssignments\/goldbot-monitor-/),
    lifted: times('DELETE', /\/policyAssignments\//),
    asked: times('PUT', /\/runCommands\//),
    takenAway: times('DELETE', /\/runCommands\//),
    versions: times('PATCH', golden),
    takenOver: times('PATCH', /versions\/1\.9\.1\?/),
    copied: times('PUT', golden),
    deleted: times('DELETE', golden),
    given: times('PUT', /\/roleAssignments\//),
    takenBack: times('DELETE', /\/roleAssignments\//),
    shared: times('POST', /\/share\?/),
    models: times('PATCH', /\/virtualMachineScaleSets\/[^/]+\?/),
    batches: times('POST', /\/manualupgrade\?/),
    reimaged: times('POST', /\/reimage\?/),
  };
}

const quick: readonly ChangePlan['verb'][] = ['classify', 'exempt', 'restrict', 'grant', 'ungrant', 'retire'];

it('changes come to their end although every commit is lost once, and ask Azure for each effect once', async () => {
  await lived((await changesOfEachKind(world)).filter(({ verb }) => quick.includes(verb)));
  expect(effects()).toMatchObject({
    ...{ tags: 1, exemptions: 1, definitions: 1, assigned: 1, lifted: 1, given: 1, takenBack: 1, deleted: 1 },
  });
});

inFull('every change does', async () => {
  await oneKeepsItsDisk();
  await lived(await changesOfEachKind(world));
  await takesOver();
  expect(effects()).toEqual({
    ...{
      tags: 1,
      exemptions: 1,
      remediations: 1,
      definitions: 1,
      assigned: 1,
      // Of Linux, and of Windows.
      agents: 2,
      lifted: 1,
      asked: 3,
      // By hand, two of them.
      versions: 20,
      // By the run that ended half way was none; the next takes it over and shows it.
      takenOver: 2,
      copied: 3,
      deleted: 1,
      given: 1,
      takenBack: 1,
      // Given and taken back.
      shared: 2,
      // Two sets are behind; the five instances of one of them are moved one by one.
      models: 2,
      batches: 5,
      reimaged: 1,
    },
    // Deleting again while Azure is at it is no error.
    takenAway: expect.any(Number),
  });
  // Azure has no question that tells whether an evaluation goes on: this alone is repeated, and changes nothing.
  expect(world.changes('POST', /triggerEvaluation/)).toHaveLength(2);
});

/** A run that has copied ends because what it went back to is hidden by hand; the same again finishes its work. */
async function takesOver(): Promise<void> {
  const plan = versionPlan('rollback', '1.9.0', { to: '1.4.1', forward: '1.9.1' });
  const start = async () => {
    const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.ada } as const;
    return (await world.control.startOrJoin({ ...request, intent: randomUUID() })).run.id;
  };
  const hide = async (excludeFromLatest: boolean) => {
    const properties = { publishingProfile: { excludeFromLatest }, storageProfile: {} };
    const { id } = (await world.versions()).get('1.4.1') ?? {};
    await ask(world.sandbox, 'PATCH', `${id}?api-version=2024-03-03`, { properties });
    world.clock.advance(400);
  };
  const first = await start();
  await world.untilAny(first, ({ data }) => /copying/.test((data as ChangeData).progress ?? ''));
  await hide(true);
  expect((await world.endOfChange(first)).data.ending?.why).toContain('1.9.1, a copy of 1.4.1, is in the gallery');
  await hide(false);
  expect((await world.endOfChange(await start())).data.ending?.how).toBe('done');
}

it('a day that was agreed to, broken glass and its review come to their end all the same, each once', async () => {
  const { grace, heidi, judy } = people;
  const rule = { group: 'b0bb1e50-0000-4000-8000-000000000002', groupName: 'goldbot-approvers', quorum: 2 };
  const approval = { rule, ttlMs: 3 * 86_400_000, channel: 'Image Factory / approvals' };
  const at = new Date(world.clock.nowMs() + 2 * 86_400_000).toISOString();
  const plan = versionPlan('retire', '1.3.0', { approval, breakGlass: true, keeps: false, at });
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: grace } as const;
  const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
  await world.approve(run.id, heidi);
  await world.approve(run.id, judy);
  const waited = await world.untilAny(run.id, ({ stage }) => stage === 'wait');
  expect(waited.endedAt).toBeNull();
  const open = await world.untilAny(run.id, ({ stage }) => stage === 'review');
  expect(world.clock.nowMs()).toBeGreaterThanOrEqual(Date.parse(at));
  expect(open.data).toMatchObject({ ending: { how: 'done' } });
  await world.untilAny(run.id, ({ data }) => ((data as ChangeData).review?.asks ?? 0) >= 2);
  const review = {
    request: run.id,
    kind: 'review',
    intent: randomUUID(),
    body: { reason: 'a set was forgotten' },
  } as const;
  await world.control.signal({ ...review, person: { oid: 'dana', name: 'Dana' } });
  const { data } = await world.endOfChange(run.id);
  expect(data.review).toMatchObject({ by: { name: 'Dana' }, said: 'a set was forgotten' });
  expect(world.changes('DELETE', /\/images\/ubuntu-22\/versions\/1\.3\.0/)).toHaveLength(1);
  const asked = await world.database.query<{ topic: string }>(
    'select topic from card where topic like $1 order by topic',
    [`news:${run.id}:review-%`],
  );
  expect(asked.map(({ topic }) => topic.split(':')[2])).toEqual(
    Array.from({ length: data.review?.asks ?? 0 }, (_, n) => `review-${n + 1}`),
  );
});
