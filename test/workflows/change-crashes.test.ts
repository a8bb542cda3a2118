import { randomUUID } from 'node:crypto';
import { type ChangeData, changeSubject } from '../../core/runs';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { changesOfEachKind, versionPlan } from '../support/changes';
import { losingEachCommitOnce } from '../support/losing';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld({ at: losingEachCommitOnce() });
});
afterEach(() => world.close());

it('every change comes to its end although every commit is lost once, and asks Azure for each effect once', async () => {
  for (const plan of await changesOfEachKind(world)) {
    const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.ada } as const;
    const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
    const ended = await world.endOfChange(run.id);
    expect({ verb: plan.verb, how: ended.data.ending?.how }).toEqual({ verb: plan.verb, how: 'done' });
  }
  // Trials change a copy of their own.
  const golden = /\/images\/(?!goldbot-trials)[^/]+\/versions\//;
  const times = (method: string, path: RegExp) => world.changes(method, path).length;
  expect({
    tags: times('PATCH', /\/tags\/default\?/),
    exemptions: times('PUT', /\/policyExemptions\//),
    remediations: times('PUT', /\/remediations\//),
    definitions: times('PUT', /\/policyDefinitions\//),
    assigned: times('PUT', /\/policyAssignments\//),
    lifted: times('DELETE', /\/policyAssignments\//),
    asked: times('PUT', /\/runCommands\//),
    takenAway: times('DELETE', /\/runCommands\//),
    versions: times('PATCH', golden),
    copied: times('PUT', golden),
    deleted: times('DELETE', golden),
    given: times('PUT', /\/roleAssignments\//),
    takenBack: times('DELETE', /\/roleAssignments\//),
    shared: times('POST', /\/share\?/),
    models: times('PATCH', /\/virtualMachineScaleSets\/[^/]+\?/),
    batches: times('POST', /\/manualupgrade\?/),
  }).toEqual({
    ...{
      tags: 1,
      exemptions: 1,
      remediations: 1,
      definitions: 1,
      assigned: 1,
      lifted: 1,
      asked: 3,
      versions: 13,
      copied: 1,
      deleted: 1,
      given: 1,
      takenBack: 1,
      // Given and taken back.
      shared: 2,
      // Two sets are behind; the five instances of one of them are moved one by one.
      models: 2,
      batches: 5,
    },
    // Deleting again while Azure is at it is no error.
    takenAway: expect.any(Number),
  });
  // Azure has no question that tells whether an evaluation goes on: this alone is repeated, and changes nothing.
  expect(times('POST', /triggerEvaluation/)).toBe(2);
});

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
