import { randomUUID } from 'node:crypto';
import { changeSubject } from '../../core/runs';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { changesOfEachKind } from '../support/changes';

/** Each step's commit is lost once, after whatever the step did to Azure: a replica that dies there leaves just that. */
function losingEachCommitOnce() {
  const lost = new Set<string>();
  return async (boundary: string, { run }: { run: { id: string; version: number } }): Promise<void> => {
    const step = `${run.id}:${run.version}`;
    if (boundary !== 'before commit' || lost.has(step)) return;
    lost.add(step);
    throw new Error('the replica died');
  };
}

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
      versions: 11,
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
